/**
 * The HTTP server of natscope: serves GET and HEAD of a few paths, on one or more addresses. `natscope serve`,
 * `natscope bench --metrics-listen` and `startMetricsServer` of `natscope/client` all use it.
 *
 *   connection → listener: limits, TLS → admission: headers, rate limit, users → route → answer
 *
 * It never reads the body of a request.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ListenAddress } from "../input/kinds.ts";
import type { Family } from "../metrics/family.ts";
import { ExpectedError } from "../text/expected-error.ts";
import type { Log } from "../text/log.ts";
import { Admission } from "./admission.ts";
import { type ConnectionLimits, Listener } from "./listener.ts";
import { RequestMetrics } from "./request-metrics.ts";
import { sendText } from "./text-response.ts";
import type { LoadedWebConfig } from "./web-config/load.ts";

/** A request, its response, and the query of its URL. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
}

/** The answer at one path. */
export interface Route {
  /** Value of the label `handler` in `natscope_http_requests_total`. */
  readonly handler: string;
  /** Whether requests that arrive while the server closes get a 503. Default false. */
  readonly isRefusedWhileClosing?: boolean;
  /** Resolves when the client has the answer. May reject: the client then gets a 500, and the log the error. */
  answer(exchange: Exchange): Promise<void> | void;
}

/** Thrown by a route: the client gets this status, and the message as its body. */
export class HttpError extends ExpectedError {
  override readonly name: string = "HttpError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface HttpServerOptions {
  /** At least one. */
  readonly listen: readonly ListenAddress[];
  /** By path, with its leading slash. */
  readonly routes: ReadonlyMap<string, Route>;
  /** Body of a 404: a sentence that names the paths. */
  readonly notFound: string;
  readonly log: Log;
  /** TLS, headers, users and rate limit in force; called for each connection and request. Default: none of them. */
  readonly web?: () => LoadedWebConfig;
  /** Default `CONNECTION_LIMITS`; `maxConnections` holds for each address. */
  readonly limits?: Partial<ConnectionLimits>;
  /** Whether the server keeps the process alive. Default true. */
  readonly keepsProcessAlive?: boolean;
}

const NO_WEB_CONFIG: LoadedWebConfig = { headers: {}, users: new Map() };

/** Opened once, closed once. */
export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #listeners: readonly Listener[];
  readonly #admission: Admission;
  readonly #metrics = new RequestMetrics();

  constructor(options: HttpServerOptions) {
    this.#options = options;
    const { log, web = () => NO_WEB_CONFIG, limits = {}, keepsProcessAlive = true } = options;
    this.#admission = new Admission(web);
    this.#listeners = options.listen.map(
      (listen): Listener =>
        new Listener({
          listen,
          limits,
          keepsProcessAlive,
          tls: () => web().tls,
          metrics: this.#metrics,
          log,
          onRequest: (request, response, listener) => void this.#serve(request, response, listener),
        }),
    );
  }

  get isClosing(): boolean {
    return this.#listeners.some(({ isClosing }) => isClosing);
  }

  /**
   * Resolves to the base URL of each address, with the port that was bound: `http://127.0.0.1:7777`.
   *
   * @throws {ListenFailure} if one of the ports cannot be opened; the others are closed again
   */
  async open(): Promise<readonly string[]> {
    const results = await Promise.allSettled(this.#listeners.map((listener) => listener.open()));
    const failure = results.find((result) => result.status === "rejected");
    if (failure) {
      await this.close();
      throw failure.reason;
    }
    return results.map((result) => (result as PromiseFulfilledResult<string>).value);
  }

  /**
   * Waits for responses in flight. Until they are sent, connections are accepted for one request each, so that
   * clients get a 503.
   */
  async close(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
    await this.#admission.close();
  }

  /** Metrics of requests and refused connections, of all addresses together. */
  families(): Family[] {
    return this.#metrics.families();
  }

  /** Never rejects. */
  async #serve(request: IncomingMessage, response: ServerResponse, listener: Listener): Promise<void> {
    const { path, query } = parsePath(request.url ?? "/");
    const route = this.#options.routes.get(path);
    const isRefused = route?.isRefusedWhileClosing && this.isClosing;
    let handler = "none";
    response.on("close", () =>
      this.#metrics.answered(handler, response.writableFinished ? response.statusCode : 499),
    );
    try {
      if (listener.isLastRequest(request)) response.setHeader("Connection", "close");
      if (!(await this.#admission.admit(request, response))) return;
      if (!route) return sendText(response, 404, this.#options.notFound);
      handler = route.handler;
      if (!isAllowed(request, response)) return;
      if (isRefused) return sendText(response, 503, "shutting down");
      await route.answer({ request, response, query });
    } catch (error) {
      this.#answerFailure(response, error);
    }
  }

  #answerFailure(response: ServerResponse, error: unknown): void {
    if (error instanceof HttpError) {
      sendText(response, error.status, error.message);
      return;
    }
    // The request metrics count it as 499.
    if (isDisconnect(error)) return;
    this.#options.log.error("a request failed", { error });
    if (response.headersSent) response.destroy();
    else sendText(response, 500, "internal error; the log of natscope has the details");
  }
}

const METHODS = ["GET", "HEAD"];

/** Whether the method is allowed; if not, sends the 405. */
function isAllowed({ method }: IncomingMessage, response: ServerResponse): boolean {
  if (METHODS.includes(method ?? "")) return true;
  response.setHeader("Allow", METHODS.join(", "));
  sendText(response, 405, `expected ${METHODS.join(" or ")}`);
  return false;
}

/** Error codes of a stream that the client has closed. */
const DISCONNECT_CODES = ["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET", "EPIPE", "ECANCELED"];

function isDisconnect(error: unknown): boolean {
  return DISCONNECT_CODES.includes((error as NodeJS.ErrnoException).code ?? "");
}

/** Path and query of a request target. The path is compared undecoded: no path of natscope needs decoding. */
function parsePath(target: string): { path: string; query: URLSearchParams } {
  const [path = "", ...query] = target.replace(/^https?:\/\/[^/?#]*/i, "").split("?");
  return { path: path === "" ? "/" : path, query: new URLSearchParams(query.join("?")) };
}
