/**
 * The active context inside `for await` loops.
 *
 * A loop's body runs in the context of whoever wrote the loop, and no promise can change that: what is entered
 * inside a generator or a `then` is gone when the loop goes on. But the loop reads `done` of each result itself,
 * synchronously, before its body runs, and what is entered there stays. So `done` is a getter that enters the
 * message's context. Nobody else is in it but the loop, and what its body starts.
 */
import { type Context, context } from "@opentelemetry/api";
import type { Enter } from "./active-context.ts";

/** The contexts of one loop. */
export class LoopContexts {
  readonly #enter: Enter;
  /** Where the loop is. */
  #outside: Context = context.active();
  /** The message's that it has, or had last. */
  #entered: Context | undefined;

  constructor(enter: Enter) {
    this.#enter = enter;
  }

  /** The loop asks for the next item; it may get a failure instead, which enters nothing. */
  ask(): void {
    const active = context.active();
    if (active === this.#entered) this.#enter(this.#outside);
    else this.#outside = active;
    this.#entered = undefined;
  }

  /** What the loop is given: who reads whether it is done is in the item's context from then on. */
  answer<Item>(result: IteratorResult<Item>, item: Context | undefined): IteratorResult<Item> {
    const { done, value } = result;
    const enter = () => {
      this.#entered = item;
      this.#enter(item ?? this.#outside);
    };
    return {
      get done() {
        enter();
        return done;
      },
      value,
    } as IteratorResult<Item>;
  }

  /** The loop is left. */
  leave(): void {
    if (context.active() === this.#entered) this.#enter(this.#outside);
    this.#entered = undefined;
  }
}
