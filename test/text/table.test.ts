import { expect, it } from "vitest";
import { code, markdownTable, plainTable } from "../../src/text/table.ts";

it("aligns the first column left and numbers right in a terminal", () => {
  const table = { head: ["", "p50"], rows: [["response", "1.00 ms"], ["x"]] };
  expect(plainTable(table)).toBe("                p50\n  response  1.00 ms\n  x");
});

it("escapes pipes in Markdown unless they are escaped already", () => {
  const rows = [["a|b", "c\\|d", "e\\\\|f", "g\nh"]];
  expect(markdownTable(["1", "2", "3", "4"], rows).split("\n")).toEqual([
    "| 1 | 2 | 3 | 4 |",
    "| --- | --- | --- | --- |",
    "| a\\|b | c\\|d | e\\\\\\|f | g h |",
  ]);
  expect(markdownTable(["a", "b"], [], "right")).toBe("| a | b |\n| --- | ---: |");
});

it("puts code into as many backticks as it needs", () => {
  expect([code("a"), code("a`b"), code("")]).toEqual(["`a`", "`` a`b ``", ""]);
});
