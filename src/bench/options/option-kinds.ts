/** Kinds of values that only bench options have. Pure. Sizes are written as in natscli. */
import { InvalidValue } from "../../input/invalid-value.ts";
import { type Kind, textKind } from "../../input/kind.ts";
import { formatBytes, formatDuration } from "../../input/kinds.ts";
import { invalid } from "../../input/problems.ts";
import { parseGoDuration } from "../../time/go-time.ts";
import type { TimedCommand } from "../faults/commands.ts";
import { parseThreshold, type Threshold } from "../result/threshold.ts";
import type { SizeChoice } from "../scenario/scenario.ts";
import type { Stage } from "../scenario/schedule.ts";

/** A share of a whole. */
export const share: Kind<number> = textKind("SHARE", "a number from 0 to 1, such as 0.5", (text) => {
  const number = Number(text);
  return text.trim() !== "" && number >= 0 && number <= 1 ? number : undefined;
});

const MAX_PER_SECOND = 10_000_000;
const MAX_SECONDS = 86_400;
const MULTIPLES: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6 };

/** Operations per second in `1000`, `1,000`, `0.5` or `20k`. */
function perSecond(text: string): number | undefined {
  const [, digits = "", multiple = ""] = /^(\d[\d,_]*(?:\.\d+)?)([km]?)$/i.exec(text) ?? [];
  if (digits === "") return undefined;
  const number = Number(digits.replaceAll(/[,_]/g, "")) * (MULTIPLES[multiple.toLowerCase()] as number);
  return number <= MAX_PER_SECOND ? number : undefined;
}

/** Operations per second of all clients together. */
export const rate: Kind<number> = textKind(
  "RATE",
  `a number above 0, such as 1000 or 20k, up to ${MAX_PER_SECOND / 1e6}M`,
  (text) => {
    const number = perSecond(text);
    return number !== undefined && number > 0 ? number : undefined;
  },
);

/** A rate, or a ramp between two rates, and its duration. */
export const stage: Kind<Stage> = textKind(
  "RATE[..RATE]/DURATION",
  "a rate and a duration, such as 1000/30s, or a ramp, such as 100..5000/1m; up to 24h",
  (text) => {
    const [, first = "", second = first, length = ""] = /^([^/]+?)(?:\.\.([^/]+))?\/(.+)$/.exec(text) ?? [];
    const [from, to, seconds] = [perSecond(first), perSecond(second), parseGoDuration(length)];
    const isWhole = from !== undefined && to !== undefined && seconds !== undefined;
    return isWhole && seconds > 0 && seconds <= MAX_SECONDS ? { from, to, seconds } : undefined;
  },
  ({ from, to, seconds }) => `${from === to ? from : `${from}..${to}`}/${formatDuration(seconds)}`,
);

/** natscli's units: powers of 1,024. */
const UNITS: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };
const SIZE = /^(\d+(?:\.\d+)?) ?([KMGT]?)(?:i?B)?$/i;

function bytesIn(text: string): number | undefined {
  const [, digits, unit = ""] = SIZE.exec(text) ?? [];
  const number = Number(digits) * (UNITS[unit.toUpperCase()] as number);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** Bytes from `min` to `max`, both included. */
export function bytes(min: number, max: number, example: string): Kind<number> {
  const expected = `a size such as ${example}, from ${min} B to ${max / 2 ** 20} MiB`;
  return textKind(
    "SIZE",
    expected,
    (text) => {
      const size = bytesIn(text);
      return size !== undefined && size >= min && size <= max ? size : undefined;
    },
    formatBytes,
  );
}

/** Maximum of `max_payload` in nats-server. */
const MAX_MESSAGE_BYTES = 64 * 2 ** 20;
/** Sizes of a normal distribution are cut at this many deviations above the mean. */
const MAX_DEVIATIONS = 4;

/** Sizes of messages: one size, a range, a normal distribution, or sizes with weights. */
export const sizes: Kind<SizeChoice> = textKind(
  "SIZE",
  "a size such as 128 or 4KB, a range such as 100..1KB, a mean and a deviation such as 1KB~200, or weights such as 128=90,4KB=9,64KB=1; up to 64 MiB",
  (text) => {
    const choice = text.includes("=") ? weightedSizes(text) : oneSize(text);
    return choice && largestSize(choice) <= MAX_MESSAGE_BYTES ? choice : undefined;
  },
  formatSizes,
);

function oneSize(text: string): SizeChoice | undefined {
  const [first = "", second, more] = text.split(/\.\.|~/);
  const [one, other] = [bytesIn(first.trim()), second === undefined ? undefined : bytesIn(second.trim())];
  if (one === undefined || more !== undefined) return undefined;
  if (second === undefined) return { kind: "fixed", bytes: one };
  if (other === undefined) return undefined;
  if (text.includes("~")) {
    return { kind: "normal", mean: one, deviation: other, most: one + MAX_DEVIATIONS * other };
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
  const valid = choices.filter((one): one is { bytes: number; weight: number } => one.bytes !== undefined);
  if (valid.length < choices.length || !choices.every(({ weight }) => weight >= 0)) return undefined;
  return choices.some(({ weight }) => weight > 0) ? { kind: "weighted", choices: valid } : undefined;
}

function largestSize(choice: SizeChoice): number {
  if (choice.kind === "fixed") return choice.bytes;
  return choice.kind === "weighted" ? Math.max(...choice.choices.map((one) => one.bytes)) : choice.most;
}

function formatSizes(choice: SizeChoice): string {
  switch (choice.kind) {
    case "fixed":
      return formatBytes(choice.bytes);
    case "uniform":
      return `${formatBytes(choice.least)}..${formatBytes(choice.most)}`;
    case "normal":
      return `${formatBytes(choice.mean)}~${formatBytes(choice.deviation)}`;
    case "weighted":
      return choice.choices.map((one) => `${formatBytes(one.bytes)}=${one.weight}`).join(",");
  }
}

/** A header. Errors do not show it, because values of some names are secrets. */
export const header: Kind<readonly [name: string, value: string]> = {
  placeholder: "NAME:VALUE",
  parse({ text, fields }) {
    const [, name, value] = /^([!-9;-~]+):[ \t]*([^\r\n]*)$/.exec(fields ? "" : text) ?? [];
    if (name === undefined || value === undefined) {
      return new InvalidValue(
        "is not a header: expected a name without blanks, a colon and a value, such as Trace:on",
      );
    }
    return [name, value];
  },
  format: ([name, value]) => `${name}:${value}`,
};

/** A subject that can be published to. */
export const subject: Kind<string> = textKind(
  "SUBJECT",
  "a subject without blanks, wildcards and empty tokens, such as orders.new",
  (text) => (/^[^\s.*>]+(?:\.[^\s.*>]+)*$/.test(text) ? text : undefined),
);

/** A subject that may have wildcards. */
export const filter: Kind<string> = textKind(
  "SUBJECT",
  "a subject, which may have wildcards, such as orders.*",
  (text) => (/^(?:[^\s.*>]+|\*)(?:\.(?:[^\s.*>]+|\*))*(?:\.>)?$|^>$/.test(text) ? text : undefined),
);

/** Name of a queue group. */
export const queueName: Kind<string> = textKind("NAME", "a name without blanks", (text) =>
  /^\S{1,255}$/.test(text) ? text : undefined,
);

/** Name of a stream, a consumer or a bucket. */
export const name: Kind<string> = textKind(
  "NAME",
  "a name without blanks, dots, wildcards and slashes",
  (text) => (/^[^\s.*>/\\]{1,255}$/.test(text) ? text : undefined),
);

/** Name of a scenario. */
export const title: Kind<string> = textKind("NAME", "a name of 1 to 100 characters", (text) =>
  text.trim() !== "" && text.length <= 100 ? text : undefined,
);

/** A command and its time: `10s:systemctl restart nats`. */
export const timedCommand: Kind<TimedCommand> = textKind(
  "TIME:COMMAND",
  'a time since the start and a command, such as 10s:"kill -STOP 4711"',
  (text) => {
    const [, at = "", command = ""] = /^([^:]+):(.*\S.*)$/s.exec(text) ?? [];
    const second = parseGoDuration(at);
    if (second === undefined || second < 0 || second > MAX_SECONDS) return undefined;
    return { second, command: command.trim() };
  },
  ({ second, command }) => `${formatDuration(second)}:${command}`,
);

/** A condition on a figure, as `parseThreshold` reads it. */
export const threshold: Kind<Threshold> = {
  placeholder: "CONDITION",
  parse({ text, fields }) {
    const parsed = fields
      ? "is a mapping: expected a condition such as response.p99<5ms"
      : parseThreshold(text);
    return typeof parsed === "string" ? new InvalidValue(parsed) : parsed;
  },
  format: ({ text }) => text,
};

/** URL of a monitoring port. Errors hide a password in it. */
export const monitorUrl: Kind<string> = {
  placeholder: "URL",
  parse({ text, fields }) {
    const url = fields ? null : URL.parse(/^\w+:\/\//.test(text) ? text : `http://${text}`);
    if (url && /^https?:$/.test(url.protocol) && url.hostname !== "") return url.href;
    return invalid(text, "the URL of a monitoring port, such as http://127.0.0.1:8222");
  },
  format: String,
};
