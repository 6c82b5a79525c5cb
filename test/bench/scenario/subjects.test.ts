import { expect, it } from "vitest";
import { covers } from "../../../src/bench/scenario/subjects.ts";

it.each([
  ["a", "a", true],
  ["a.*", "a.b", true],
  ["a.*", "a.*", true],
  ["a.>", "a.*", true],
  ["a.>", "a.b.c", true],
  [">", "a.*", true],
  ["a.>", "a", false],
  ["a.*", "a", false],
  ["a.*", "a.b.c", false],
  ["a.*", "a.>", false],
  ["a.b", "a.*", false],
  ["a", "a.b", false],
])("%s covers %s: %s", (pattern, subject, expected) => {
  expect(covers(pattern, subject)).toBe(expected);
});
