/**
 * How instrumented calls end. Results, promises and errors are passed on unchanged; natscope's callback runs
 * before the application's handlers.
 */
import { types } from "node:util";

/**
 * Whether a value is a native promise. Other thenables are left alone: the queries of many database libraries
 * run when `then` is called.
 */
export function isPromise(value: unknown): value is Promise<unknown> {
  return types.isPromise(value);
}

/**
 * Value that was thrown or rejected with. A thrown `undefined` becomes "error", because undefined means success
 * here.
 */
export function failureOf(thrown: unknown): unknown {
  return thrown ?? "error";
}

/**
 * Passes a promise on. Its rejection stays unhandled if the application does not handle it.
 * @param end called when the promise settles
 */
export function passOn<Result>(
  promise: PromiseLike<Result>,
  end: (failure?: unknown) => void,
): PromiseLike<Result> {
  return promise.then(
    (result) => {
      end();
      return result;
    },
    (thrown: unknown) => {
      end(failureOf(thrown));
      throw thrown;
    },
  );
}

/**
 * Calls the client, which may fail at once or later.
 * @param fail called with the failure
 * @param succeed returns the result for the application, or a wrapper of it; must not throw
 */
export function attempt<Result, Given>(
  call: () => Promise<Result>,
  fail: (failure: unknown) => void,
  succeed: (result: Result) => Given,
): Promise<Given> {
  let promise: Promise<Result>;
  try {
    promise = call();
  } catch (thrown) {
    fail(failureOf(thrown));
    throw thrown;
  }
  return promise.then(succeed, (thrown: unknown) => {
    fail(failureOf(thrown));
    throw thrown;
  });
}
