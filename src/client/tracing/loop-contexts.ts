/**
 * The active OpenTelemetry context inside `for await` loops: the body runs in the context of its message.
 *
 *     for await (const message of subscription) {      what happens                      active context
 *                                                      iterator.next()                    outside
 *                                                      promise resolves with `result`     outside
 *                                                      loop reads `result.done`           ── getter enters ──
 *       await work(message);                           body                               message
 *                                                      iterator.next(): ask()             outside again
 *     }                                                loop ends, or break: leave()       outside
 *
 * A promise cannot do this: a context that a generator or a `then` enters is left when the loop resumes. But the loop
 * itself reads `done` of each result, synchronously, before its body runs; a context entered there stays for
 * the body and for everything that the body starts, and for nothing else. So `done` is a getter that enters.
 *
 * To debug: log `trace.getSpanContext(context.active())` as the first statement of the body. If it is undefined,
 * `enterOf()` returned undefined: no context manager is registered, or it has neither `attach` nor
 * `AsyncLocalStorage`. If it is the loop's own context, the application reads `result.value` without `done`.
 */
import { type Context, context, createContextKey, ROOT_CONTEXT } from "@opentelemetry/api";

/** Makes a context the active one for the code that is running, until that code enters another. */
export type Enter = (context: Context) => void;

/** A context manager, with the members that can enter a context. Neither is part of the API. */
interface ManagerShape {
  attach?(context: Context): unknown;
  readonly _asyncLocalStorage?: { enterWith?(context: Context): void };
}

/**
 * Returns the function that enters a context; undefined if no context manager is registered or it cannot enter.
 * `attach` is experimental (API 1.10, context-async-hooks 2.12); older managers have only their private
 * `AsyncLocalStorage`.
 */
export function enterOf(): Enter | undefined {
  if (!hasContextManager()) return undefined;
  const manager = (context as unknown as { _getContextManager?(): ManagerShape })._getContextManager?.();
  if (manager?.attach) {
    return (entered) => {
      manager.attach?.(entered);
    };
  }
  const storage = manager?._asyncLocalStorage;
  if (!storage?.enterWith) return undefined;
  return (entered) => {
    storage.enterWith?.(entered);
  };
}

const PROBE = createContextKey("natscope probe");

/** Whether `context.with` has an effect; without a context manager it has none. */
function hasContextManager(): boolean {
  return context.with(ROOT_CONTEXT.setValue(PROBE, true), () => context.active().getValue(PROBE) === true);
}

/** The contexts of one loop. */
export class LoopContexts {
  readonly #enter: Enter;
  /** The context that the loop itself runs in. */
  #outside: Context = context.active();
  /** The context of the current or last message. */
  #entered: Context | undefined;

  constructor(enter: Enter) {
    this.#enter = enter;
  }

  /** The loop requests the next item. Leaves the last message's context: a failure must not run in it. */
  ask(): void {
    const active = context.active();
    if (active === this.#entered) this.#enter(this.#outside);
    else this.#outside = active;
    this.#entered = undefined;
  }

  /** Returns the result for the loop: reading its `done` enters the context of the item. */
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

  /** The loop ended early, by `break`, `return` or `throw`. */
  leave(): void {
    if (context.active() === this.#entered) this.#enter(this.#outside);
    this.#entered = undefined;
  }
}
