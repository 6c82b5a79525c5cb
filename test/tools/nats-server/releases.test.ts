import { expect, it } from "vitest";
import { compareVersions, pinnedRelease, RELEASES, satisfies } from "../../../tools/nats-server/releases.ts";

it("has three lines, newest first, the last of them the oldest supported", () => {
  expect(RELEASES.map(({ line }) => line)).toEqual(["2.15", "2.10", "2.9"]);
  for (const { line, version, sha256 } of RELEASES) {
    expect(version.startsWith(`${line}.`)).toBe(true);
    for (const checksum of Object.values(sha256)) expect(checksum).toMatch(/^[0-9a-f]{64}$/);
  }
});

it("has each checksum once", () => {
  const all = RELEASES.flatMap(({ sha256 }) => Object.values(sha256));
  expect(new Set(all).size).toBe(all.length);
});

it.each([
  ["2.10.27", "2.10.27", true],
  ["2.10.27", "2.10.2", false],
  ["2.10.27", "2.10", true],
  ["2.10.27", "2.1", false],
  ["2.9.10", undefined, true],
  ["2.10.0-RC.1", undefined, true],
  ["2.8.4", undefined, false],
  ["1.4.1", undefined, false],
])("%s satisfies %s: %s", (version, wanted, expected) => {
  expect(satisfies(version, wanted)).toBe(expected);
});

it("compares by number, not by text", () => {
  expect(["2.9.25", "2.15.2", "2.10.27", "2.9.3"].sort(compareVersions)).toEqual([
    "2.9.3",
    "2.9.25",
    "2.10.27",
    "2.15.2",
  ]);
});

it("finds a pinned release by line or by version", () => {
  expect(pinnedRelease("2.9")).toBe(pinnedRelease("2.9.25"));
  expect(pinnedRelease(undefined)).toBe(RELEASES[0]);
  expect(pinnedRelease("2.11")).toBeUndefined();
});
