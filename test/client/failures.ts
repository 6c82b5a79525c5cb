/** Errors in a form that tests compare, between two clients or with and without natscope. */

/** The error that a call throws or its promise rejects with. */
export async function failureOf(run: () => unknown): Promise<Error & { code?: unknown }> {
  try {
    await run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not fail");
}

/** Class, name, message and code of an error. */
export function errorFacts(error: Error & { code?: unknown }) {
  const { name, message, code } = error;
  return { class: error.constructor.name, name, message, code };
}
