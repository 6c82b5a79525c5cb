/**
 * An error that a user can cause and repair: wrong input, a missing file, a server that is not there. Its message
 * is a complete sentence without secrets, so whoever catches it prints the message alone, without a stack.
 */
export class ExpectedError extends Error {
  override readonly name: string = "ExpectedError";
}
