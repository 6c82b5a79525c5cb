/** The log: one line per message, as JSON, logfmt or text. Callers keep secrets out of messages and fields. */
import { writeSync } from "node:fs";
import type { Settings } from "../exporter/settings/settings.ts";
import type { Log } from "../text/log.ts";

type Level = Settings["logLevel"];
type Fields = Readonly<Record<string, unknown>>;

/** From the least to the most important. Nothing logs at debug; the word is for Prometheus's users. */
const LEVELS: readonly Level[] = ["debug", "info", "warn", "error"];

/**
 * Writes synchronously, so that no line is lost when the process ends.
 *
 * @param descriptor of an open file. Default: standard error
 */
export function openLog(
  { logLevel, logFormat }: Pick<Settings, "logLevel" | "logFormat">,
  descriptor?: number,
): Log {
  const format = FORMATS[logFormat];
  const write = descriptor === undefined ? writeToStandardError() : writeTo(descriptor);
  const logAt = (level: Level) => (message: string, fields: Fields) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(logLevel)) return;
    write(`${format(new Date().toISOString(), level, message, fields)}\n`);
  };
  const [info, warn, error] = [logAt("info"), logAt("warn"), logAt("error")];
  return {
    info: (message, fields = {}) => info(message, fields),
    warn: (message, fields = {}) => warn(message, fields),
    error: (message, fields = {}) => error(message, fields),
  };
}

type Format = (time: string, level: Level, message: string, fields: Fields) => string;

const FORMATS: Readonly<Record<Settings["logFormat"], Format>> = {
  /** `{"level":"info","time":"2026-11-23T08:00:00.000Z","server":"n1","msg":"the message"}` */
  json: (time, level, msg, fields) => JSON.stringify({ level, time, ...mapValues(fields, plain), msg }),
  /** `time=2026-11-23T08:00:00.000Z level=info msg="the message" server=n1` */
  logfmt: (time, level, msg, fields) =>
    pairs({ time, level, msg, ...fields }, (text) =>
      /^[^\s"=\\]+$/.test(text) ? text : JSON.stringify(text),
    ),
  /** `2026-11-23T08:00:00.000Z INFO the message server="n1"` */
  text: (time, level, msg, fields) =>
    [time, level.toUpperCase(), msg, pairs(fields, JSON.stringify)].join(" ").trimEnd(),
};

function pairs(fields: Fields, quoted: (text: string) => string): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => {
      const shown = plain(value);
      return `${key}=${typeof shown === "string" ? quoted(shown) : JSON.stringify(shown)}`;
    })
    .join(" ");
}

/** An error as its stack, which begins with its message. */
function plain(value: unknown): unknown {
  return value instanceof Error ? (value.stack ?? value.message) : value;
}

function mapValues(fields: Fields, map: (value: unknown) => unknown): Fields {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, map(value)]));
}

/** Node.js writes to files, terminals and pipes synchronously, but on Windows not to pipes. */
function writeToStandardError(): (line: string) => void {
  // Without a reader there is no log, but natscope still serves.
  process.stderr.on("error", () => {});
  return (line) => process.stderr.write(line);
}

/** A full disk must not end natscope. */
function writeTo(descriptor: number): (line: string) => void {
  return (line) => {
    try {
      writeSync(descriptor, line);
    } catch {}
  };
}
