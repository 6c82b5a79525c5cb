/**
 * `startMetricsServer`: a small HTTP server for an application that has none and wants to be scraped. It has neither
 * TLS nor passwords: put a proxy in front of it if it is reachable from outside. An application with an HTTP server
 * of its own adds a route instead.
 */
import { isIPv6 } from "node:net";
import { register as defaultRegistry } from "prom-client";
import { ListenFailure } from "../http/listener.ts";
import { type Exchange, HttpError, HttpServer, type Route } from "../http/server.ts";
import { send, sendText } from "../http/text-response.ts";
import type { Log } from "../text/log.ts";
import { warnProcess } from "../text/process-warning.ts";
import { errorMessage } from "../text/wording.ts";

/** The part of a registry that is served: prom-client's `Registry`, or an object of its shape. */
export interface ServedRegistry {
  /** Content type of the text from `metrics()`: Prometheus text or OpenMetrics. */
  readonly contentType: string;
  metrics(): Promise<string>;
}

/** All are optional. */
export interface MetricsServerOptions {
  /** 0 to 65535; 0 takes any free port. Default 9090. */
  readonly port?: number;
  /** Address to listen on. Default: all addresses of this machine. */
  readonly host?: string;
  /** Path of the metrics. Default `/metrics`. */
  readonly path?: string;
  /** Default: prom-client's own `register`, which `instrument` uses by default, too. */
  readonly registry?: ServedRegistry;
}

/** A server that listens. It does not keep the process running. */
export interface MetricsServer extends AsyncDisposable {
  /** URL of the metrics: `http://localhost:9090/metrics`. */
  readonly url: string;
  readonly port: number;
  /** Waits up to 5 s for responses in flight, and frees the port. May be called again. */
  close(): Promise<void>;
}

const LIVENESS_PATH = "/livez";
const LIMITS = { maxConnections: 128, closeGraceMs: 5000 };

type Complete = Required<Omit<MetricsServerOptions, "host">> & Pick<MetricsServerOptions, "host">;

/**
 * Serves a registry's metrics, and `/livez`, which answers `ok` while the process runs. Resolves when it listens.
 *
 * @throws {TypeError} naming every invalid option
 * @throws {Error} if the port cannot be opened; `code` is the system's, such as EADDRINUSE
 */
export async function startMetricsServer(options: MetricsServerOptions = {}): Promise<MetricsServer> {
  const { port, host, path, registry } = complete(options);
  const server = new HttpServer({
    listen: [{ port, ...(host !== undefined && { host }) }],
    routes: new Map<string, Route>([
      [LIVENESS_PATH, { handler: "livez", answer: ({ response }) => sendText(response, 200, "ok") }],
      [path, { handler: "metrics", answer: collecting(registry) }],
    ]),
    notFound: `not found; metrics are at ${path}`,
    limits: LIMITS,
    keepsProcessAlive: false,
    log,
  });
  const [address = ""] = await server.open().catch(fail);
  const bound = Number(new URL(address).port);
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= server.close();
    return closed;
  };
  const name = isIPv6(host ?? "") ? `[${host}]` : host || "localhost";
  return { url: `http://${name}:${bound}${path}`, port: bound, close, [Symbol.asyncDispose]: close };
}

/** A library has no log. Warnings of a closing server do not concern the application. */
const log: Log = {
  info: () => {},
  warn: () => {},
  error: (message) => warnProcess(`metrics server: ${message}`),
};

function fail(error: unknown): never {
  if (!(error instanceof ListenFailure)) throw error;
  const { message, code, cause } = error;
  throw Object.assign(new Error(`startMetricsServer: ${message}`, { cause }), { code });
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

/** Warns the process of the first of several failures in a row, and does not show the reason to the client. */
function collecting(registry: ServedRegistry) {
  let isFailing = false;
  return async ({ response }: Exchange): Promise<void> => {
    let text: string;
    try {
      text = await registry.metrics();
      isFailing = false;
    } catch (error) {
      if (!isFailing) warnProcess(`metrics cannot be collected: ${errorMessage(error)}`);
      isFailing = true;
      throw new HttpError(500, "metrics cannot be collected");
    }
    send(response, 200, registry.contentType, text);
  };
}
