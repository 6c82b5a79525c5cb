/** What something fails with, as a test compares it: two clients, or one with and without natscope. */

/** What the promise, or the call itself, fails with. */
export async function failureOf(run: () => unknown): Promise<Error & { code?: unknown }> {
  try {
    await run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not fail");
}

/** Class and words of an error. */
export function wordsOf(error: Error & { code?: unknown }) {
  const { name, message, code } = error;
  return { class: error.constructor.name, name, message, code };
}
