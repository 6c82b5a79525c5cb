/** Type guards and accessors for JSON from a server. They accept any value and never throw. */

export type JsonObject = Readonly<Record<string, unknown>>;

const EMPTY: JsonObject = Object.freeze({});

/** Whether the value is a JSON object: neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value if it is an object, else an empty object. */
export function object(value: unknown): JsonObject {
  return isObject(value) ? value : EMPTY;
}

/** The value if it is an array, else an empty array. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value if it is a string, else an empty string. */
export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The value at a path of object keys, such as `["jetstream", "stats", "api"]`; undefined if any key is missing. */
export function at(value: unknown, path: readonly string[]): unknown {
  let here = value;
  for (const key of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as JsonObject)[key];
  }
  return here;
}
