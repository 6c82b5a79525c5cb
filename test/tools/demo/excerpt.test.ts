import { expect, it } from "vitest";
import { excerpt, type Style } from "../../../tools/demo/excerpt.ts";
import { parseExposition, type Reading } from "../../../tools/demo/exposition-reader.ts";

const same = (text: string): string => text;
const plain: Style = { heading: same, dim: same, good: same, warning: same, bad: same };

function reading(atSeconds: number, lines: readonly string[]): Reading {
  return {
    atSeconds,
    tookSeconds: 0.0123,
    bytes: 45_678,
    series: 321,
    samples: parseExposition(lines.join("\n")),
  };
}

function consumer(name: string, values: Record<string, number>): string[] {
  const labels = `account="$G",stream="ORDERS",consumer="${name}"`;
  return Object.entries(values).map(([metric, value]) => `nats_consumer_${metric}{${labels}} ${value}`);
}

const about = (text: string, lines: readonly string[]): string | undefined =>
  lines.find((line) => line.includes(text));

it("judges consumers by the values of two scrapes", () => {
  const state = (lag: number): string[] => [
    ...consumer("quick", { pending: 3, ack_pending: 10, ack_pending_ratio: 0.01 }),
    ...consumer("slow", { pending: lag, ack_pending: 0, ack_pending_ratio: 0 }),
    ...consumer("dead", { pending: 9, ack_pending: 50, ack_pending_ratio: 1 }),
    ...consumer("limited", { pending: 700, ack_pending: 1 }),
    'nats_consumer_threshold{account="$G",stream="ORDERS",consumer="limited",threshold="unprocessed-critical"} 500',
  ];
  const lines = excerpt([reading(0, state(1000)), reading(10, state(2500))], plain);
  expect(about("quick", lines)).toBe("  ORDERS / quick                3     10/1,000        -  keeps up");
  expect(about("slow", lines)).toBe(
    "  ORDERS / slow             2,500            0        -  BEHIND: lag +150/s",
  );
  expect(about("dead", lines)).toContain("50/50        -  STUCK: no acks");
  expect(about("limited", lines)).toContain("BEHIND: limit is 500");
});

it("reports down, failed and missing instead of leaving them out", () => {
  const silent = [
    reading(0, []),
    reading(5, ["nats_up 0", 'natscope_collector_success{collector="jsz"} 0']),
  ] as const;
  const lines = excerpt(silent, plain);
  expect(about("nats_up", lines)).toContain("DOWN");
  expect(about("nats_healthy", lines)).toContain("nats_healthy is not reported");
  expect(about("natscope_collector_success", lines)).toContain("jsz failed");
  expect(lines.filter((line) => line.endsWith("is missing"))).toHaveLength(5);
});
