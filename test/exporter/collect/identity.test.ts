import { expect, test } from "vitest";
import { isSince } from "../../../src/exporter/collect/identity.ts";

test.each([
  ["2.14.0", "2.14.0", true],
  ["2.14.0-RC.1", "2.14.0", true],
  ["v2.15.2", "2.14.0", true],
  ["2.9.25", "2.14.0", false],
  ["2.13.99", "2.14.0", false],
  ["3.0.0", "2.14.0", true],
  ["devel", "2.14.0", false],
  ["", "2.14.0", false],
  [undefined, "2.14.0", false],
])("%s is since %s: %s", (version, first, expected) => {
  expect(isSince(version, first)).toBe(expected);
});
