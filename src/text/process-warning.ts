/**
 * Warnings of the library parts of natscope, which have no log: named `NatscopeWarning`, written to standard error by
 * Node.js, and delivered to `process.on("warning")`.
 */
export function warnProcess(sentence: string): void {
  process.emitWarning(sentence, "NatscopeWarning");
}
