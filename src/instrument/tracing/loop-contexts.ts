/** The contexts of one loop: a slot for each message, see `active-context.ts`, and the way back out. */
import { type Context, context } from "@opentelemetry/api";
import { type Enter, plain, SlotContext } from "./active-context.ts";

/** How long work outlives the turn that started it, at most, where it cannot be told from its surroundings. */
const SHARED_MS = 1000;

/** See the file's comment. */
export class LoopContexts {
  readonly #enter: Enter;
  #slot: SlotContext | undefined;
  /** A slot that others are in as well: whoever called the function that the loop is in, and runs on beside it. */
  #shared: SlotContext | undefined;
  #outside: Context = plain(context.active());

  constructor(enter: Enter) {
    this.#enter = enter;
  }

  /** Has to be called by the loop itself, synchronously. */
  next(): SlotContext {
    const active = context.active();
    const isOwn = active === this.#slot;
    this.release();
    if (!isOwn) this.#outside = plain(active);
    this.#slot = new SlotContext(this.#outside);
    if (!isOwn) this.#shared = this.#slot;
    this.#enter(this.#slot);
    return this.#slot;
  }

  /**
   * The message is done: those who share its slot have their own context again. Work that the body started is
   * in it, too, and is given a moment.
   */
  release(): void {
    const shared = this.#shared;
    if (!shared) return;
    this.#shared = undefined;
    setTimeout(() => shared.fill(this.#outside), SHARED_MS).unref();
  }

  leave(): void {
    this.release();
    if (context.active() === this.#slot) this.#enter(this.#outside);
  }
}
