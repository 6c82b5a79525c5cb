/**
 * Iterators that an application loops over. The processing of an item lasts until the loop requests the next
 * one or ends. If there is a context manager, the loop's body runs in the context of its item: see
 * `tracing/loop-contexts.ts`.
 */
import type { Context } from "@opentelemetry/api";
import { type Enter, LoopContexts } from "../tracing/loop-contexts.ts";

/** The item that the loop's body is working on. */
export interface OpenItem {
  readonly context: Context;
  end(error?: unknown): void;
}

/** Hooks of an iteration. None may throw. */
export interface LoopInstrumentation<Item> {
  /** Called before an item is returned to the loop. */
  begin(item: Item): OpenItem | undefined;
  /**
   * Called once, when there will be no further item: at the end, after `break`, or because the iterator
   * failed.
   */
  finish(error?: unknown): void;
  /** Undefined: the body keeps the loop's context. */
  readonly enter: Enter | undefined;
}

/**
 * Ends what an abandoned loop left open: its iterator was garbage-collected, so no item will be requested.
 */
const ABANDONED = new FinalizationRegistry<Iteration<unknown>>((iteration) => iteration.over());

/**
 * A body that unsubscribes is still working on its item, and may never request another: the item counts as
 * finished after this time.
 */
const LAST_ITEM_MS = 10_000;

/** The state of an iteration, apart from the iterator, so that the iterator can be garbage-collected. */
export class Iteration<Item> {
  readonly #hooks: LoopInstrumentation<Item>;
  #current: OpenItem | undefined;
  #isOver = false;
  #isEnding = false;
  #lastItemTimer: NodeJS.Timeout | undefined;

  constructor(hooks: LoopInstrumentation<Item>) {
    this.#hooks = hooks;
  }

  /** The body has finished its item. */
  done(error?: unknown): void {
    if (this.#lastItemTimer) clearTimeout(this.#lastItemTimer);
    this.#lastItemTimer = undefined;
    const current = this.#current;
    this.#current = undefined;
    current?.end(error);
  }

  begin(item: Item): OpenItem | undefined {
    // Once `next()` was called twice, the first result may still be in use; its processing ends here all the
    // same.
    this.done();
    this.#current = this.#hooks.begin(item);
    if (this.#isEnding) this.#limitLastItem();
    return this.#current;
  }

  /**
   * No items will come besides those that the client holds. An item that is not finished in time is the last
   * one.
   */
  endSoon(): void {
    this.#isEnding = true;
    this.#limitLastItem();
  }

  /** Ends everything; further calls have no effect. */
  over(error?: unknown): void {
    this.done(error);
    if (this.#isOver) return;
    this.#isOver = true;
    this.#hooks.finish(error);
  }

  #limitLastItem(): void {
    if (!this.#current || this.#lastItemTimer) return;
    this.#lastItemTimer = setTimeout(() => this.done(), LAST_ITEM_MS);
    this.#lastItemTimer.unref();
  }
}

/**
 * Wraps an iterator: same items, same order, same errors.
 * @returns the iterator, and its iteration, which has to be ended with the source of the items
 */
export function wrapIterator<Item>(
  raw: AsyncIterator<Item>,
  hooks: LoopInstrumentation<Item>,
): { iterator: AsyncIterableIterator<Item>; iteration: Iteration<Item> } {
  const iteration = new Iteration(hooks);
  const contexts = hooks.enter && new LoopContexts(hooks.enter);
  const iterator: AsyncIterableIterator<Item> = {
    [Symbol.asyncIterator]: () => iterator,
    next(...input) {
      iteration.done();
      contexts?.ask();
      return raw.next(...input).then(
        (result) => {
          if (result.done) iteration.over();
          const openItem = result.done ? undefined : iteration.begin(result.value);
          return contexts ? contexts.answer(result, openItem?.context) : result;
        },
        (error: unknown) => {
          iteration.over(error);
          throw error;
        },
      );
    },
    // Called after `break` and after a throw in the body; an iterator cannot tell them apart.
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
