/**
 * How a library, which has no log, tells the process what it went on without: a warning of the name
 * `NatscopeWarning`, which Node.js writes to standard error and `process.on("warning")` hears.
 */
export function warnProcess(sentence: string): void {
  process.emitWarning(sentence, "NatscopeWarning");
}
