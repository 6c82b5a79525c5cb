import { describe, expect, it } from "vitest";
import { metricPrefix, metricsPath, seriesLimit } from "../../../src/exporter/settings/kinds.ts";
import type { Given } from "../../../src/input/given.ts";
import { InvalidValue } from "../../../src/input/invalid-value.ts";
import { choice, duration, type Kind, listenAddress, namePattern, size } from "../../../src/input/kinds.ts";

const written = (text: string): Given => ({ origin: { source: "flag", place: "--x" }, text });

function whyNot(kind: Kind<unknown>, text: string): string {
  const refusal = kind.parse(written(text));
  if (!(refusal instanceof InvalidValue))
    throw new Error(`${text} was accepted as ${JSON.stringify(refusal)}`);
  return refusal.why;
}

const ACCEPTED: readonly (readonly [name: string, kind: Kind<unknown>, text: string, value: unknown])[] = [
  ["duration", duration(0), "500ms", 500],
  ["duration", duration(0), "1m30s", 90_000],
  ["duration", duration(0), "0", 0],
  ["duration", duration(100), "1h", 3_600_000],
  ["size", size, "1024", 1024],
  ["size", size, "64MiB", 64 * 2 ** 20],
  ["size", size, "500kB", 500_000],
  ["listen", listenAddress, ":7777", { port: 7777 }],
  ["listen", listenAddress, "127.0.0.1:0", { host: "127.0.0.1", port: 0 }],
  ["listen", listenAddress, "[::1]:65535", { host: "::1", port: 65_535 }],
  ["listen", listenAddress, "nats.example:80", { host: "nats.example", port: 80 }],
  ["path", metricsPath, "/a/b.c", "/a/b.c"],
  ["prefix", metricPrefix, "nats", "nats"],
  ["choice", choice(["fold", "each"]), "each", "each"],
  ["limit", seriesLimit, "0", { series: 0 }],
  ["limit", seriesLimit, "jsz=50000", { collector: "jsz", series: 50_000 }],
];

const REFUSED: readonly (readonly [name: string, kind: Kind<unknown>, text: string, why: RegExp])[] = [
  ["duration without unit", duration(0), "10", /is "10", but must be a duration with its unit/],
  ["duration below", duration(100), "99ms", /from 100ms to 1h/],
  ["duration above", duration(0), "61m", /from 0ms to 1h/],
  ["negative duration", duration(0), "-1s", /must be a duration/],
  ["size of nothing", size, "0", /from 1KiB to 1GiB/],
  ["size too large", size, "2GiB", /from 1KiB to 1GiB/],
  ["size of an unknown unit", size, "10TB", /must be a size such as/],
  ["port above", listenAddress, ":65536", /a port from 0 to 65535/],
  ["bare port", listenAddress, "7777", /such as :7777/],
  ["bare IPv6", listenAddress, "::1:7777", /\[::1\]:7777/],
  ["wrong IPv6", listenAddress, "[::g]:7777", /\[::1\]:7777/],
  ["path without slash", metricsPath, "metrics", /a URL path such as \/metrics/],
  ["path of its own", metricsPath, "/livez", /none of \/, \/probe, \/livez, \/readyz/],
  ["path with query", metricsPath, "/a?b", /without query/],
  ["prefix with a dash", metricPrefix, "my-nats", /letters, digits, underscores/],
  [
    "a word nearly",
    choice(["fold", "each"]),
    "eech",
    /is "eech", but must be fold or each; did you mean each\?/,
  ],
  ["a limit of words", seriesLimit, "many", /a whole number of series/],
  ["a limit of no collector", seriesLimit, "jzs=5", /the collector must be varz, .*; did you mean jsz\?/],
  [
    "a pattern",
    namePattern,
    "a(",
    /is "a\(", but must be a regular expression for whole names \(Unterminated group\)/,
  ],
];

describe("kinds of values", () => {
  it.each(ACCEPTED.map(([name, kind, text, value]) => ({ name, kind, text, value })))(
    "$name takes $text",
    ({ kind, text, value }) => {
      expect(kind.parse(written(text))).toEqual(value);
    },
  );

  it.each(REFUSED)("%s is refused", (_, kind, text, why) => {
    expect(whyNot(kind, text)).toMatch(why);
  });

  it("refuses a mapping where a text belongs", () => {
    const given = { ...written(""), fields: new Map() };
    for (const kind of [size, namePattern]) {
      expect((kind.parse(given) as InvalidValue).why).toMatch(/^is a mapping, but must be a/);
    }
  });

  it("matches a pattern with whole names only", () => {
    const pattern = namePattern.parse(written("A|B.*")) as RegExp;
    expect(["A", "B", "Bc", "xA", "Ax", "xB"].filter((name) => pattern.test(name))).toEqual(["A", "B", "Bc"]);
  });
});
