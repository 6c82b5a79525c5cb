/**
 * The active context inside `for await` loops.
 *
 * A loop's body runs in the context of whoever wrote the loop, and no promise can change that: what is entered
 * inside a generator or a `then` is gone when the loop goes on. What is entered synchronously in the call of
 * `next()`, however, stays. So `next()` enters a slot, an empty context that can be filled later, and the slot
 * is filled with the message's context before the loop sees the message. Work that the body starts and does
 * not wait for keeps its slot: each `next()` has one of its own.
 */
import { type Context, context, createContextKey, ROOT_CONTEXT } from "@opentelemetry/api";

/** A context that says what another one says, which may be decided later. */
export class SlotContext implements Context {
  /** What it stands for. */
  filledWith: Context;

  constructor(filledWith: Context) {
    this.filledWith = plain(filledWith);
  }

  /** Never with a slot: loops after loops would make a chain without an end, or a circle. */
  fill(filledWith: Context): void {
    const context = plain(filledWith);
    if (context !== this) this.filledWith = context;
  }

  getValue(key: symbol): unknown {
    return this.filledWith.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return this.filledWith.setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return this.filledWith.deleteValue(key);
  }
}

/** What a slot stands for; any other context is itself. */
export function plain(context: Context): Context {
  return context instanceof SlotContext ? context.filledWith : context;
}

/** Makes a context the active one of the code that runs, until it enters another. */
export type Enter = (context: Context) => void;

interface ManagerShape {
  attach?(context: Context): unknown;
  readonly _asyncLocalStorage?: { enterWith?(context: Context): void };
}

/**
 * How to enter a context where contexts are kept now, or undefined where none are kept or it cannot be done.
 * `attach` is experimental and new (API 1.10, context-async-hooks 2.12); before it there is only the manager's
 * own `AsyncLocalStorage`.
 */
export function enterOf(): Enter | undefined {
  if (!contextsAreKept()) return undefined;
  const manager = managerOf();
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

function managerOf(): ManagerShape | undefined {
  const api = context as unknown as { _getContextManager?(): ManagerShape };
  return api._getContextManager?.();
}

const PROBE = createContextKey("natscope probe");

/** Whether `context.with` has an effect: without a context manager it has none. */
function contextsAreKept(): boolean {
  return context.with(ROOT_CONTEXT.setValue(PROBE, true), () => context.active().getValue(PROBE) === true);
}
