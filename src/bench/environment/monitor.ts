/**
 * What servers say of themselves while a run goes on: their monitoring ports are asked once a second, each for one
 * or two documents. No answer is waited for longer than until the next question, none is read that is larger than
 * a megabyte, and a server that does not answer is left out: the run goes on.
 *
 * (nats-server, monitor.go: `Varz`, `JSInfo`. /varz is cheap for the server; /jsz with streams is asked only
 * where the run works on one.)
 */
import { errorMessage } from "../../text/wording.ts";
import { askMonitor } from "./monitor-request.ts";
import { type ServerSample, sampleOf } from "./server-sample.ts";

/** Which servers, and what of them. */
export interface Monitored {
  /** `http://host:8222`, with user information and a base path where there are some. */
  readonly urls: readonly string[];
  /** Streams whose leader and size are of interest. */
  readonly streams: readonly string[];
}

/** Asks from when it begins until it is stopped. */
export class Monitor {
  readonly samples: ServerSample[] = [];
  /** By URL, a sentence of each that did not answer when it was last asked. */
  readonly problems = new Map<string, string>();
  readonly #monitored: Monitored;
  readonly #pending = new Map<string, Promise<void>>();
  /** Servers whose list of streams was too large. */
  readonly #isWithoutStreams = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(monitored: Monitored) {
    this.#monitored = monitored;
  }

  /** Resolves when each server has been asked once. */
  async begin(): Promise<void> {
    await this.ask();
    this.#timer = setInterval(() => {
      // The next question does not wait behind a slow answer.
      for (const url of this.#monitored.urls) if (!this.#pending.has(url)) void this.#ask(url);
    }, EVERY_MS);
  }

  /** Asks now; resolves when each server has answered to this very question, or will not. */
  async ask(): Promise<void> {
    await Promise.all(
      this.#monitored.urls.map(async (url) => {
        await this.#pending.get(url);
        await this.#ask(url);
      }),
    );
  }

  /** Resolves when nobody is asked any more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#pending.values());
  }

  #ask(url: string): Promise<void> {
    const asked = this.#sample(url).finally(() => this.#pending.delete(url));
    this.#pending.set(url, asked);
    return asked;
  }

  async #sample(url: string): Promise<void> {
    try {
      const varz = await askMonitor(url, "varz", WAIT_MS);
      const jsz = this.#monitored.streams.length > 0 ? await this.#askStreams(url) : undefined;
      const sample = sampleOf(varz, jsz, this.#monitored.streams, performance.now());
      if (sample) {
        this.samples.push(sample);
        this.problems.delete(url);
      } else this.problems.set(url, "it is no monitoring port of a nats-server");
    } catch (error) {
      this.problems.set(url, errorMessage(error));
    }
  }

  /** Undefined: a server without JetStream, or one that does not say. */
  async #askStreams(url: string): Promise<unknown> {
    if (this.#isWithoutStreams.has(url)) return askMonitor(url, "jsz", WAIT_MS).catch(() => undefined);
    try {
      return await askMonitor(url, "jsz?accounts=true&streams=true", WAIT_MS);
    } catch {
      this.#isWithoutStreams.add(url);
      return undefined;
    }
  }
}

const EVERY_MS = 1000;
const WAIT_MS = 900;
