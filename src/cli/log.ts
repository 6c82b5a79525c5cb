/** Logs, one line each, as JSON or as text. Whoever logs keeps secrets out of it. */
import { pino } from "pino";
import type { Settings } from "../exporter/settings/settings.ts";
import type { Log } from "../text/log.ts";

const STANDARD_ERROR = 2;

/**
 * Writes synchronously, so that nothing is lost when the process ends.
 *
 * @param descriptor of an open file, by default standard error
 */
export function openLog(
  { logLevel, logFormat }: Pick<Settings, "logLevel" | "logFormat">,
  descriptor = STANDARD_ERROR,
): Log {
  const file = pino.destination({ dest: descriptor, sync: true });
  const logger = pino(
    {
      base: null,
      level: logLevel,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { error: (error: unknown) => (error instanceof Error ? error.stack : error) },
      formatters: { level: (level) => ({ level }) },
    },
    logFormat === "json" ? file : { write: (line) => file.write(asText(line)) },
  );
  return {
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
  };
}

/** `2026-11-23T08:00:00.000Z WARN the message server="n1"` */
function asText(line: string): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
  return `${time} ${String(level).toUpperCase()} ${msg}${pairs.join("")}\n`;
}
