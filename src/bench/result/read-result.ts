/**
 * A saved result, from the text of its file. Whatever the text is, it comes to a result that reports can be made
 * of, or to one sentence; and since a file may hold anything, no sentence repeats what is in it.
 */
import { constants } from "node:buffer";
import * as v from "valibot";
import { InvalidValue } from "../../input/invalid-value.ts";
import { decode } from "../measure/encoding.ts";
import { STAGE_NAMES } from "../measure/stage.ts";
import {
  RESULT_SCHEMA,
  RESULT_VERSION,
  type Result,
  type ScenarioResult,
  type StageHistograms,
} from "./schema.ts";

/** Bytes of the largest file that is read: of the longest text there can be, so that all that was written is less. */
export const MOST_RESULT_BYTES = constants.MAX_STRING_LENGTH;

/**
 * Every histogram in it can be decoded. What is beside the fields of a result is left as it is.
 * @returns a refusal that is the rest of a sentence beginning with the file's name; of several faults the first
 */
export function readResult(text: string): Result | InvalidValue {
  const value = parsed(text);
  if (value instanceof InvalidValue) return value;
  const stranger = strangerIn(value);
  if (stranger) return stranger;
  const { success, issues } = v.safeParse(RESULT_SCHEMA, value, { abortEarly: true });
  if (!success) return faultOf(issues[0]);
  const result = value as Result;
  return damageIn(result) ?? result;
}

/** Of a file that has more bytes than that. */
export function tooLarge(): InvalidValue {
  return new InvalidValue(
    `is larger than ${Math.floor(MOST_RESULT_BYTES / 1e6)} MB, the most that natscope reads`,
  );
}

function parsed(text: string): unknown {
  if (text.trim() === "") return new InvalidValue("is empty");
  try {
    return JSON.parse(text);
  } catch {
    return new InvalidValue(
      endsInTheMiddle(text)
        ? "ends in the middle of a result: it was not written to its end, or not copied whole"
        : "is not JSON, and so no result of natscope bench",
    );
  }
}

/** Whether it begins as an object whose braces, or a text in it, are still open at its end. */
function endsInTheMiddle(text: string): boolean {
  if (!text.trimStart().startsWith("{")) return false;
  let open = 0;
  let inText = false;
  for (let i = 0; i < text.length; i++) {
    const one = text[i];
    if (inText) {
      if (one === "\\") i++;
      else if (one === '"') inText = false;
    } else if (one === '"') inText = true;
    else if (one === "{" || one === "[") open++;
    else if (one === "}" || one === "]") open--;
  }
  return inText || open > 0;
}

/** JSON of something else, or of another version. */
function strangerIn(value: unknown): InvalidValue | undefined {
  const { natscope } = (value ?? {}) as { natscope?: { result?: unknown; version?: unknown } | null };
  const version = natscope?.result;
  if (typeof version !== "number" || !Number.isInteger(version) || version < 1) {
    return new InvalidValue("is JSON, but no result of natscope bench");
  }
  if (version <= RESULT_VERSION) return undefined;
  const writer = /^\d[\w.+-]{0,30}$/.exec(`${natscope?.version}`)?.[0];
  return new InvalidValue(
    `was written by ${writer ? `natscope ${writer}` : "another natscope"}, result version ${version}; ` +
      `this natscope reads ${RESULT_VERSION}`,
  );
}

function faultOf({ type, received, path, message }: v.BaseIssue<unknown>): InvalidValue {
  const place = (path ?? []).map(({ key }) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("");
  const isMissing = type === "object" && received === "undefined";
  return new InvalidValue(`is a damaged result: ${place.slice(1)} ${isMissing ? "is missing" : message}`);
}

/** The first histogram that cannot be decoded. Each is decoded and forgotten: all at once would not fit. */
function damageIn({ scenarios }: Result): InvalidValue | undefined {
  for (const [i, scenario] of scenarios.entries()) {
    for (const [place, encoded] of histogramsOf(scenario)) {
      const histogram = decode(encoded);
      if (histogram instanceof InvalidValue) {
        return new InvalidValue(
          `is a damaged result: the histogram scenarios[${i}].${place} ${histogram.why}`,
        );
      }
    }
  }
  return undefined;
}

function* histogramsOf({ measured, warmup, seconds, interference }: ScenarioResult): Encoded {
  const { hiccups, probe, floor } = interference;
  yield* stagesIn("measured", measured);
  yield* stagesIn("warmup", warmup);
  if (hiccups !== undefined) yield ["interference.hiccups", hiccups];
  if (probe !== undefined) yield ["interference.probe", probe];
  if (floor) yield* stagesIn("interference.floor", floor);
  for (const [i, { stages }] of seconds.entries()) yield* stagesIn(`seconds[${i}].stages`, stages);
}

type Encoded = Generator<readonly [place: string, encoded: string]>;

function* stagesIn(place: string, stages: StageHistograms): Encoded {
  for (const name of STAGE_NAMES) {
    const encoded = stages[name];
    if (encoded !== undefined) yield [`${place}.${name}`, encoded];
  }
}
