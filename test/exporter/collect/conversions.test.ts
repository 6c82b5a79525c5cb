/** Conversions: every value becomes a finite number or no sample. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as json from "../../../src/exporter/collect/conversions.ts";

const CONVERSIONS = {
  number: json.number,
  flag: json.flag,
  nanoseconds: json.nanoseconds,
  duration: json.duration,
  instant: json.instant,
  limit: json.limit,
};

describe("a conversion", () => {
  it.each([
    ["number", 0, 0],
    ["number", 2 ** 53, 2 ** 53],
    ["number", Number.POSITIVE_INFINITY, undefined],
    ["number", Number.NaN, undefined],
    ["number", "1", undefined],
    ["number", true, undefined],
    ["number", null, undefined],
    ["flag", true, 1],
    ["flag", false, 0],
    ["flag", 1, undefined],
    ["nanoseconds", 1_500_000_000, 1.5],
    ["nanoseconds", "1.5s", undefined],
    ["duration", "335\u00b5s", 0.000335],
    ["duration", 335, undefined],
    ["instant", "1970-01-01T00:00:01Z", 1],
    ["instant", "0001-01-01T00:00:00Z", undefined],
    ["instant", 1, undefined],
    ["limit", 10, 10],
    ["limit", 0, undefined],
    ["limit", -1, undefined],
    ["limit", 2 ** 64, undefined], // as JSON.parse reads 18446744073709551615
    ["limit", 2 ** 63, undefined],
  ] as const)("converts to %s: %j gives %j", (name, value, expected) => {
    expect(CONVERSIONS[name](value)).toBe(expected);
  });

  it.each(Object.entries(CONVERSIONS))(
    "to %s gives a finite number or undefined for any value",
    (_, convert) => {
      fc.assert(
        fc.property(fc.anything(), (value) => {
          expect(Number.isFinite(convert(value) ?? 0)).toBe(true);
        }),
      );
    },
  );
});
