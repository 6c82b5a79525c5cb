/**
 * How what natscope observes ends. A result, a promise and a failure are passed on as they are; beside that,
 * somebody is told, before whoever waits for them.
 */
import { types } from "node:util";

/**
 * Whether something was begun and will end. Not everything with a `then`: a query of many a database library
 * has one that runs it.
 */
export function isPromise(value: unknown): value is Promise<unknown> {
  return types.isPromise(value);
}

/** What was thrown or rejected with. Undefined means that nothing failed, so a thrown `undefined` has a name. */
export function failureOf(thrown: unknown): unknown {
  return thrown ?? "error";
}

/** Passes a promise on. Its rejection stays unhandled if nobody handles it. @param end told when it settles */
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
 * Makes a call of the client's, which may fail at once or later.
 * @param fail told of its failure
 * @param succeed gives the application what the client gave, or what stands in front of it; may not throw
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
