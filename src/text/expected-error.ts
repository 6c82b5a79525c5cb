/**
 * Base class of errors that a user can cause and repair: invalid input, a missing file, an unreachable server. The
 * message is a complete sentence without secrets. Commands print it without a stack.
 */
export class ExpectedError extends Error {
  override readonly name: string = "ExpectedError";
}
