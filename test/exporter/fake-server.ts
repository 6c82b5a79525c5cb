/**
 * A monitoring port that misbehaves on purpose. It stands for faults only: what real servers answer is tested
 * with real servers and their saved replies.
 */
import http from "node:http";
import https from "node:https";
import type { AddressInfo, Socket } from "node:net";

export type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;

export interface FakeServer extends AsyncDisposable {
  readonly url: URL;
  /** Paths with query that were asked, in order. */
  readonly asked: readonly string[];
  /** How often a request for an endpoint arrived while another one for it was open. */
  readonly overlaps: number;
  /** Requests that are open. */
  readonly open: number;
  /** Connections made so far. */
  readonly connections: number;
  /** Ends all connections at once, idle or not. */
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
    // A client that gave up has closed its socket, though its end may not have been read yet.
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

/** Answers 200 and the value as JSON. */
export function answerJson(value: unknown): Answer {
  return (_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(value, null, 2));
  };
}
