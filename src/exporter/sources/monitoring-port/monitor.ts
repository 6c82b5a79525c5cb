/**
 * Asks one server's monitoring port. At most one request is under way to one endpoint: callers that want the
 * same reply share it, callers that want another reply of the same endpoint wait their turn. (A server has
 * deadlocked under overlapping `/jsz` requests: nats-server #5621.)
 *
 * Deliberately absent: retries of what a server failed to answer (the next scrape is one), redirects (a target is what was configured), a cache.
 */
import http from "node:http";
import https from "node:https";
import { isObject } from "../json.ts";
import type { Target } from "../target.ts";
import { Document } from "./document.ts";
import { CollectionFailure, EndpointAbsent } from "./failure.ts";
import { SharedFlights } from "./shared-flight.ts";

/** What to ask, and how to read the answer. */
export interface Request {
  /** Path and query below the target's base path: `/connz?auth=true`. */
  readonly path: string;
  /** Keys of the long arrays to read element by element (see `Document`); a reply without any is small. */
  readonly cut?: readonly string[];
  /** HTTP statuses that carry an answer; 200 where absent. */
  readonly statuses?: readonly number[];
  /** 404 says that this server has no such thing, which is no failure; false where absent. */
  readonly mayBeAbsent?: boolean;
}

export interface MonitorLimits {
  /** Most bytes of one reply. */
  readonly maxBodyBytes: number;
}

/**
 * Most bytes of a reply that has no long arrays to cut. Such a reply is parsed at once and a scrape keeps it to
 * its end, a dozen of them for each server: the larger limit is for the few that are large by nature.
 */
export const MAX_UNCUT_BODY_BYTES = 8 * 1024 * 1024;

/** One server's monitoring port, and natscope's connections to it until closed. */
export class Monitor {
  readonly #target: Target;
  readonly #limits: MonitorLimits;
  readonly #agent: http.Agent;
  readonly #flights = new SharedFlights<Document>();
  /** When the last request of each endpoint is over, however it ends: the next one of that endpoint waits for it. */
  readonly #turns = new Map<string, Promise<void>>();
  #requestsInFlight = 0;

  constructor(target: Target, limits: MonitorLimits) {
    this.#target = target;
    this.#limits = limits;
    const { tls } = target;
    const keepAlive = { keepAlive: true, keepAliveMsecs: 30_000, maxSockets: 16, timeout: 120_000 };
    this.#agent =
      target.url.protocol === "https:"
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

  /** Rejects with CollectionFailure, EndpointAbsent, or the deadline's reason. */
  ask(request: Request, deadline: AbortSignal): Promise<Document> {
    const endpoint = request.path.split("?", 1)[0] as string;
    return this.#flights.join(request.path, deadline, async (abandoned) => {
      const previous = this.#turns.get(endpoint);
      const mine = (async () => {
        await previous;
        abandoned.throwIfAborted();
        return this.#exchange(request, abandoned);
      })();
      const over = (): void => {}; // keeps neither the reply nor the error
      this.#turns.set(endpoint, mine.then(over, over));
      return this.#read(await mine, request, abandoned);
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  async #exchange(request: Request, abandoned: AbortSignal): Promise<Buffer> {
    const { statuses = [200] } = request;
    const reply = await this.#send(request, abandoned);
    if (!statuses.includes(reply.status)) throw statusFailure(reply, request, this.#what(request));
    return reply.body;
  }

  async #read(body: Buffer, request: Request, abandoned: AbortSignal): Promise<Document> {
    const document = await readDocument(body, request, abandoned, this.#what(request));
    if (isObject(document.root)) return document;
    throw new CollectionFailure("body", `${this.#what(request)} answered JSON that is not an object`);
  }

  /** The request as it is told. */
  #what({ path }: Request): string {
    return `${short(path)} of ${this.#target.name}`;
  }

  /**
   * Servers close idle connections, sometimes in the very moment of their next use. That is no failure of the
   * server's, so a request that an old connection lost unanswered is sent again, at last over a new one.
   */
  async #send(request: Request, abandoned: AbortSignal): Promise<Reply> {
    for (;;) {
      try {
        return await this.#sendOnce(request, abandoned);
      } catch (error) {
        if (!(error instanceof ConnectionWasStale)) throw error;
      }
    }
  }

  #sendOnce(asked: Request, abandoned: AbortSignal): Promise<Reply> {
    const what = this.#what(asked);
    const { maxBodyBytes } = this.#limits;
    const maxBytes = asked.cut ? maxBodyBytes : Math.min(maxBodyBytes, MAX_UNCUT_BODY_BYTES);
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void =>
        reject(abandoned.aborted ? abandoned.reason : asFailure(error, what));
      let request: http.ClientRequest;
      try {
        request = this.#request(asked.path, abandoned);
      } catch (error) {
        return fail(error);
      }
      let answered = false;
      this.#requestsInFlight++;
      request.on("response", async (response) => {
        answered = true;
        try {
          const body = await readBody(response, maxBytes, what);
          resolve({ status: response.statusCode ?? 0, body });
        } catch (error) {
          fail(error);
          request.destroy();
        }
      });
      request.on("error", (error: NodeJS.ErrnoException) => {
        const stale = request.reusedSocket && STALE.has(error.code ?? "") && !abandoned.aborted;
        if (stale) reject(new ConnectionWasStale());
        else fail(error);
      });
      // A connection can end without an error or an answer (an upgrade): the endpoint's next request waits for this one.
      request.on("close", () => {
        this.#requestsInFlight--;
        if (!answered) fail(new Error(CUT_OFF));
      });
      request.end();
    });
  }

  /** Throws where a certificate or key is not one: Node.js reads them with the first request. */
  #request(path: string, abandoned: AbortSignal): http.ClientRequest {
    const { url, credentials } = this.#target;
    const transport = url.protocol === "https:" ? https : http;
    return transport.request({
      agent: this.#agent,
      hostname: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port || (url.protocol === "https:" ? 443 : 80),
      path: url.pathname.replace(/\/$/, "") + path,
      signal: abandoned,
      headers: { accept: "application/json", "user-agent": "natscope" },
      ...(credentials && { auth: `${credentials.user}:${credentials.password}` }),
    });
  }
}

interface Reply {
  readonly status: number;
  readonly body: Buffer;
}

const CUT_OFF = "the connection closed before the answer was whole";

/** A kept connection turned out to be closed before the server said anything over it. */
class ConnectionWasStale extends Error {}

const STALE: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE"]);

async function readBody(response: http.IncomingMessage, maxBytes: number, what: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        chunks.length = 0; // Whoever waits for the rest of the scrape must not hold them.
        throw new CollectionFailure("too_large", `${what} answered more than ${maxBytes} bytes`);
      }
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof CollectionFailure ? error : new Error(CUT_OFF, { cause: error });
  }
  return Buffer.concat(chunks, bytes);
}

async function readDocument(
  body: Buffer,
  { cut }: Request,
  abandoned: AbortSignal,
  what: string,
): Promise<Document> {
  const reading = Document.read(body, cut);
  try {
    for (;;) {
      const { done, value } = reading.next();
      if (done) return value;
      await new Promise<void>((resolve) => setImmediate(resolve));
      abandoned.throwIfAborted();
    }
  } catch (error) {
    if (abandoned.aborted) throw abandoned.reason;
    throw new CollectionFailure("body", `${what} did not answer JSON: ${describe(error)}`, { cause: error });
  }
}

const USE_HTTPS = "it speaks TLS: use https:// in its URL";

function statusFailure({ status, body }: Reply, { mayBeAbsent }: Request, what: string): Error {
  const answered = `${what} answered HTTP ${status}`;
  if (status === 404 && mayBeAbsent) return new EndpointAbsent(answered);
  if (status === 400 && body.includes("HTTP request to an HTTPS server")) {
    return new CollectionFailure("tls", `${answered} (${USE_HTTPS})`);
  }
  return new CollectionFailure("status", answered + hintAt(status));
}

function hintAt(status: number): string {
  if (status === 401 || status === 403) return " (credentials are missing or wrong)";
  if (status === 404) return " (is the http_base_path of the server part of the URL?)";
  return status >= 300 && status < 400 ? " (redirects are not followed)" : "";
}

const TLS_ERROR =
  /^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/;

/** What OpenSSL says of text where a TLS record should begin, inside a line about itself. */
const NO_TLS = /:(wrong version number|packet length too long|http request):/;

const USE_HTTP = "it does not speak TLS: use http:// in its URL";

/** First byte of a TLS alert, which is how some servers answer a plain request on a TLS port. */
const TLS_ALERT = 0x15;

function asFailure(error: unknown, what: string): CollectionFailure {
  if (error instanceof CollectionFailure) return error;
  const { code = "", message, rawPacket } = error as NodeJS.ErrnoException & { rawPacket?: Buffer };
  const spokeTls = rawPacket?.[0] === TLS_ALERT;
  const spokeText = NO_TLS.test(message);
  const reason = spokeTls || spokeText || TLS_ERROR.test(code) ? "tls" : "connection";
  const why = spokeTls ? USE_HTTPS : spokeText ? USE_HTTP : describe(error);
  return new CollectionFailure(reason, `${what} could not be had: ${why}`, { cause: error });
}

/** A path as it is told: an account in its query may be thousands of characters long. */
function short(path: string): string {
  return path.length > 120 ? `${path.slice(0, 120)}...` : path;
}

/** One line about an error, without the text of a reply: replies may hold other people's secrets. */
function describe(error: unknown): string {
  if (error instanceof SyntaxError) return "the text is not valid JSON";
  // Several addresses of one name were tried, and each has its own error.
  if (error instanceof AggregateError) return error.errors.map(describe).join("; ");
  // OpenSSL's messages are lists of its own files and lines; its reason is a sentence.
  const { code = "", message, reason } = error as NodeJS.ErrnoException & { reason?: string };
  const [line = ""] = (reason || message || String(error)).trim().split("\n", 1);
  return code !== "" && !line.includes(code) ? `${line} (${code})` : line;
}
