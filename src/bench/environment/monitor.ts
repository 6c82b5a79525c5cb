/**
 * Samples of the servers' monitoring ports while a run goes on: each port is asked once a second for one or two
 * documents. A request ends before the next one is due, and a reply is at most a megabyte. A server that does not
 * answer is left out; the run continues.
 *
 * (nats-server, monitor.go: `Varz`, `JSInfo`. /varz is cheap for the server; /jsz with streams is only requested if
 * the run uses one.)
 */
import { readFileSync } from "node:fs";
import type { PlainOptions } from "../../nats/connect/connection.ts";
import { MonitoringClient, type MonitoringTls, monitoringPortOf } from "../../nats/monitoring/client.ts";
import { errorMessage } from "../../text/wording.ts";
import { type ServerSample, sampleOf } from "./server-sample.ts";

/** Servers to sample. */
export interface Monitored {
  /** `http://host:8222` or `https://…`, with user information and a base path if needed. */
  readonly urls: readonly string[];
  /** Streams whose leader and size are sampled. */
  readonly streams: readonly string[];
  /** TLS of the connections that carry the load, used for `https://` URLs, too. */
  readonly tls?: PlainOptions["tls"];
}

const INTERVAL_MS = 1000;
const TIMEOUT_MS = 900;
const MAX_BYTES = 1_000_000;

/** Samples from `begin` until `stop`. */
export class Monitor {
  readonly samples: ServerSample[] = [];
  /** By URL, a sentence for each server whose last request failed. */
  readonly problems = new Map<string, string>();
  readonly #streams: readonly string[];
  readonly #clients = new Map<string, MonitoringClient>();
  readonly #pending = new Map<string, Promise<void>>();
  /** Servers whose list of streams is too large. */
  readonly #isWithoutStreams = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor({ urls, streams, tls }: Monitored) {
    this.#streams = streams;
    for (const url of urls) {
      try {
        this.#clients.set(url, new MonitoringClient(monitoringPortOf(url, monitoringTlsOf(url, tls))));
      } catch (error) {
        this.problems.set(url, errorMessage(error));
      }
    }
  }

  /** Resolves when each server has been asked once. */
  async begin(): Promise<void> {
    await this.ask();
    this.#timer = setInterval(() => {
      // A server whose last reply is slow is not asked again until it is there.
      for (const url of this.#clients.keys()) if (!this.#pending.has(url)) void this.#ask(url);
    }, INTERVAL_MS);
  }

  /** Asks now. Resolves when each server has answered this request or has failed to. */
  async ask(): Promise<void> {
    await Promise.all(
      [...this.#clients.keys()].map(async (url) => {
        await this.#pending.get(url);
        await this.#ask(url);
      }),
    );
  }

  /** Resolves when no request is in flight. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#pending.values());
    for (const client of this.#clients.values()) client.close();
  }

  #ask(url: string): Promise<void> {
    const asked = this.#sample(url).finally(() => this.#pending.delete(url));
    this.#pending.set(url, asked);
    return asked;
  }

  async #sample(url: string): Promise<void> {
    const client = this.#clients.get(url) as MonitoringClient;
    try {
      const varz = await askMonitor(client, "/varz", TIMEOUT_MS);
      const jsz = this.#streams.length > 0 ? await this.#askStreams(url, client) : undefined;
      const sample = sampleOf(varz, jsz, this.#streams, performance.now());
      if (sample) {
        this.samples.push(sample);
        this.problems.delete(url);
      } else this.problems.set(url, "not the monitoring port of a nats-server");
    } catch (error) {
      this.problems.set(url, errorMessage(error));
    }
  }

  /** Undefined if the server has no JetStream or does not answer. */
  async #askStreams(url: string, client: MonitoringClient): Promise<unknown> {
    if (this.#isWithoutStreams.has(url)) {
      return askMonitor(client, "/jsz", TIMEOUT_MS).catch(() => undefined);
    }
    try {
      return await askMonitor(client, "/jsz?accounts=true&streams=true", TIMEOUT_MS);
    } catch {
      this.#isWithoutStreams.add(url);
      return undefined;
    }
  }
}

/** One document. @throws {Error} with a sentence that names the request and the cause, without secrets */
export async function askMonitor(
  client: MonitoringClient,
  path: string,
  timeoutMs: number,
): Promise<unknown> {
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    return await client.getJson({ path, maxBytes: MAX_BYTES }, deadline);
  } catch (error) {
    if (!deadline.aborted) throw error;
    throw new Error(`${client.describe({ path })} failed: no reply within ${timeoutMs} ms`, { cause: error });
  }
}

/** @throws if a file cannot be read */
function monitoringTlsOf(url: string, tls: PlainOptions["tls"]): MonitoringTls | undefined {
  if (!tls || !url.startsWith("https:")) return undefined;
  return {
    ...(tls.caFile !== undefined && { ca: readFileSync(tls.caFile, "utf8") }),
    ...(tls.certFile !== undefined && { certificate: readFileSync(tls.certFile, "utf8") }),
    ...(tls.keyFile !== undefined && { key: readFileSync(tls.keyFile, "utf8") }),
  };
}
