/**
 * `startMetricsServer`: a small HTTP server for an application that has none and wants to be scraped. It has
 * neither TLS nor passwords nor compression: an application with a server of its own adds a route instead, and
 * one that is reached from outside stands behind a proxy.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, isIPv6 } from "node:net";
import { register as defaultRegistry } from "prom-client";
import { warnProcess } from "../text/process-warning.ts";
import { errorMessage } from "../text/wording.ts";

/** The part of a registry that is served: prom-client's `Registry`, or anything of its shape. */
export interface ServedRegistry {
  /** Of the text that `metrics()` gives: the registry's format, Prometheus' own or OpenMetrics. */
  readonly contentType: string;
  metrics(): Promise<string>;
}

/** Every one is optional. */
export interface MetricsServerOptions {
  /** 0 to 65535, where 0 is any that is free. Default 9090. */
  readonly port?: number;
  /** Address to listen on. Default: all of this machine's. */
  readonly host?: string;
  /** Where the metrics are. Default `/metrics`. */
  readonly path?: string;
  /** Default: prom-client's own `register`, where `instrument` puts its metrics too. */
  readonly registry?: ServedRegistry;
}

/** A server that listens. It does not keep the process running, and ends with it. */
export interface MetricsServer extends AsyncDisposable {
  /** Of the metrics: `http://localhost:9090/metrics`. */
  readonly url: string;
  readonly port: number;
  /** Lets answers under way end, and frees the port. May be called again. */
  close(): Promise<void>;
}

const LIVENESS_PATH = "/livez";
/** For a request to be whole. */
const REQUEST_TIMEOUT_MS = 10_000;
/** Above the usual scrape intervals, so that a connection lasts from scrape to scrape. */
const KEEP_ALIVE_MS = 125_000;
const MOST_CONNECTIONS = 128;
const MOST_HEADER_BYTES = 16 * 1024;
/** How long `close` waits for answers under way. */
const CLOSE_GRACE_MS = 5000;

type Complete = Required<Omit<MetricsServerOptions, "host">> & Pick<MetricsServerOptions, "host">;

/**
 * Serves a registry's metrics, and `/livez`, which says `ok` while the process runs. Resolves when it listens.
 *
 * Rejects with a `TypeError` that names every wrong option, or with an `Error` that says why the port cannot be
 * had; its `code` is the system's, such as EADDRINUSE.
 */
export async function startMetricsServer(options: MetricsServerOptions = {}): Promise<MetricsServer> {
  const { port, host, path, registry } = complete(options);
  const answer = answering(path, registry);
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: REQUEST_TIMEOUT_MS / 4,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MOST_HEADER_BYTES,
    },
    answer,
  );
  server.maxConnections = MOST_CONNECTIONS;
  server.on("connection", (socket) => socket.unref());
  server.on("request", (_, response) => {
    response.on("close", () => {
      if (!server.listening) server.closeIdleConnections();
    });
  });
  await listen(server, port, host);
  server.unref();
  const bound = (server.address() as AddressInfo).port;
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= end(server);
    return closed;
  };
  const name = isIPv6(host ?? "") ? `[${host}]` : host || "localhost";
  return { url: `http://${name}:${bound}${path}`, port: bound, close, [Symbol.asyncDispose]: close };
}

function complete(options: MetricsServerOptions): Complete {
  const { port = 9090, host, path = "/metrics", registry = defaultRegistry } = options;
  const problems: string[] = [];
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    problems.push(`\`port\` is ${JSON.stringify(port)}: expected a whole number from 0 to 65535`);
  }
  if (host !== undefined && (typeof host !== "string" || host === "")) {
    problems.push(`\`host\` is ${JSON.stringify(host)}: expected a name or an address of this machine`);
  }
  if (typeof path !== "string" || !/^\/[^\s?#]*$/.test(path) || path === LIVENESS_PATH) {
    const expected = `a path that begins with / and is not ${LIVENESS_PATH}`;
    problems.push(`\`path\` is ${JSON.stringify(path)}: expected ${expected}`);
  }
  if (typeof registry?.metrics !== "function" || typeof registry.contentType !== "string") {
    problems.push("`registry` has no metrics() and contentType: give prom-client's Registry or one like it");
  }
  if (problems.length > 0) throw new TypeError(`startMetricsServer: ${problems.join("; ")}`);
  return { port, path, registry, ...(host !== undefined && { host }) };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const plain = (status: number, text: string): Answer => ({
  status,
  type: "text/plain; charset=utf-8",
  text: `${text}\n`,
});

function answering(path: string, registry: ServedRegistry) {
  const collect = collecting(registry);
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [asked] = (request.url ?? "").split("?", 1);
    if (asked !== path && asked !== LIVENESS_PATH) {
      send(request, response, plain(404, `nothing is here: metrics are at ${path}`));
    } else if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      send(request, response, plain(405, "expected GET or HEAD"));
    } else {
      send(request, response, asked === path ? await collect() : plain(200, "ok"));
    }
  };
}

/** Never rejects. What went wrong is not for those who scrape: the process hears of it, once in a row. */
function collecting(registry: ServedRegistry): () => Promise<Answer> {
  let isFailing = false;
  return async () => {
    try {
      const text = await registry.metrics();
      isFailing = false;
      return { status: 200, type: registry.contentType, text };
    } catch (error) {
      if (!isFailing) warnProcess(`metrics cannot be collected: ${errorMessage(error)}`);
      isFailing = true;
      return plain(500, "metrics cannot be collected");
    }
  };
}

function send({ method }: IncomingMessage, response: ServerResponse, { status, type, text }: Answer): void {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(text) });
  response.end(method === "HEAD" ? undefined : text);
}

async function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(listenFailure(error, port, host)));
    server.listen({ port, ...(host !== undefined && { host }) }, resolve);
  });
  // What fails later is one connection that could not be accepted: nothing that should end the application.
  server.on("error", (error) => warnProcess(`metrics server: ${error.message}`));
}

function listenFailure(cause: NodeJS.ErrnoException, port: number, host = "this machine"): Error {
  const sentences: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} of ${host} is in use`,
    EACCES: `port ${port} of ${host} may not be used by this account`,
    EADDRNOTAVAIL: `${host} is not an address of this machine`,
    ENOTFOUND: `${host} is not the name of a host that can be found`,
  };
  const { code = "", message } = cause;
  const why = sentences[code] ?? `port ${port} of ${host} cannot be opened: ${message}`;
  return Object.assign(new Error(`startMetricsServer: ${why}`, { cause }), { code });
}

async function end(server: Server): Promise<void> {
  const impatience = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS).unref();
  await new Promise<void>((resolve) => {
    server.close(() => resolve()); // Idle connections as well; the others see to it with their answer.
  });
  clearTimeout(impatience);
}
