/** Where a room says what happened, in sentences. The door (`cli`) decides on format, level and place. */
export interface Log {
  /** `fields` are facts beside the sentence; neither may hold a secret. */
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
