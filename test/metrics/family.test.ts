/** Label texts, families and merging. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  escapeLabelValue,
  family,
  labelText,
  type Metric,
  merge,
  Samples,
} from "../../src/metrics/family.ts";

const metric = (name: string, help = "H."): Metric => ({ name, type: "gauge", help });

describe("a label value", () => {
  it.each([
    ["plain", "plain"],
    ["", ""],
    ['say "hi"', 'say \\"hi\\"'],
    ["a\\b", "a\\\\b"],
    ["two\nlines", "two\\nlines"],
    ["\\n", "\\\\n"],
    ['\\"\n', '\\\\\\"\\n'],
    ["\r\t\u0000", "\r\t\u0000"],
    ["emoji \u{1f600}", "emoji \u{1f600}"],
    ["half \ud83d", "half \ufffd"],
    ['half \ud83d"', 'half \ufffd\\"'],
  ])("writes %j as %j", (value, written) => {
    expect(escapeLabelValue(value)).toBe(written);
  });

  it("can be parsed back to any original value", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        const written = escapeLabelValue(value);
        expect(written).not.toMatch(/\n|(?<!\\)(?:\\\\)*"/);
        const unescaped = written.replaceAll(/\\(.)/gs, (_, c: string) => (c === "n" ? "\n" : c));
        expect(unescaped).toBe(value.toWellFormed());
      }),
    );
  });
});

describe("label text", () => {
  it("pairs names and values by position", () => {
    expect(labelText(["a", "b"], ["1", '"'])).toBe('a="1",b="\\""');
    expect(labelText([], [])).toBe("");
  });

  it("is empty for a missing value", () => {
    expect(labelText(["a", "b"], ["1"])).toBe('a="1",b=""');
  });
});

describe("merge", () => {
  it("joins the columns of a metric in order of first appearance, and the first help wins", () => {
    const one = family(metric("a", "First."), (samples) => samples.add('n="1"', 1));
    const other = family(metric("b"), (samples) => samples.add("", 2));
    const again = family(metric("a", "Second."), (samples) => samples.add('n="2"', 3));
    const merged = merge([one, other, again]);
    expect(merged.map(({ metric }) => [metric.name, metric.help])).toEqual([
      ["a", "First."],
      ["b", "H."],
    ]);
    expect(merged[0]?.columns).toEqual([one.columns[0], again.columns[0]]);
  });

  it("does not change its input", () => {
    const one = family(metric("a"), () => {});
    merge([one, one]);
    expect(one.columns).toHaveLength(1);
    expect(merge([])).toEqual([]);
  });

  it("keeps all samples", () => {
    const parts = fc.array(
      fc.record({ name: fc.constantFrom("a", "b", "c"), values: fc.array(fc.integer()) }),
    );
    fc.assert(
      fc.property(parts, (given) => {
        const families = given.map(({ name, values }) =>
          family(metric(name), (samples) => {
            for (const value of values) samples.add("", value);
          }),
        );
        const merged = merge(families).flatMap(({ metric, columns }) =>
          columns.flatMap(({ values }) => values.map((value) => [metric.name, value])),
        );
        const all = given.flatMap(({ name, values }) => values.map((value) => [name, value]));
        expect(merged.map(String).sort()).toEqual(all.map(String).sort());
      }),
    );
  });
});

it("samples keep labels and values by position", () => {
  const samples = new Samples("_sum");
  samples.add('a="1"', 5);
  samples.add('a="2"', 6);
  expect([samples.suffix, samples.length, samples.labels, samples.values]).toEqual([
    "_sum",
    2,
    ['a="1"', 'a="2"'],
    [5, 6],
  ]);
});
