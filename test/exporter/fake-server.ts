/** A monitoring port with deliberate faults. Real servers and their saved replies cover everything else. */
import http from "node:http";
import https from "node:https";
import type { AddressInfo, Socket } from "node:net";

export type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;

export interface FakeServer extends AsyncDisposable {
  readonly url: URL;
  /** Requested paths with their queries, in order. */
  readonly asked: readonly string[];
  /** Number of requests that arrived while another one to the same endpoint was open. */
  readonly overlaps: number;
  /** Open requests. */
  readonly open: number;
  /** Connections accepted so far. */
  readonly connections: number;
  /** Closes all connections at once, idle or not. */
  dropConnections(): void;
}

/** Listens on a free port of 127.0.0.1 until disposed. */
export async function fakeServer(answer: Answer, tls?: https.ServerOptions): Promise<FakeServer> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const open = new Map<string, Set<Socket>>();
  let connections = 0;
  let overlaps = 0;
  const listener = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    const path = request.url as string;
    const endpoint = path.split("?", 1)[0] as string;
    const others = open.get(endpoint) ?? new Set();
    open.set(endpoint, others);
    // The socket of a client that gave up is closed, although the server may not have read its end yet.
    if ([...others].some((socket) => !socket.destroyed && !hasEnded(socket))) overlaps++;
    others.add(request.socket);
    response.on("close", () => others.delete(request.socket));
    asked.push(path);
    answer(request, response);
  };
  const server = tls ? https.createServer(tls, listener) : http.createServer(listener);
  server.keepAliveTimeout = 0;
  server.on("connection", (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const dropConnections = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: new URL(`${tls ? "https" : "http"}://127.0.0.1:${port}`),
    asked,
    get overlaps() {
      return overlaps;
    },
    get open() {
      return [...open.values()].reduce((sum, sockets) => sum + sockets.size, 0);
    },
    get connections() {
      return connections;
    },
    dropConnections,
    async [Symbol.asyncDispose]() {
      dropConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function hasEnded(socket: Socket): boolean {
  return socket.readableEnded;
}

/** Answers 200 with the value as JSON. */
export function answerJson(value: unknown): Answer {
  return (_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(value, null, 2));
  };
}
