/** Tests of the validator: a validator that accepted everything would prove nothing. */
import { describe, expect, it } from "vitest";
import { readExposition } from "./exposition-validator.ts";

const HEAD = "# HELP a A.\n# TYPE a gauge\n";
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("the exposition validator", () => {
  it("reads valid text", () => {
    const text = `${HEAD}a 1\na{x="\\\\\\"\\n}, {",y=""} -1.5e+21\na{x="\u{1f600}"} NaN\n`;
    const [family] = readExposition(bytes(text), "prometheus-text");
    expect(family?.samples).toEqual([
      { name: "a", labels: {}, value: 1 },
      { name: "a", labels: { x: '\\"\n}, {', y: "" }, value: -1.5e21 },
      { name: "a", labels: { x: "\u{1f600}" }, value: Number.NaN },
    ]);
  });

  it.each([
    ["a last line without a line feed", `${HEAD}a 1`],
    ["a blank line", `${HEAD}\na 1\n`],
    ["a sample without TYPE", "a 1\n"],
    ["a sample of another family", `${HEAD}b 1\n`],
    ["no help", "# TYPE a gauge\na 1\n"],
    ["no samples", HEAD],
    ["a type of the other format", "# HELP a A.\n# TYPE a unknown\na 1\n"],
    ["a family in two places", `${HEAD}a 1\n# HELP b B.\n# TYPE b gauge\nb 1\n${HEAD}a{x="1"} 1\n`],
    ["a series twice", `${HEAD}a{x="1",y="2"} 1\na{y="2",x="1"} 2\n`],
    ["a label twice", `${HEAD}a{x="1",x="2"} 1\n`],
    ["a label name with a dash", `${HEAD}a{x-y="1"} 1\n`],
    ["a label name that begins with a digit", `${HEAD}a{1x="1"} 1\n`],
    ["a comma after the last label", `${HEAD}a{x="1",} 1\n`],
    ["no comma between labels", `${HEAD}a{x="1"y="2"} 1\n`],
    ["a bare quote in a value", `${HEAD}a{x="a"b"} 1\n`],
    ["a bare backslash in a value", `${HEAD}a{x="a\\d"} 1\n`],
    ["a line feed in a value", `${HEAD}a{x="a\nb"} 1\n`],
    ["a bare backslash in help", "# HELP a A\\d.\n# TYPE a gauge\na 1\n"],
    ["undefined as a number", `${HEAD}a undefined\n`],
    ["JavaScript's infinity", `${HEAD}a Infinity\n`],
    ["a missing number", `${HEAD}a\n`],
    ["a timestamp", `${HEAD}a 1 2\n`],
    ["a metric name with a dash", "# HELP a-b A.\n# TYPE a-b gauge\na-b 1\n"],
  ])("rejects %s", (_, text) => {
    expect(() => readExposition(bytes(text), "prometheus-text")).toThrow();
  });

  it("rejects bytes that are not UTF-8", () => {
    const text = Buffer.concat([bytes(`${HEAD}a{x="`), Buffer.from([0xed, 0xa0, 0x80]), bytes('"} 1\n')]);
    expect(() => readExposition(text, "prometheus-text")).toThrow();
  });

  it.each([
    ["no # EOF", `${HEAD}a 1\n`],
    ["something after # EOF", `${HEAD}a 1\n# EOF\n\n`],
    ["a counter without _total", "# HELP a A.\n# TYPE a counter\na 1\n# EOF\n"],
    [
      "_total in the name of a counter's family",
      "# HELP a_total A.\n# TYPE a_total counter\na_total 1\n# EOF\n",
    ],
    ["an info of 2", "# HELP a A.\n# TYPE a info\na_info 2\n# EOF\n"],
    ["a unit that is not in the name", "# HELP a A.\n# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF\n"],
  ])("rejects in OpenMetrics %s", (_, text) => {
    expect(() => readExposition(bytes(text), "openmetrics")).toThrow();
  });
});
