/**
 * Building blocks of the schema of a saved result. Each message is the end of a sentence that begins with the place
 * of the value, and never repeats the value: a file may contain anything, secrets included.
 */
import * as v from "valibot";

/** A schema whose values have the type `T`. */
export type Schema<T> = v.GenericSchema<unknown, T>;

/** Any text. */
export const text = v.string("must be a text");
/** True or false. */
export const truth = v.boolean("must be true or false");
/** A finite number: `1e999` is valid JSON, and infinite. */
export const number = v.pipe(v.number("must be a number"), v.finite("must be a finite number"));
/** A number that is not negative. */
export const amount = v.pipe(number, v.minValue(0, "must not be negative"));

/** Numbers by name. Checked as a whole: the names come from elsewhere and must not appear in a message. */
export const amounts = v.custom<Readonly<Record<string, number>>>(
  (value) =>
    isObject(value) && Object.values(value).every((one) => typeof one === "number" && Number.isFinite(one)),
  "must be an object of numbers",
);

/** An object with these fields; any others are kept as they are. */
export function object<const Fields extends v.ObjectEntries>(fields: Fields) {
  return v.pipe(v.object(fields, "must be an object"), v.readonly());
}

/** A field that may be missing, but not `null`. */
export function optional<const Field extends v.GenericSchema>(field: Field) {
  return v.exactOptional(field);
}

/** A list. @param most maximum number of entries */
export function list<const Item extends v.GenericSchema>(item: Item, most: number) {
  return v.pipe(
    v.array(v.unknown(), "must be a list"),
    v.maxLength(most, `must have no more than ${most} entries`),
    v.array(item, "must be a list"),
    v.readonly(),
  );
}

/** One of these words. */
export function word<const Word extends string>(...words: readonly Word[]) {
  return v.picklist(words, `must be one of ${words.join(", ")}`);
}

/** One of several objects, selected by the word in their field `kind`. */
export function variant<T extends { readonly kind: string }>(
  variants: {
    readonly [Kind in T["kind"]]: Schema<Extract<T, { readonly kind: Kind }>>;
  },
): Schema<T> {
  const byKind = new Map<unknown, Schema<T>>(Object.entries<Schema<T>>(variants));
  const unknownKind = object({ kind: word(...Object.keys(variants)) }) as unknown as Schema<T>;
  return v.lazy((value) => byKind.get((value as { kind?: unknown } | null)?.kind) ?? unknownKind);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
