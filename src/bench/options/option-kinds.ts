/**
 * Kinds of values that only options of a benchmark have: how a text becomes a value, and what is allowed where it
 * does not. Pure, and unaware of which options exist. Sizes and durations are written as natscli writes them.
 */

import { InvalidValue } from "../../input/invalid-value.ts";
import type { Kind as WholeKind } from "../../input/kind.ts";
import { type Kind, textKind } from "../../input/kinds.ts";
import { quote } from "../../text/wording.ts";
import { parseGoDuration } from "../../time/go-time.ts";
import type { TimedCommand } from "../faults/commands.ts";
import { parseThreshold, type Threshold } from "../result/threshold.ts";
import type { SizeChoice } from "../scenario/scenario.ts";
import type { Stage } from "../scenario/schedule.ts";

/** A whole number, both ends included. Commas and underscores may stand between digits. */
export function wholeNumber(least: number, most: number, meaning = ""): Kind<number> {
  const allowed = `a whole number from ${least} to ${most}${meaning}`;
  return textKind("N", allowed, (text) => {
    const number = /^\d[\d,_]*$/.test(text) ? Number(text.replaceAll(/[,_]/g, "")) : Number.NaN;
    return number >= least && number <= most ? number : undefined;
  });
}

/** A share of a whole. */
export const share: Kind<number> = textKind("SHARE", "a number from 0 to 1, such as 0.5", (text) => {
  const number = Number(text);
  return text.trim() !== "" && number >= 0 && number <= 1 ? number : undefined;
});

/** Yes or no; of a flag, that it is there. */
export const truth: Kind<boolean> = textKind("true|false", "true or false", (text) =>
  text === "true" ? true : text === "false" ? false : undefined,
);

/** Seconds in a Go duration, both ends included. */
export function time(least: string, most: string): Kind<number> {
  const [from, to] = [parseGoDuration(least) as number, parseGoDuration(most) as number];
  const allowed = `a duration with its unit, such as 500ms, 30s or 2m, from ${least} to ${most}`;
  return textKind("DURATION", allowed, (text) => {
    const seconds = parseGoDuration(text);
    return seconds !== undefined && seconds >= from && seconds <= to ? seconds : undefined;
  });
}

const MOST_PER_SECOND = 10_000_000;
const MOST_SECONDS = 86_400;

function perSecond(text: string): number | undefined {
  const number = /^\d[\d,_]*(\.\d+)?$/.test(text) ? Number(text.replaceAll(/[,_]/g, "")) : Number.NaN;
  return number <= MOST_PER_SECOND ? number : undefined;
}

/** Operations a second, of all clients together. */
export const rate: Kind<number> = textKind(
  "RATE",
  `a number of operations a second above 0, up to ${MOST_PER_SECOND}`,
  (text) => {
    const number = perSecond(text);
    return number !== undefined && number > 0 ? number : undefined;
  },
);

/** A rate, or two with a ramp between, and for how long. */
export const stage: Kind<Stage> = textKind(
  "RATE[..RATE]/DURATION",
  "a rate and a duration, such as 1000/30s, or a ramp, such as 100..5000/1m; up to 24h",
  (text) => {
    const [, first = "", second = first, length = ""] = /^([^./]+)(?:\.\.([^./]+))?\/(.+)$/.exec(text) ?? [];
    const [from, to, seconds] = [perSecond(first), perSecond(second), parseGoDuration(length)];
    const isWhole = from !== undefined && to !== undefined && seconds !== undefined;
    return isWhole && seconds > 0 && seconds <= MOST_SECONDS ? { from, to, seconds } : undefined;
  },
);

/** natscli's units: all are powers of 1,024. */
const UNITS: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };
const SIZE = /^(\d+(?:\.\d+)?) ?([KMGT]?)(?:i?B)?$/i;

function bytesIn(text: string): number | undefined {
  const [, digits, unit = ""] = SIZE.exec(text) ?? [];
  const bytes = Number(digits) * (UNITS[unit.toUpperCase()] as number);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Bytes, both ends included. */
export function bytes(least: number, most: number, example: string): Kind<number> {
  const allowed = `a size such as ${example}, from ${least} B to ${most / 2 ** 20} MiB`;
  return textKind("SIZE", allowed, (text) => {
    const size = bytesIn(text);
    return size !== undefined && size >= least && size <= most ? size : undefined;
  });
}

/** The largest that a server can be told to take (nats-server: `max_payload` is at most 64 MiB). */
const MOST_BYTES = 64 * 2 ** 20;
/** A normal size beyond this many deviations is cut to it. */
const DEVIATIONS = 4;

/** How large messages are: one size, a range, a normal distribution, or several with weights. */
export const sizes: Kind<SizeChoice> = textKind(
  "SIZE",
  "a size such as 128 or 4KB, a range such as 100..1KB, a mean and a deviation such as 1KB~200, or weights such as 128=90,4KB=9,64KB=1; up to 64 MiB",
  (text) => {
    const choice = text.includes("=") ? weightedSizes(text) : oneSize(text);
    return choice && mostOf(choice) <= MOST_BYTES ? choice : undefined;
  },
);

function oneSize(text: string): SizeChoice | undefined {
  const [first = "", second, more] = text.split(/\.\.|~/);
  const [one, other] = [bytesIn(first.trim()), second === undefined ? undefined : bytesIn(second.trim())];
  if (one === undefined || more !== undefined) return undefined;
  if (second === undefined) return { kind: "fixed", bytes: one };
  if (other === undefined) return undefined;
  if (text.includes("~")) {
    return { kind: "normal", mean: one, deviation: other, most: one + DEVIATIONS * other };
  }
  return one <= other ? { kind: "uniform", least: one, most: other } : undefined;
}

function weightedSizes(text: string): SizeChoice | undefined {
  const choices = text.split(",").map((part) => {
    const [size = "", weight = "", more] = part.split("=").map((side) => side.trim());
    return {
      bytes: bytesIn(size),
      weight: weight === "" || more !== undefined ? Number.NaN : Number(weight),
    };
  });
  const sound = choices.filter((one): one is { bytes: number; weight: number } => one.bytes !== undefined);
  if (sound.length < choices.length || !choices.every(({ weight }) => weight >= 0)) return undefined;
  return choices.some(({ weight }) => weight > 0) ? { kind: "weighted", choices: sound } : undefined;
}

function mostOf(choice: SizeChoice): number {
  if (choice.kind === "fixed") return choice.bytes;
  return choice.kind === "weighted" ? Math.max(...choice.choices.map((one) => one.bytes)) : choice.most;
}

/** A header line. Values of some names are secrets: what is refused is not shown. */
export const header: Kind<readonly [name: string, value: string]> = {
  placeholder: "NAME:VALUE",
  parse({ text, fields }) {
    const [, name, value] = /^([!-9;-~]+):[ \t]*([^\r\n]*)$/.exec(fields ? "" : text) ?? [];
    if (name === undefined || value === undefined) {
      return new InvalidValue("must be a name without blanks, a colon and a value, such as Trace:on");
    }
    return [name, value];
  },
};

/** A subject that can be published to. */
export const subject: Kind<string> = textKind(
  "SUBJECT",
  "a subject without blanks, wildcards and empty parts, such as orders.new",
  (text) => (/^[^\s.*>]+(?:\.[^\s.*>]+)*$/.test(text) ? text : undefined),
);

/** A subject of which parts may be wildcards. */
export const filter: Kind<string> = textKind(
  "SUBJECT",
  "a subject, perhaps with wildcards, such as orders.*",
  (text) => (/^(?:[^\s.*>]+|\*)(?:\.(?:[^\s.*>]+|\*))*(?:\.>)?$|^>$/.test(text) ? text : undefined),
);

/** The name of a queue group. */
export const queueName: Kind<string> = textKind("NAME", "a name without blanks", (text) =>
  /^\S{1,255}$/.test(text) ? text : undefined,
);

/** The name of a stream, a consumer or a bucket. */
export const name: Kind<string> = textKind(
  "NAME",
  "a name without blanks, dots, wildcards and slashes",
  (text) => (/^[^\s.*>/\\]{1,255}$/.test(text) ? text : undefined),
);

/** A name that people give to what they measure. */
export const title: Kind<string> = textKind("NAME", "a name of 1 to 100 characters", (text) =>
  text.trim() !== "" && text.length <= 100 ? text : undefined,
);

/** When to run what: `10s:systemctl restart nats`. */
export const timedCommand: Kind<TimedCommand> = textKind(
  "TIME:COMMAND",
  'a time since the beginning and a command, such as 10s:"kill -STOP 4711"',
  (text) => {
    const [, at = "", command = ""] = /^([^:]+):(.*\S.*)$/s.exec(text) ?? [];
    const second = parseGoDuration(at);
    if (second === undefined || second < 0 || second > MOST_SECONDS) return undefined;
    return { second, command: command.trim() };
  },
);

/** A sentence about a figure: see `parseThreshold`. */
export const threshold: WholeKind<Threshold> = {
  placeholder: "CONDITION",
  parse({ text, fields }) {
    const parsed = fields
      ? "is a mapping, but must be a condition such as response.p99<5ms"
      : parseThreshold(text);
    return typeof parsed === "string" ? new InvalidValue(parsed) : parsed;
  },
  format: ({ text }) => text,
};

/** A monitoring port. A password in it is never shown. */
export const monitorUrl: Kind<string> = {
  placeholder: "URL",
  parse({ text, fields }) {
    const url = fields ? null : URL.parse(/^\w+:\/\//.test(text) ? text : `http://${text}`);
    if (url && /^https?:$/.test(url.protocol) && url.hostname !== "") return url.href;
    return new InvalidValue(`is ${quote(text)}, but must be a monitoring port such as http://127.0.0.1:8222`);
  },
};
