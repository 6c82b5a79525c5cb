/**
 * Requests to the monitoring port of one nats-server (nats-server's monitor.go), over kept connections.
 *
 * Deliberately absent: retries of failed requests, redirects (the port is what was configured), a cache.
 */
import http from "node:http";
import https from "node:https";
import { EndpointAbsent, MonitoringError } from "./errors.ts";

/** TLS settings towards a monitoring port, as PEM texts. */
export interface MonitoringTls {
  /** Authorities to trust instead of the system's. */
  readonly ca?: string;
  /** Client certificate and its key, for servers that verify clients. */
  readonly certificate?: string;
  readonly key?: string;
  /** Name to request (SNI) and to verify. Default: the host of the URL. */
  readonly serverName?: string;
}

/** Address of a monitoring port, and how to connect to it. */
export interface MonitoringPort {
  /** Name of the server in error messages. */
  readonly name: string;
  /** Includes `http_base_path`; without credentials, without a trailing slash. */
  readonly url: URL;
  /** For basic auth at a proxy before the port; nats-server itself has none. */
  readonly credentials?: { readonly user: string; readonly password: string };
  readonly tls?: MonitoringTls;
}

export interface MonitoringRequest {
  /** Path and query below the URL of the port: `/connz?auth=true`. */
  readonly path: string;
  /** Maximum size of the reply. */
  readonly maxBytes: number;
  /** HTTP statuses of a usable reply. Default: 200. */
  readonly statuses?: readonly number[];
  /** Whether 404 means that this server does not have the endpoint. Default false. */
  readonly mayBeAbsent?: boolean;
}

/**
 * A port as one URL. Its credentials are taken out of the URL, so no error message shows them.
 *
 * @param url `https://user:password@host:8222/base`
 */
export function monitoringPortOf(url: string, tls?: MonitoringTls): MonitoringPort {
  const bare = new URL(url);
  const { username, password } = bare;
  bare.username = "";
  bare.password = "";
  return {
    name: bare.href.replace(/\/$/, ""),
    url: bare,
    ...((username !== "" || password !== "") && {
      credentials: { user: decodeURIComponent(username), password: decodeURIComponent(password) },
    }),
    ...(tls && { tls }),
  };
}

/** Keeps its connections until `close`. */
export class MonitoringClient {
  readonly #port: MonitoringPort;
  readonly #agent: http.Agent;
  #requestsInFlight = 0;

  constructor(port: MonitoringPort) {
    this.#port = port;
    const { tls } = port;
    const keepAlive = { keepAlive: true, keepAliveMsecs: 30_000, maxSockets: 16, timeout: 120_000 };
    this.#agent =
      port.url.protocol === "https:"
        ? new https.Agent({
            ...keepAlive,
            ...(tls?.ca !== undefined && { ca: tls.ca }),
            ...(tls?.certificate !== undefined && { cert: tls.certificate }),
            ...(tls?.key !== undefined && { key: tls.key }),
            ...(tls?.serverName !== undefined && { servername: tls.serverName }),
          })
        : new http.Agent(keepAlive);
  }

  get requestsInFlight(): number {
    return this.#requestsInFlight;
  }

  close(): void {
    this.#agent.destroy();
  }

  /** The request in a sentence: `GET /varz from n1`. A long query is cut: it may hold thousands of characters. */
  describe({ path }: Pick<MonitoringRequest, "path">): string {
    return `GET ${path.length > 120 ? `${path.slice(0, 120)}...` : path} from ${this.#port.name}`;
  }

  /**
   * The body of the reply.
   *
   * @throws {MonitoringError}
   * @throws {EndpointAbsent} if `mayBeAbsent` is set and the status is 404
   * @throws the signal's reason once it is aborted
   */
  async get(request: MonitoringRequest, signal: AbortSignal): Promise<Buffer> {
    const { statuses = [200] } = request;
    const reply = await this.#send(request, signal);
    if (!statuses.includes(reply.status)) throw statusError(reply, request, this.describe(request));
    return reply.body;
  }

  /** The reply as a value. Throws as `get` does. */
  async getJson(request: MonitoringRequest, signal: AbortSignal): Promise<unknown> {
    const body = await this.get(request, signal);
    try {
      return JSON.parse(body.toString("utf8"));
    } catch (error) {
      throw new MonitoringError("body", `${this.describe(request)} failed: the reply is not JSON`, {
        cause: error,
      });
    }
  }

  /**
   * Sends the request again if a kept connection was closed before the server had answered. Servers close idle
   * connections, sometimes at the moment of their next use; the last attempt uses a new connection.
   */
  async #send(request: MonitoringRequest, signal: AbortSignal): Promise<Reply> {
    for (;;) {
      try {
        return await this.#sendOnce(request, signal);
      } catch (error) {
        if (!(error instanceof StaleConnection)) throw error;
      }
    }
  }

  #sendOnce({ path, maxBytes }: MonitoringRequest, signal: AbortSignal): Promise<Reply> {
    const what = this.describe({ path });
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void =>
        reject(signal.aborted ? signal.reason : asMonitoringError(error, what));
      let request: http.ClientRequest;
      try {
        request = this.#request(path, signal);
      } catch (error) {
        return fail(error);
      }
      let isAnswered = false;
      this.#requestsInFlight++;
      request.on("response", async (response) => {
        isAnswered = true;
        try {
          const body = await readBody(response, maxBytes, what);
          resolve({ status: response.statusCode ?? 0, body });
        } catch (error) {
          fail(error);
          request.destroy();
        }
      });
      request.on("error", (error: NodeJS.ErrnoException) => {
        const isStale = request.reusedSocket && STALE_CODES.has(error.code ?? "") && !signal.aborted;
        if (isStale) reject(new StaleConnection());
        else fail(error);
      });
      // A connection can end without an error or a response (after an upgrade).
      request.on("close", () => {
        this.#requestsInFlight--;
        if (!isAnswered) fail(new Error(CUT_OFF));
      });
      request.end();
    });
  }

  /** Throws if a certificate or key is malformed: Node.js parses them with the first request. */
  #request(path: string, signal: AbortSignal): http.ClientRequest {
    const { url, credentials } = this.#port;
    const transport = url.protocol === "https:" ? https : http;
    return transport.request({
      agent: this.#agent,
      hostname: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port || (url.protocol === "https:" ? 443 : 80),
      path: url.pathname.replace(/\/$/, "") + path,
      signal,
      headers: { accept: "application/json", "user-agent": "natscope" },
      ...(credentials && { auth: `${credentials.user}:${credentials.password}` }),
    });
  }
}

interface Reply {
  readonly status: number;
  readonly body: Buffer;
}

const CUT_OFF = "the connection was closed before the reply was complete";

/** A kept connection was closed before the server had answered. */
class StaleConnection extends Error {}

const STALE_CODES: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE"]);

async function readBody(response: http.IncomingMessage, maxBytes: number, what: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        chunks.length = 0; // The error outlives this function; the chunks must not.
        throw new MonitoringError("too_large", `${what} failed: the reply is larger than ${maxBytes} bytes`);
      }
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof MonitoringError ? error : new Error(CUT_OFF, { cause: error });
  }
  return Buffer.concat(chunks, bytes);
}

const USE_HTTPS = "the port expects TLS: use https:// in its URL";

function statusError({ status, body }: Reply, { mayBeAbsent }: MonitoringRequest, what: string): Error {
  const failed = `${what} failed: HTTP status ${status}`;
  if (status === 404 && mayBeAbsent) return new EndpointAbsent(failed);
  if (status === 400 && body.includes("HTTP request to an HTTPS server")) {
    return new MonitoringError("tls", `${failed} (${USE_HTTPS})`);
  }
  return new MonitoringError("status", failed + hintAt(status));
}

function hintAt(status: number): string {
  if (status === 401 || status === 403) return " (credentials are missing or wrong)";
  if (status === 404) return " (is the server's http_base_path part of the URL?)";
  return status >= 300 && status < 400 ? " (redirects are not followed)" : "";
}

const TLS_ERROR =
  /^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/;

/** OpenSSL's errors about plain text in place of a TLS record. */
const NO_TLS = /:(wrong version number|packet length too long|http request):/;

const USE_HTTP = "the port does not use TLS: use http:// in its URL";

/** First byte of a TLS alert, with which some servers answer a plain request at a TLS port. */
const TLS_ALERT = 0x15;

function asMonitoringError(error: unknown, what: string): MonitoringError {
  if (error instanceof MonitoringError) return error;
  const { code = "", message, rawPacket } = error as NodeJS.ErrnoException & { rawPacket?: Buffer };
  const expectsTls = rawPacket?.[0] === TLS_ALERT;
  const isPlain = NO_TLS.test(message);
  const reason = expectsTls || isPlain || TLS_ERROR.test(code) ? "tls" : "connection";
  const why = expectsTls ? USE_HTTPS : isPlain ? USE_HTTP : describeError(error);
  return new MonitoringError(reason, `${what} failed: ${why}`, { cause: error });
}

/** One line about an error of the network. */
function describeError(error: unknown): string {
  // Several addresses of one host were tried, and each has an error.
  if (error instanceof AggregateError) return error.errors.map(describeError).join("; ");
  // OpenSSL's messages list its own source files and lines; its `reason` is a sentence.
  const { code = "", message, reason } = error as NodeJS.ErrnoException & { reason?: string };
  const [line = ""] = (reason || message || String(error)).trim().split("\n", 1);
  return code !== "" && !line.includes(code) ? `${line} (${code})` : line;
}
