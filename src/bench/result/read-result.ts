/**
 * Reads a saved result from the text of its file. Any text gives either a result that all reports accept, or one
 * sentence; the sentence never quotes the file, which may contain secrets.
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

/** Maximum size of a file in bytes: the maximum length of a string, so every result that was written is smaller. */
export const MAX_RESULT_BYTES = constants.MAX_STRING_LENGTH;

/**
 * Reads a result and checks that each of its histograms can be decoded. Unknown fields are kept.
 * @returns the result, or the first problem, as the rest of a sentence that begins with the name of the file
 */
export function readResult(text: string): Result | InvalidValue {
  const value = parsed(text);
  if (value instanceof InvalidValue) return value;
  const unknown = versionProblem(value);
  if (unknown) return unknown;
  const { success, issues } = v.safeParse(RESULT_SCHEMA, value, { abortEarly: true });
  if (!success) return faultOf(issues[0]);
  const result = value as Result;
  return damageIn(result) ?? result;
}

/** The problem of a file above the maximum size. */
export function tooLarge(): InvalidValue {
  return new InvalidValue(
    `is larger than ${Math.floor(MAX_RESULT_BYTES / 1e6)} MB, the maximum for a result`,
  );
}

function parsed(text: string): unknown {
  if (text.trim() === "") return new InvalidValue("is empty");
  try {
    return JSON.parse(text);
  } catch {
    return new InvalidValue(
      endsInTheMiddle(text)
        ? "ends in the middle of a result: it was not written or copied completely"
        : "is not JSON: expected a result of natscope bench",
    );
  }
}

/** Whether the text begins with an object that is not closed at its end. */
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

/** The problem if the JSON is no result, or has a newer version. */
function versionProblem(value: unknown): InvalidValue | undefined {
  const { natscope } = (value ?? {}) as { natscope?: { result?: unknown; version?: unknown } | null };
  const version = natscope?.result;
  if (typeof version !== "number" || !Number.isInteger(version) || version < 1) {
    return new InvalidValue("is JSON, but not a result of natscope bench");
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

/** The first damaged histogram. Decodes one at a time: all of them may not fit into memory. */
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
