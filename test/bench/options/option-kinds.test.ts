import { describe, expect, it } from "vitest";
import {
  bytes,
  filter,
  header,
  monitorUrl,
  name,
  rate,
  sizes,
  stage,
  subject,
  timedCommand,
} from "../../../src/bench/options/option-kinds.ts";
import { InvalidValue } from "../../../src/input/invalid-value.ts";
import type { Kind } from "../../../src/input/kind.ts";

const read = (kind: Kind<unknown>, text: string) =>
  kind.parse({ text, origin: { source: "flag", place: "--x" } });

const GOOD: readonly (readonly [string, Kind<unknown>, string, unknown])[] = [
  ["a size in natscli's units", bytes(1, 2 ** 40, "1GB"), "1KB", 1024],
  ["a size without a unit", bytes(1, 2 ** 40, "1GB"), "77", 77],
  ["a size of binary units", bytes(1, 2 ** 40, "1GB"), "1.5MiB", 1_572_864],
  ["a rate", rate, "0.5", 0.5],
  ["a rate with underscores", rate, "1_000", 1000],
  ["a rate in thousands", rate, "20k", 20_000],
  ["a stage", stage, "1000/30s", { from: 1000, to: 1000, seconds: 30 }],
  ["a ramp", stage, "0..5000/1m30s", { from: 0, to: 5000, seconds: 90 }],
  ["one size", sizes, "128B", { kind: "fixed", bytes: 128 }],
  ["a range of sizes", sizes, "100..1KB", { kind: "uniform", least: 100, most: 1024 }],
  ["a normal size", sizes, "1KB~200", { kind: "normal", mean: 1024, deviation: 200, most: 1824 }],
  [
    "weighted sizes",
    sizes,
    "128=90, 4KB=10",
    {
      kind: "weighted",
      choices: [
        { bytes: 128, weight: 90 },
        { bytes: 4096, weight: 10 },
      ],
    },
  ],
  ["a header", header, "Trace: on:off", ["Trace", "on:off"]],
  ["a subject", subject, "orders.new", "orders.new"],
  ["a filter", filter, "orders.*.>", "orders.*.>"],
  ["a command", timedCommand, "10s:kill -STOP 5; sleep 1", { second: 10, command: "kill -STOP 5; sleep 1" }],
  ["a monitor without a scheme", monitorUrl, "127.0.0.1:8222", "http://127.0.0.1:8222/"],
];

const BAD: readonly (readonly [string, Kind<unknown>, string])[] = [
  ["a rate", rate, "0"],
  ["a rate", rate, "fast"],
  ["a rate", rate, "10000001"],
  ["a stage", stage, "1000"],
  ["a stage", stage, "1000/0s"],
  ["a stage", stage, "1..2..3/5s"],
  ["sizes", sizes, "200..100"],
  ["sizes", sizes, "65MB"],
  ["sizes", sizes, "128=0"],
  ["sizes", sizes, "128=x"],
  ["sizes", sizes, "1KB~"],
  ["a header", header, "Trace"],
  ["a header", header, "a b: c"],
  ["a header", header, "a: b\r\nc: d"],
  ["a subject", subject, "orders.*"],
  ["a subject", subject, "orders..new"],
  ["a name", name, "a.b"],
  ["a filter", filter, "a.>.b"],
  ["a command", timedCommand, "10:kill"],
  ["a command", timedCommand, "10s:"],
  ["a monitor", monitorUrl, "ftp://host"],
];

describe("a kind of value", () => {
  it.each(GOOD)("reads %s, and writes it as a text that gives the same value", (_, kind, text, value) => {
    expect(read(kind, text)).toEqual(value);
    expect(read(kind, kind.format(value))).toEqual(value);
  });

  it.each(BAD)("reports that a text is not %s", (_, kind, text) => {
    const invalid = read(kind, text);
    expect(invalid).toBeInstanceOf(InvalidValue);
    expect((invalid as InvalidValue).why).toMatch(/: expected /);
  });

  it("hides secrets in errors", () => {
    const shown = [
      read(header, "Authorization hunter2"),
      read(monitorUrl, "ftp://a:hunter2@b"),
    ] as InvalidValue[];
    for (const { why } of shown) expect(why).not.toContain("hunter2");
  });
});
