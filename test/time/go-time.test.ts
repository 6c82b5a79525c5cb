/** Durations and instants as Go servers write them, and texts that are neither. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseGoDuration, parseInstant } from "../../src/time/go-time.ts";

describe("a Go duration", () => {
  // Cases of Go's TestParseDuration that fit into a double of seconds.
  it.each([
    ["0", 0],
    ["5s", 5],
    ["30s", 30],
    ["1478s", 1478],
    ["-5s", -5],
    ["+5s", 5],
    ["-0", 0],
    ["+0", 0],
    ["5.0s", 5],
    ["5.6s", 5.6],
    ["5.s", 5],
    [".5s", 0.5],
    ["1.0s", 1],
    ["1.00s", 1],
    ["1.004s", 1.004],
    ["1.0040s", 1.004],
    ["100.00100s", 100.001],
    ["10ns", 10e-9],
    ["11us", 11e-6],
    ["12\u00b5s", 12e-6],
    ["12\u03bcs", 12e-6],
    ["13ms", 0.013],
    ["14s", 14],
    ["15m", 900],
    ["16h", 57_600],
    ["3h30m", 12_600],
    ["10.5s4m", 250.5],
    ["-2m3.4s", -123.4],
    ["1h2m3s4ms5us6ns", 3723.004005006],
    ["39h9m14.425s", 140_954.425],
    ["52763797000ns", 52.763797],
    ["0.3333333333333333333h", 1200],
    ["0.100000000000000000000h", 360],
  ])("%s is %d seconds", (text, seconds) => {
    expect(parseGoDuration(text)).toBeCloseTo(seconds, 9);
  });

  it.each([
    ["335\u00b5s", 0.000335],
    ["10.429029ms", 0.010429029],
    ["1m39s", 99],
    ["1d2h3m4s", 93_784],
    ["1y2d", (365 + 2) * 86_400],
    ["2y0d0h0m1s", 2 * 365 * 86_400 + 1],
    ["374.432517ms", 0.374432517],
    ["0s", 0],
  ])("%s, as servers print it, is %d seconds", (text, seconds) => {
    expect(parseGoDuration(text)).toBeCloseTo(seconds, 12);
  });

  it.each(
    [
      "",
      "3",
      "-",
      "s",
      ".",
      "-.",
      ".s",
      "+.s",
      "1d ",
      " 1s",
      "1 s",
      "1e3s",
      "1s-1s",
      "--1s",
      "1.2.3s",
      "0x1s",
    ].concat(["1w", "1S", "1s\n", "\u0661s", "Infinity", "NaNs", `${"9".repeat(400)}s`]),
  )("%j is invalid", (text) => {
    expect(parseGoDuration(text)).toBeUndefined();
  });

  it("is parsed from Go's text for any number of nanoseconds", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 53n }), (nanos) => {
        const text = `${nanos / 3_600_000_000_000n}h${(nanos / 60_000_000_000n) % 60n}m${(nanos / 1_000_000_000n) % 60n}.${String(nanos % 1_000_000_000n).padStart(9, "0")}s`;
        const seconds = Number(nanos) / 1e9;
        expect(Math.abs((parseGoDuration(text) as number) - seconds)).toBeLessThanOrEqual(seconds * 1e-14);
      }),
    );
  });

  it("is a finite number or undefined for any text, and never minus zero", () => {
    const pieces = fc.constantFrom(
      "1",
      "9".repeat(50),
      ".",
      "-",
      "s",
      "ms",
      "\u00b5s",
      "h",
      "d",
      "y",
      "0",
      "e",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces).map((parts) => parts.join("")),
        ),
        (text) => {
          const seconds = parseGoDuration(text) ?? 0;
          expect(Number.isFinite(seconds) && !Object.is(seconds, -0)).toBe(true);
        },
      ),
    );
  });
});

describe("an RFC 3339 instant", () => {
  it.each([
    ["1970-01-01T00:00:00Z", 0],
    ["2026-11-23T03:58:54.420813945Z", 1_795_406_334.42],
    ["2026-11-23T03:58:54Z", 1_795_406_334],
    ["2026-11-23T05:28:54.5+01:30", 1_795_406_334.5],
    ["2026-11-22T19:58:54-08:00", 1_795_406_334],
    ["1969-12-31T23:59:59Z", -1],
    ["2024-02-29T00:00:00Z", 1_709_164_800],
    ["2000-02-29T00:00:00Z", 951_782_400],
    ["9999-12-31T23:59:59.999999999Z", 253_402_300_799.999],
    ["0099-01-01T00:00:00Z", -59_042_995_200],
  ])("%s is %d seconds after 1970", (text, seconds) => {
    expect(parseInstant(text)).toBe(seconds);
  });

  it.each([
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+00:00",
    "0001-01-01T05:30:00+05:30",
    "0000-12-31T19:00:00-05:00",
    "0000-06-01T00:00:00Z",
  ])('%s is "never"', (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  it.each([
    "2026-02-29T00:00:00Z",
    "2026-02-31T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-01-00T00:00:00Z",
    "2026-01-32T00:00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01T23:60:00Z",
    "2026-01-01T23:59:60Z",
    "2026-01-01T00:00:00",
    "2026-01-01T00:00:00+24:00",
    "2026-01-01T00:00:00.Z",
    "2026-01-01 00:00:00Z",
    "2026-01-01T00:00:00Z\n",
    "+002026-01-01T00:00:00Z",
    "10000-01-01T00:00:00Z",
    "2026-1-1T0:0:0Z",
    "yesterday",
    "",
  ])("%j is invalid", (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  it("is parsed from the text of any JavaScript date, and is finite or undefined for any text", () => {
    const dates = fc.date({ min: new Date("0001-01-02"), max: new Date("9999-12-31"), noInvalidDate: true });
    fc.assert(
      fc.property(dates, (date) => {
        expect(parseInstant(date.toISOString())).toBe(date.getTime() / 1000);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(Number.isFinite(parseInstant(text) ?? 0)).toBe(true);
      }),
    );
  });
});
