import { expect, it } from "vitest";
import {
  changePerSecond,
  parseExposition,
  type Reading,
  samplesOf,
  sampleValue,
} from "../../../tools/demo/exposition-reader.ts";

it("reads names, labels and values, and skips comments", () => {
  const samples = parseExposition(
    ["# HELP a_total A.", "# TYPE a_total counter", "a_total 3", 'b{x="1",y="2"} 1e3', "", "# EOF"].join(
      "\n",
    ),
  );
  expect([...samples.keys()]).toEqual(["a_total", "b"]);
  expect(samples.get("a_total")).toEqual([{ labels: {}, value: 3 }]);
  expect(samples.get("b")).toEqual([{ labels: { x: "1", y: "2" }, value: 1000 }]);
});

it("resolves escapes in label values, and ignores braces inside of quotes", () => {
  const [sample] = parseExposition('a{x="say \\"}\\" 7, C:\\\\new\\nline",y="é😀"} 5').get("a") ?? [];
  expect(sample).toEqual({ labels: { x: 'say "}" 7, C:\\new\nline', y: "é😀" }, value: 5 });
});

it("reads infinities and NaN", () => {
  const values = parseExposition("a +Inf\na -Inf\na NaN")
    .get("a")
    ?.map(({ value }) => value);
  expect(values).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]);
});

const reading = (atSeconds: number, text: string): Reading => ({
  atSeconds,
  tookSeconds: 0,
  bytes: 0,
  series: 0,
  samples: parseExposition(text),
});

it("finds samples by some of their labels", () => {
  const one = reading(0, 'a{x="1",y="1"} 1\na{x="1",y="2"} 2\na{x="2",y="2"} 3');
  expect(samplesOf(one, "a", { x: "1" }).map(({ value }) => value)).toEqual([1, 2]);
  expect(sampleValue(one, "a", { y: "2", x: "2" })).toBe(3);
  expect(sampleValue(one, "b")).toBeUndefined();
});

it("calculates changes per second only for samples in both readings", () => {
  const readings = [reading(10, "a 100\nb 1"), reading(14, "a 120\nc 1")] as const;
  expect(changePerSecond(readings, "a")).toBe(5);
  expect(changePerSecond(readings, "b")).toBeUndefined();
  expect(changePerSecond(readings, "c")).toBeUndefined();
});
