/** How a report writes numbers: enough digits to compare, and never more than were measured. */

const DURATIONS = [
  ["s", 1e9],
  ["ms", 1e6],
  ["us", 1e3],
  ["ns", 1],
] as const;

/** Three digits and the largest unit that leaves something before the point: `1.23 ms`. Undefined is `-`. */
export function duration(nanos: number | undefined): string {
  if (nanos === undefined) return "-";
  if (nanos === 0) return "0";
  const size = Math.abs(nanos);
  const [unit, scale] = DURATIONS.find(([, one]) => size >= one) ?? (["ns", 1] as const);
  return `${digits(nanos / scale)} ${unit}`;
}

/** Whole seconds and parts: `30 s`, `2.5 s`. */
export function seconds(value: number): string {
  return `${Number(value.toFixed(value < 10 ? 2 : 1))} s`;
}

/** With commas: `1,234,567`. */
export function count(value: number | undefined): string {
  return value === undefined ? "-" : Math.round(value).toLocaleString("en-US");
}

const BYTES = [
  ["GiB", 2 ** 30],
  ["MiB", 2 ** 20],
  ["KiB", 2 ** 10],
] as const;

/** Powers of 1,024, as NATS has them: `1.5 MiB`. */
export function bytes(value: number): string {
  const [unit, scale] = BYTES.find(([, one]) => value >= one) ?? (["B", 1] as const);
  return `${unit === "B" ? count(value) : digits(value / scale)} ${unit}`;
}

/** A share from 0 to 1: `12 %`, `0.4 %`. */
export function share(value: number | undefined): string {
  if (value === undefined) return "-";
  const percent = value * 100;
  return `${percent !== 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/**
 * A text of somebody else (a subject, a server's name, a command) for a reader's screen: on one line, and what
 * would steer a terminal is shown as `\u{1b}`.
 */
export function visible(text: string): string {
  return text
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`);
}

function digits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}
