/**
 * What a run has made, to be removed in reverse order. A thing is removed if it bears the run's mark and not
 * otherwise: where its making was not answered it may be there or not, and somebody may have made another one
 * of the same name since.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { JetStreamManager } from "nats";
import type { Admin } from "./admin.ts";

/** Where a mark is. */
interface Marked {
  readonly config: { readonly description?: string };
}

/** Something that was made. */
interface Thing {
  readonly what: string;
  find(manager: JetStreamManager): Promise<Marked>;
  remove(manager: JetStreamManager): Promise<unknown>;
}

/** How long a server may be away when all is over. */
const REMOVE_MS = 15_000;
const RETRY_MS = 500;

/** See the file's comment. */
export class Made {
  readonly #admin: Admin;
  readonly #signal: AbortSignal;
  readonly #things: Thing[] = [];

  /** @param signal of the run: whoever has stopped it does not wait for a server, too */
  constructor(admin: Admin, signal: AbortSignal) {
    this.#admin = admin;
    this.#signal = signal;
  }

  /** Said before it is made. */
  stream(name: string): void {
    this.#things.push({
      what: `stream ${name}`,
      find: (manager) => manager.streams.info(name),
      remove: (manager) => manager.streams.delete(name),
    });
  }

  /** Said before it is made. */
  consumer(stream: string, name: string): void {
    this.#things.push({
      what: `consumer ${name} of stream ${stream}`,
      find: (manager) => manager.consumers.info(stream, name),
      remove: (manager) => manager.consumers.delete(stream, name),
    });
  }

  /** @returns sentences: what could not be removed, and why */
  async remove(): Promise<readonly string[]> {
    const failures: string[] = [];
    const deadline = performance.now() + REMOVE_MS;
    for (const thing of this.#things.splice(0).reverse()) {
      const failure = await this.#removeOne(thing, deadline);
      if (failure !== undefined) failures.push(failure);
    }
    return failures;
  }

  async #removeOne({ what, find, remove }: Thing, deadline: number): Promise<string | undefined> {
    for (;;) {
      try {
        const found = await this.#admin.find(`look for ${what}`, find);
        if (found?.config.description !== this.#admin.mark) return undefined;
        await this.#admin.find(`remove ${what}`, remove);
        return undefined;
      } catch (error) {
        if (this.#signal.aborted || performance.now() > deadline) {
          return `${what} was made by this run and is still there: ${(error as Error).message}`;
        }
        await sleep(RETRY_MS);
      }
    }
  }
}
