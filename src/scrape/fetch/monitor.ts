/**
 * Asks one server's monitoring port. At most one request is under way to one endpoint: callers that want the
 * same reply share it, callers that want another reply of the same endpoint wait their turn. (A server has
 * deadlocked under overlapping `/jsz` requests: nats-server #5621.)
 *
 * Deliberately absent: retries (the next scrape is one), redirects (a target is what was configured), a cache.
 */
import http from "node:http";
import https from "node:https";
import type { Target } from "../target.ts";
import { Document } from "./document.ts";
import { CollectionFailure, EndpointAbsent } from "./failure.ts";
import { SharedFlights } from "./shared-flight.ts";

/** What to ask, and how to read the answer. */
export interface Request {
  /** Path and query below the target's base path: `/connz?auth=true`. */
  readonly path: string;
  /** Keys of the long arrays to read element by element (see `Document`). */
  readonly cut?: readonly string[];
  /** HTTP statuses that carry an answer; 200 where absent. */
  readonly statuses?: readonly number[];
}

export interface MonitorLimits {
  /** Most bytes of one reply. */
  readonly maxBodyBytes: number;
}

export class Monitor {
  readonly #target: Target;
  readonly #limits: MonitorLimits;
  readonly #agent: http.Agent;
  readonly #flights = new SharedFlights<Document>();
  /** The last request of each endpoint, settled or not: the next one of that endpoint waits for it. */
  readonly #turns = new Map<string, Promise<unknown>>();
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
        await previous?.catch(() => {});
        abandoned.throwIfAborted();
        return this.#exchange(request, abandoned);
      })();
      this.#turns.set(endpoint, mine);
      const body = await mine;
      return readDocument(body, request);
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  #exchange({ path, statuses = [200] }: Request, abandoned: AbortSignal): Promise<Buffer> {
    const { url, credentials } = this.#target;
    const transport = url.protocol === "https:" ? https : http;
    const base = url.pathname.replace(/\/$/, "");
    return new Promise<Buffer>((resolve, reject) => {
      const fail = (error: unknown): void =>
        reject(abandoned.aborted ? abandoned.reason : asFailure(error, `${path} of ${this.#target.name}`));
      const request = transport.request(
        {
          agent: this.#agent,
          hostname: url.hostname.replace(/^\[|\]$/g, ""),
          port: url.port || (url.protocol === "https:" ? 443 : 80),
          path: base + path,
          signal: abandoned,
          headers: { accept: "application/json", "user-agent": "natscope" },
          ...(credentials && { auth: `${credentials.user}:${credentials.password}` }),
        },
        (response) => {
          const chunks: Buffer[] = [];
          let bytes = 0;
          response.on("data", (chunk: Buffer) => {
            bytes += chunk.length;
            if (bytes > this.#limits.maxBodyBytes) {
              const message = `${path} of ${this.#target.name} answered more than ${this.#limits.maxBodyBytes} bytes`;
              reject(new CollectionFailure("too_large", message));
              request.destroy();
              return;
            }
            chunks.push(chunk);
          });
          response.on("error", fail);
          response.on("close", () => fail(new Error("the connection closed before the answer was whole")));
          response.on("end", () => {
            const status = response.statusCode ?? 0;
            const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes);
            if (!response.complete) fail(new Error("the connection closed before the answer was whole"));
            else if (statuses.includes(status)) resolve(body);
            else reject(statusFailure(status, body, path, this.#target));
          });
        },
      );
      this.#requestsInFlight++;
      request.on("close", () => this.#requestsInFlight--);
      request.on("error", fail);
      request.end();
    });
  }
}

async function readDocument(body: Buffer, { path, cut }: Request): Promise<Document> {
  try {
    const reading = Document.read(body, cut);
    for (;;) {
      const { done, value } = reading.next();
      if (done) return value;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  } catch (error) {
    throw new CollectionFailure("body", `${path} did not answer JSON: ${describe(error)}`, { cause: error });
  }
}

function statusFailure(status: number, body: Buffer, path: string, target: Target): Error {
  if (status === 404) return new EndpointAbsent(`${path} of ${target.name} answered 404`);
  const hint =
    status === 401 || status === 403
      ? "credentials are missing or wrong"
      : body.includes("HTTP request to an HTTPS server")
        ? "it speaks TLS: use https:// in its URL"
        : status >= 300 && status < 400
          ? "redirects are not followed"
          : "";
  const message = `${path} of ${target.name} answered HTTP ${status}${hint && ` (${hint})`}`;
  return new CollectionFailure("status", message);
}

const TLS_ERROR = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/;

function asFailure(error: unknown, what: string): CollectionFailure {
  if (error instanceof CollectionFailure) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? "";
  const reason = TLS_ERROR.test(code) ? "tls" : "connection";
  return new CollectionFailure(reason, `${what} could not be had: ${describe(error)}`, { cause: error });
}

/** One line about an error, without the text of a reply: replies may hold other people's secrets. */
function describe(error: unknown): string {
  if (error instanceof SyntaxError) return "the text is not valid JSON";
  const { code, message } = error as NodeJS.ErrnoException;
  return code && !message?.includes(code) ? `${message} (${code})` : String(message ?? error);
}
