/** Making a context the active one of code that runs already, which the API has no sure way for. */
import { type Context, context, createContextKey, ROOT_CONTEXT } from "@opentelemetry/api";

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
