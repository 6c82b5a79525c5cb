/**
 * Fetches documents from one server's monitoring port. Only one request at a time is sent to each endpoint: callers
 * that want the same document share it, callers that want another document of the same endpoint wait. (A server
 * deadlocked under overlapping `/jsz` requests: nats-server #5621.)
 */
import { MonitoringClient, type MonitoringRequest } from "../../../nats/monitoring/client.ts";
import { MonitoringError } from "../../../nats/monitoring/errors.ts";
import { isObject } from "../json.ts";
import type { Target } from "../target.ts";
import { Document } from "./document.ts";
import { CollectionFailure } from "./failure.ts";
import { SharedFlights } from "./shared-flight.ts";

/** A request, and how to read its reply. */
export interface Request extends Omit<MonitoringRequest, "maxBytes"> {
  /** Keys of long arrays to read element by element (see `Document`). Without any, the reply has to be small. */
  readonly cut?: readonly string[];
}

export interface MonitorLimits {
  /** Maximum size of one reply. */
  readonly maxBodyBytes: number;
}

/**
 * Maximum size of a reply without arrays to cut. Such a reply is parsed at once and kept until the scrape ends, a
 * dozen for each server; the larger limit is for replies that grow with the server.
 */
export const MAX_UNCUT_BODY_BYTES = 8 * 1024 * 1024;

/** One server's monitoring port. Keeps its connections until `close`. */
export class Monitor {
  readonly #client: MonitoringClient;
  readonly #limits: MonitorLimits;
  readonly #flights = new SharedFlights<Document>();
  /** By endpoint, the end of its last request, however it ends. The endpoint's next request waits for it. */
  readonly #turns = new Map<string, Promise<void>>();

  constructor(target: Target, limits: MonitorLimits) {
    this.#client = new MonitoringClient(target);
    this.#limits = limits;
  }

  get requestsInFlight(): number {
    return this.#client.requestsInFlight;
  }

  /** Rejects with CollectionFailure, EndpointAbsent, or the deadline's reason. */
  ask(request: Request, deadline: AbortSignal): Promise<Document> {
    const endpoint = request.path.split("?", 1)[0] as string;
    return this.#flights.join(request.path, deadline, async (abandoned) => {
      const previous = this.#turns.get(endpoint);
      const reply = (async () => {
        await previous;
        abandoned.throwIfAborted();
        return this.#get(request, abandoned);
      })();
      const settled = (): void => {}; // keeps neither the reply nor the error in memory
      this.#turns.set(endpoint, reply.then(settled, settled));
      return this.#read(await reply, request, abandoned);
    });
  }

  close(): void {
    this.#client.close();
  }

  async #get(request: Request, abandoned: AbortSignal): Promise<Buffer> {
    const { maxBodyBytes } = this.#limits;
    const maxBytes = request.cut ? maxBodyBytes : Math.min(maxBodyBytes, MAX_UNCUT_BODY_BYTES);
    try {
      return await this.#client.get({ ...request, maxBytes }, abandoned);
    } catch (error) {
      if (!(error instanceof MonitoringError)) throw error;
      throw new CollectionFailure(error.reason, error.message, { cause: error.cause });
    }
  }

  async #read(body: Buffer, request: Request, abandoned: AbortSignal): Promise<Document> {
    const document = await this.#parse(body, request, abandoned);
    if (isObject(document.root)) return document;
    throw this.#bodyFailure(request, "the reply is not a JSON object");
  }

  async #parse(body: Buffer, request: Request, abandoned: AbortSignal): Promise<Document> {
    const reading = Document.read(body, request.cut);
    try {
      for (;;) {
        const { done, value } = reading.next();
        if (done) return value;
        await new Promise<void>((resolve) => setImmediate(resolve));
        abandoned.throwIfAborted();
      }
    } catch (error) {
      if (abandoned.aborted) throw abandoned.reason;
      // The message of a SyntaxError quotes the reply, which may hold secrets.
      throw this.#bodyFailure(request, "the reply is not JSON", error);
    }
  }

  #bodyFailure(request: Request, why: string, cause?: unknown): CollectionFailure {
    return new CollectionFailure("body", `${this.#client.describe(request)} failed: ${why}`, { cause });
  }
}
