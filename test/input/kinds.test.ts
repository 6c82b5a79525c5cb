import { describe, expect, it } from "vitest";
import { metricPrefix, metricsPath, seriesLimit } from "../../src/exporter/settings/kinds.ts";
import type { Given } from "../../src/input/given.ts";
import { InvalidValue } from "../../src/input/invalid-value.ts";
import type { Kind } from "../../src/input/kind.ts";
import {
  boolean,
  choice,
  duration,
  formatBytes,
  formatDuration,
  listenAddress,
  milliseconds,
  namePattern,
  size,
  wholeNumber,
} from "../../src/input/kinds.ts";

const written = (text: string): Given => ({ origin: { source: "flag", place: "--x" }, text });

function whyInvalid(kind: Kind<unknown>, given: Given): string {
  const value = kind.parse(given);
  if (!(value instanceof InvalidValue)) throw new Error(`it was read as ${JSON.stringify(value)}`);
  return value.why;
}

const VALID: readonly (readonly [name: string, kind: Kind<unknown>, text: string, value: unknown])[] = [
  ["milliseconds", milliseconds("0s", "1h"), "500ms", 500],
  ["milliseconds", milliseconds("0s", "1h"), "1m30s", 90_000],
  ["milliseconds", milliseconds("0s", "1h"), "0", 0],
  ["milliseconds", milliseconds("100ms", "1h"), "1h", 3_600_000],
  ["a duration", duration("0s", "1h"), "1m30s", 90],
  ["a size", size, "1024", 1024],
  ["a size", size, "64MiB", 64 * 2 ** 20],
  ["a size", size, "500kB", 500_000],
  ["an address", listenAddress, ":7777", { port: 7777 }],
  ["an address", listenAddress, "127.0.0.1:0", { host: "127.0.0.1", port: 0 }],
  ["an address", listenAddress, "[::1]:65535", { host: "::1", port: 65_535 }],
  ["an address", listenAddress, "nats.example:80", { host: "nats.example", port: 80 }],
  ["a path", metricsPath, "/a/b.c", "/a/b.c"],
  ["a prefix", metricPrefix, "nats", "nats"],
  ["a choice", choice(["fold", "each"]), "each", "each"],
  ["a series limit", seriesLimit, "0", { series: 0 }],
  ["a series limit", seriesLimit, "jsz=50000", { collector: "jsz", series: 50_000 }],
  ["a boolean", boolean, "false", false],
  ["a whole number", wholeNumber(1, 1e6), "100,000", 100_000],
  ["a pattern", namePattern, "A|B.*", /^(?:A|B.*)$/u],
];

const INVALID: readonly (readonly [what: string, kind: Kind<unknown>, text: string, why: string])[] = [
  [
    "a duration without its unit",
    milliseconds("0ms", "1h"),
    "10",
    'is "10": expected a duration with its unit, such as 500ms or 10s, from 0ms to 1h',
  ],
  ["a duration below the minimum", milliseconds("100ms", "1h"), "99ms", "from 100ms to 1h"],
  ["a duration above the maximum", milliseconds("0ms", "1h"), "61m", "from 0ms to 1h"],
  ["a negative duration", duration("0s", "1h"), "-1s", 'is "-1s": expected a duration'],
  ["an empty size", size, "0", "from 1KiB to 1GiB"],
  ["a size above the maximum", size, "2GiB", "from 1KiB to 1GiB"],
  ["a size of an unknown unit", size, "10TB", 'is "10TB": expected a size such as 65536'],
  ["a port above the maximum", listenAddress, ":65536", "a port from 0 to 65535"],
  ["a bare port", listenAddress, "7777", "such as :7777"],
  ["a bare IPv6 address", listenAddress, "::1:7777", "[::1]:7777"],
  ["a wrong IPv6 address", listenAddress, "[::g]:7777", "[::1]:7777"],
  ["a path without a slash", metricsPath, "metrics", "a URL path such as /metrics"],
  ["a reserved path", metricsPath, "/livez", "other than /, /probe, /livez or /readyz"],
  ["a path with a query", metricsPath, "/a?b", "without a query"],
  ["a prefix with a dash", metricPrefix, "my-nats", "letters, digits, underscores"],
  [
    "a misspelt word",
    choice(["fold", "each"]),
    "eech",
    'is "eech": expected fold or each; did you mean each?',
  ],
  ["a series limit in words", seriesLimit, "many", 'is "many": expected a number of series from 0'],
  ["a series limit of an unknown collector", seriesLimit, "jzs=5", "; did you mean jsz?"],
  ["a broken pattern", namePattern, "a(", "a regular expression for whole names (Unterminated group)"],
  [
    "a whole number above the maximum",
    wholeNumber(1, 10),
    "11",
    'is "11": expected a whole number from 1 to 10',
  ],
];

describe("a kind", () => {
  it.each(VALID)("reads %s, and writes it as a text that gives the same value", (_, kind, text, value) => {
    expect(kind.parse(written(text))).toEqual(value);
    expect(kind.parse(written(kind.format(value)))).toEqual(value);
  });

  it.each(INVALID)("reports %s", (_, kind, text, why) => {
    expect(whyInvalid(kind, written(text))).toContain(why);
  });

  it("reports a mapping in place of a text", () => {
    const given = { ...written(""), fields: new Map() };
    for (const kind of [size, namePattern]) {
      expect(whyInvalid(kind, given)).toMatch(/^is a mapping: expected a/);
    }
  });

  it("matches a pattern with whole names only", () => {
    const pattern = namePattern.parse(written("A|B.*")) as RegExp;
    expect(["A", "B", "Bc", "xA", "Ax", "xB"].filter((name) => pattern.test(name))).toEqual(["A", "B", "Bc"]);
  });
});

describe("formatted quantities", () => {
  it("are durations in their largest units", () => {
    expect([0, 0.5, 10, 90, 3600, 5400.25].map(formatDuration)).toEqual([
      "0s",
      "500ms",
      "10s",
      "1m30s",
      "1h",
      "1h30m250ms",
    ]);
  });

  it("are sizes in the largest unit that divides them", () => {
    expect([0, 100, 1024, 1500, 2 ** 26, 2 ** 30].map(formatBytes)).toEqual([
      "0",
      "100",
      "1KiB",
      "1500",
      "64MiB",
      "1GiB",
    ]);
  });
});
