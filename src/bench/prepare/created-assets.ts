/**
 * The streams and consumers that a run has created, to be removed in reverse order. Something is removed only if it
 * carries the run's mark: if the request that should create it was not answered, it may or may not exist, and someone
 * else may have created another one with the same name since.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { AdminLink } from "../driver/admin-link.ts";

interface Asset {
  /** Its description carries the mark. */
  readonly what: string;
  find(): Promise<{ readonly description: string | undefined } | undefined>;
  remove(): Promise<void>;
}

/** How long a server may be away after the run. */
const REMOVE_MS = 15_000;
const RETRY_MS = 500;

/** The assets of one run. Announce an asset before it is created. */
export class CreatedAssets {
  readonly #admin: AdminLink;
  readonly #signal: AbortSignal;
  readonly #assets: Asset[] = [];
  /** Description of everything that the run creates. */
  readonly mark: string;

  /** @param signal of the run: once it is stopped, removal does not wait for a server that is away */
  constructor(admin: AdminLink, run: number, signal: AbortSignal) {
    this.#admin = admin;
    this.#signal = signal;
    this.mark = `created by natscope bench, run ${run.toString(16)}-${Date.now().toString(16)}`;
  }

  stream(name: string): void {
    this.#assets.push({
      what: `stream ${name}`,
      find: () => this.#admin.stream(name),
      remove: () => this.#admin.deleteStream(name),
    });
  }

  consumer(stream: string, name: string): void {
    this.#assets.push({
      what: `consumer ${name} of stream ${stream}`,
      find: () => this.#admin.consumer(stream, name),
      remove: () => this.#admin.deleteConsumer(stream, name),
    });
  }

  /** Never rejects. Returns a sentence for each asset that could not be removed. */
  async remove(): Promise<readonly string[]> {
    const failures: string[] = [];
    const deadline = performance.now() + REMOVE_MS;
    for (const asset of this.#assets.splice(0).reverse()) {
      const failure = await this.#removeOne(asset, deadline);
      if (failure !== undefined) failures.push(failure);
    }
    return failures;
  }

  async #removeOne({ what, find, remove }: Asset, deadline: number): Promise<string | undefined> {
    for (;;) {
      try {
        const found = await find();
        if (found?.description === this.mark) await remove();
        return undefined;
      } catch (error) {
        if (this.#signal.aborted || performance.now() > deadline) {
          return `${what}, which this run created, could not be removed: ${(error as Error).message}`;
        }
        await sleep(RETRY_MS);
      }
    }
  }
}
