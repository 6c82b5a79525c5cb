/**
 * Iterators that an application loops over: what it does with an item lasts until it asks for the next one, or
 * stops. With contexts, the loop's body runs in that of its item: see `tracing/loop-contexts.ts`.
 */
import type { Context } from "@opentelemetry/api";
import type { Enter } from "../tracing/loop-contexts.ts";
import { LoopContexts } from "../tracing/loop-contexts.ts";

/** An item that the loop's body has. */
export interface OpenItem {
  readonly context: Context;
  end(error?: unknown): void;
}

/** What to do beside an iteration. Nothing of it may throw. */
export interface LoopInstrumentation<Item> {
  /** An item is about to be handed over. */
  begin(item: Item): OpenItem | undefined;
  /** There will be no further item, once: at the end, after `break`, or because the iterator failed. */
  finish(error?: unknown): void;
  /** Undefined: the body keeps the loop's context. */
  readonly enter: Enter | undefined;
}

/** Ends what an abandoned loop left open: its iterator is gone, so nobody will ask for the next item. */
const ABANDONED = new FinalizationRegistry<Iteration<unknown>>((iteration) => iteration.over());

/**
 * Whoever unsubscribes from within a loop is not done with its item, and may never ask for another: after this,
 * nobody is believed to.
 */
const LAST_ITEM_MS = 10_000;

/** What an iteration holds, apart from the iterator, so that an abandoned one can be told. */
export class Iteration<Item> {
  readonly #loopInstrumentation: LoopInstrumentation<Item>;
  #current: OpenItem | undefined;
  #isOver = false;
  #isEnding = false;
  #patience: NodeJS.Timeout | undefined;

  constructor(loopInstrumentation: LoopInstrumentation<Item>) {
    this.#loopInstrumentation = loopInstrumentation;
  }

  /** The body is done with the item it had. */
  done(error?: unknown): void {
    if (this.#patience) clearTimeout(this.#patience);
    this.#patience = undefined;
    const current = this.#current;
    this.#current = undefined;
    current?.end(error);
  }

  begin(item: Item): OpenItem | undefined {
    // Whoever asked for two at once has the first no longer to itself.
    this.done();
    this.#current = this.#loopInstrumentation.begin(item);
    if (this.#isEnding) this.#lose();
    return this.#current;
  }

  /** No more will come than what is there: an item that is not done in a while was the last one. */
  endSoon(): void {
    this.#isEnding = true;
    this.#lose();
  }

  /** Ends everything; a second time does nothing. */
  over(error?: unknown): void {
    this.done(error);
    if (this.#isOver) return;
    this.#isOver = true;
    this.#loopInstrumentation.finish(error);
  }

  #lose(): void {
    if (!this.#current || this.#patience) return;
    this.#patience = setTimeout(() => this.done(), LAST_ITEM_MS);
    this.#patience.unref();
  }
}

/**
 * An iterator that hands over what `raw` does, in its order, and fails as it does.
 * @returns it, and the iteration, to be ended with whatever the iterator reads from
 */
export function wrapIterator<Item>(
  raw: AsyncIterator<Item>,
  loopInstrumentation: LoopInstrumentation<Item>,
): { iterator: AsyncIterableIterator<Item>; iteration: Iteration<Item> } {
  const iteration = new Iteration(loopInstrumentation);
  const contexts = loopInstrumentation.enter && new LoopContexts(loopInstrumentation.enter);
  const iterator: AsyncIterableIterator<Item> = {
    [Symbol.asyncIterator]: () => iterator,
    next(...input) {
      iteration.done();
      contexts?.ask();
      return raw.next(...input).then(
        (result) => {
          if (result.done) iteration.over();
          const handled = result.done ? undefined : iteration.begin(result.value);
          return contexts ? contexts.answer(result, handled?.context) : result;
        },
        (error: unknown) => {
          iteration.over(error);
          throw error;
        },
      );
    },
    // A loop that is left by `break` and one whose body throws both come here, and cannot be told apart.
    return(value) {
      iteration.over();
      contexts?.leave();
      return raw.return ? raw.return(value) : Promise.resolve({ done: true, value });
    },
    throw(error) {
      iteration.over(error);
      contexts?.leave();
      return raw.throw ? raw.throw(error) : Promise.reject(error);
    },
  };
  ABANDONED.register(iterator, iteration as Iteration<unknown>);
  return { iterator, iteration };
}
