/** A log of sentences. The command decides on format, level and destination. */
export interface Log {
  /** `fields` are structured facts. Neither argument may contain a secret. */
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
