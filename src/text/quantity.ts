/**
 * Quantities as text, formatted alike in tables and in sentences: three significant digits, a unit that fits, and
 * thousands separators.
 */

const DURATIONS = [
  ["s", 1e9],
  ["ms", 1e6],
  ["us", 1e3],
  ["ns", 1],
] as const;

/** A duration in the largest unit that leaves a digit before the point: `1.23 ms`. @param nanos `-` if undefined */
export function duration(nanos: number | undefined): string {
  if (nanos === undefined) return "-";
  if (nanos === 0) return "0";
  const size = Math.abs(nanos);
  const [unit, scale] = DURATIONS.find(([, one]) => size >= one) ?? (["ns", 1] as const);
  return `${digits(nanos / scale)} ${unit}`;
}

/** Two durations, with one unit if it is the same: `470-475 us`, `998 us-1.02 ms`. @param from `-` if undefined */
export function durationRange(from: number | undefined, until: number | undefined): string {
  const [first, last] = [duration(from), duration(until)];
  if (first === last) return first;
  const [value, unit] = first.split(" ");
  return `${last.endsWith(` ${unit}`) ? value : first}-${last}`;
}

/** Seconds, with up to two decimals: `30 s`, `2.5 s`. */
export function seconds(value: number): string {
  return `${Number(value.toFixed(value < 10 ? 2 : 1))} s`;
}

/** A whole number: `1,234,567`. @param value `-` if undefined */
export function count(value: number | undefined): string {
  return value === undefined ? "-" : Math.round(value).toLocaleString("en-US");
}

const BYTES = [
  ["GiB", 2 ** 30],
  ["MiB", 2 ** 20],
  ["KiB", 2 ** 10],
] as const;

/** Bytes in powers of 1,024, as NATS prints them: `1.50 MiB`. */
export function bytes(value: number): string {
  const [unit, scale] = BYTES.find(([, one]) => value >= one) ?? (["B", 1] as const);
  return `${unit === "B" ? count(value) : digits(value / scale)} ${unit}`;
}

/**
 * A share as a percentage: `0.4 %`, `12 %`, `98.9 %`. A decimal is shown below 10 % and from 90 % up; a share just below 1 is rounded down, so that `100 %` means all.
 * @param value 0 to 1; `-` if undefined
 */
export function share(value: number | undefined): string {
  if (value === undefined) return "-";
  const percent = Number((value * 100).toPrecision(12));
  if (percent > 0 && percent < 0.05) return "< 0.1 %";
  if (percent >= 90 && percent < 100) return `${(Math.floor(percent * 10) / 10).toFixed(1)} %`;
  return `${percent !== 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** A number with its noun: `1 message`, `1,234 messages`. @param plural if it does not end in `s` */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`;
}

function digits(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return count(value);
  return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}
