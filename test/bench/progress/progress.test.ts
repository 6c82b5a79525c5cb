import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Histogram } from "../../../src/bench/measure/histogram.ts";
import { COUNTERS, type CounterName } from "../../../src/bench/measure/recorder.ts";
import { LiveScenario } from "../../../src/bench/progress/live-scenario.ts";
import { isProgressShown, Progress } from "../../../src/bench/progress/progress.ts";
import { type ProgressPhase, progressLines } from "../../../src/bench/progress/progress-lines.ts";
import type { RecordedSecond } from "../../../src/bench/runner/timeline.ts";
import type { Scenario } from "../../../src/bench/scenario/scenario.ts";
import { Terminal } from "../../cli/bench/terminal.ts";
import { steadily } from "../runner/benchmarks.ts";
import { scenarioOf } from "../workloads/scenarios.ts";

const WIDE = { columns: 120, rows: 24 };
const steady = scenarioOf("request", { name: "steady", amount: { seconds: 30 }, load: steadily(1000, 30) });
const counted = scenarioOf("js pub sync", { name: "counted", amount: { messages: 10_000 } });

function secondOf(
  second: number,
  given: Partial<Record<CounterName, number>>,
  samples: number,
): RecordedSecond {
  const histogram = new Histogram();
  for (let i = 0; i < samples; i++) histogram.record(1_230_000);
  const counters = Object.fromEntries(COUNTERS.map((name) => [name, given[name] ?? 0]));
  return {
    second,
    counters: counters as RecordedSecond["counters"],
    offered: undefined,
    stages: new Map([
      ["response", histogram],
      ["service", histogram],
    ]),
  };
}

/** After so many seconds that were alike. */
function ranFor(
  scenario: Scenario,
  seconds: number,
  counters: Partial<Record<CounterName, number>> = { sent: 1000, completed: 1000 },
  samples = 1000,
): LiveScenario {
  const live = new LiveScenario(scenario);
  let now = 0;
  live.began({ now: () => now, zero: 0 });
  for (let second = 0; second < seconds; second++) {
    now = (second + 1) * 1e9;
    live.second(secondOf(second, counters, samples));
  }
  return live;
}

const lineOf = (live: LiveScenario, phase: ProgressPhase = "measuring") =>
  progressLines([{ live, phase }], WIDE)[0];

describe("a line of progress", () => {
  it("shows phase, time, rate, latency and failures", () => {
    expect(lineOf(ranFor(steady, 12))).toBe(
      "steady  measuring    0:12, 0:18 left  1,000/s  response p99 1.23 ms  0 failed",
    );
    const failing = ranFor(steady, 3, { sent: 900, completed: 800, failed: 1000, errors: 1 });
    expect(lineOf(failing)).toBe(
      "steady  measuring    0:03, 0:27 left  800/s  response p99 1.23 ms  3,000 failed, 3 errors",
    );
  });

  it("marks the remaining time as an estimate if the number of messages ends the run", () => {
    expect(lineOf(ranFor(counted, 4))).toBe(
      "counted  measuring    0:04, ~0:06 left  1,000/s  service p99 1.23 ms  0 failed",
    );
    expect(lineOf(ranFor(counted, 4, {}, 0))).toBe("counted  measuring    0:04  0/s  0 failed");
  });

  it("counts the warm-up as time that passes", () => {
    const warm = { ...steady, warmupSeconds: 10 };
    expect(lineOf(ranFor(warm, 4), "warming up")).toMatch(/^steady {2}warming up {3}0:04, 0:36 left/);
  });

  it("says the highest percentile that a second has enough samples for", () => {
    expect(lineOf(ranFor(steady, 1, {}, 999))).toContain("response p90 1.23 ms");
    expect(lineOf(ranFor(steady, 1, {}, 20))).toContain("response p50 1.23 ms");
    expect(lineOf(ranFor(steady, 1, {}, 19))).not.toContain("response");
  });

  it("has nothing to tell before the first operation, and no time left in the drain", () => {
    expect(lineOf(new LiveScenario(steady), "preparing")).toBe("steady  preparing");
    expect(lineOf(new LiveScenario(steady), "calibrating")).toBe("steady  calibrating");
    expect(lineOf(ranFor(steady, 31), "draining")).toMatch(/^steady {2}draining {5}0:31 {2}1,000\/s/);
  });

  it("shows hours in long runs", () => {
    const long = { ...steady, amount: { seconds: 7265 } };
    expect(lineOf(ranFor(long, 5))).toContain("0:05, 2:01:00 left");
  });

  it("aligns the lines of several scenarios", () => {
    const lines = progressLines(
      [
        { live: ranFor(steady, 1), phase: "measuring" },
        { live: ranFor({ ...counted, name: "b" }, 1), phase: "draining" },
      ],
      WIDE,
    );
    expect(lines.map((line) => line.slice(0, 25))).toEqual([
      "steady  measuring    0:01",
      "b       draining     0:01",
    ]);
  });

  it("leaves out scenarios if the screen has too few rows, and shows their number", () => {
    const all = Array.from({ length: 9 }, () => ({ live: ranFor(steady, 1), phase: "measuring" }) as const);
    expect(progressLines(all, { columns: 80, rows: 10 })).toHaveLength(9);
    const lines = progressLines(all, { columns: 80, rows: 5 });
    expect(lines).toHaveLength(4);
    expect(lines.at(-1)).toBe("and 6 more");
  });

  it("is narrower than the screen and has no control characters, even with hostile names", () => {
    const live = ranFor(steady, 3);
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "binary", minLength: 1 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 130 }),
        (names, columns) => {
          const all = names.map((name) => {
            const named = new LiveScenario({ ...steady, name });
            Object.assign(named, { isRunning: true, elapsed: live.elapsed, lastSecond: live.lastSecond });
            return { live: named, phase: "measuring" } as const;
          });
          for (const line of progressLines(all, { columns, rows: 24 })) {
            const cells = [...line].reduce((sum, one) => sum + (one <= "~" ? 1 : 2), 0);
            expect(cells).toBeLessThan(columns);
            expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
          }
        },
      ),
    );
  });
});

describe("progress", () => {
  it("is drawn for people at terminals, unless they say otherwise", () => {
    const [tty, file] = [{ isTTY: true, write: () => {} }, { write: () => {} }];
    expect(isProgressShown(tty, {}, undefined)).toBe(true);
    expect(isProgressShown(tty, { TERM: "xterm", CI: "" }, undefined)).toBe(true);
    expect(isProgressShown(tty, { CI: "false" }, undefined)).toBe(true);
    expect(isProgressShown(tty, { CI: "true" }, undefined)).toBe(false);
    expect(isProgressShown(tty, { CI: "true" }, true)).toBe(true);
    expect(isProgressShown(tty, {}, false)).toBe(false);
    expect(isProgressShown(tty, { TERM: "dumb" }, true)).toBe(false);
    expect(isProgressShown(file, {}, undefined)).toBe(false);
    expect(isProgressShown(file, {}, true)).toBe(false);
  });

  /** A progress on a terminal that has something on it already, with a clock that the test sets. */
  function begin(scenarios: readonly Scenario[], columns = 100, rows = 10) {
    const terminal = new Terminal(columns, rows);
    terminal.write("$ natscope bench\n");
    const time = { ms: 0 };
    const progress = new Progress(scenarios, terminal, () => time.ms);
    const clock = { now: () => time.ms * 1e6, zero: 0 };
    const second = (scenario: Scenario, at: number) => {
      time.ms = (at + 1) * 1000;
      progress.second(scenario, secondOf(at, { sent: 1000, completed: 1000 }, 1000));
    };
    return { terminal, time, progress, clock, second };
  }

  it("is drawn in the same place, and leaves nothing behind", () => {
    const { terminal, progress, clock, second } = begin([steady, counted]);
    progress.phase("preparing", steady);
    expect(terminal.text).toBe("$ natscope bench\nsteady  preparing");
    for (const scenario of [steady, counted]) progress.began(scenario, clock);
    for (let at = 0; at < 3; at++) for (const scenario of [steady, counted]) second(scenario, at);
    const rows = terminal.text.split("\n");
    expect(rows).toEqual([
      "$ natscope bench",
      expect.stringMatching(/^steady {3}measuring {4}0:03, 0:27 left/),
      expect.stringMatching(/^counted {2}measuring {4}0:02, ~0:08 left/),
    ]);
    progress.erase();
    terminal.write("The report\n");
    expect(terminal.text).toBe("$ natscope bench\nThe report\n");
  });

  it("shows scenarios from when they are prepared until they are done", () => {
    const { terminal, time, progress, clock, second } = begin([steady, counted]);
    progress.phase("calibrating", steady);
    time.ms += 1000;
    progress.phase("calibrating", counted);
    expect(terminal.text).toBe("$ natscope bench\ncounted  calibrating");
    time.ms += 1000;
    progress.phase("preparing", steady);
    expect(terminal.text).toBe("$ natscope bench\nsteady  preparing");
    progress.began(steady, clock);
    second(steady, 9);
    progress.phase("draining", steady);
    second(steady, 10);
    expect(terminal.text).toContain("steady  draining");
    time.ms += 1000;
    progress.phase("done", steady);
    expect(terminal.text).toBe("$ natscope bench\n");
    progress.erase();
    expect(terminal.text).toBe("$ natscope bench\n");
  });

  it("tells warming up from measuring", () => {
    const warm = { ...steady, warmupSeconds: 2 };
    const { terminal, progress, clock, second } = begin([warm]);
    progress.began(warm, clock);
    second(warm, 0);
    expect(terminal.text).toContain("warming up");
    second(warm, 1);
    expect(terminal.text).toContain("measuring");
  });

  it("is drawn at most once a second, and only after an event", () => {
    const many = Array.from({ length: 20 }, (_, i) => ({ ...steady, name: `s${i}` }));
    const { terminal, progress, clock, second } = begin(many);
    for (const scenario of many) progress.phase("preparing", scenario);
    for (const scenario of many) progress.began(scenario, clock);
    for (let at = 0; at < 5; at++) {
      for (const scenario of many) {
        second(scenario, at);
        progress.event(scenario, { second: at, kind: "lost", what: "P0" });
      }
    }
    expect(terminal.writes.length - 1).toBe(1 + 5);
    expect(terminal.text.split("\n")).toHaveLength(10);
  });

  it("goes on to the next row of no terminal, however narrow", () => {
    const scenarios = [{ ...steady, name: "很长的名字".repeat(20) }, counted];
    const { terminal, progress, clock, second } = begin(scenarios, 17, 4);
    for (const scenario of scenarios) progress.began(scenario, clock);
    for (let at = 0; at < 4; at++) for (const scenario of scenarios) second(scenario, at);
    expect(terminal.text.split("\n")).toHaveLength(3);
    progress.erase();
    expect(terminal.text).toBe("$ natscope bench\n");
  });

  it("takes a terminal that says no size for a usual one", () => {
    const terminal = new Terminal(80, 24);
    const silent = { isTTY: true, columns: 0, rows: 0, write: (text: string) => terminal.write(text) };
    const progress = new Progress([steady], silent, () => 0);
    progress.phase("preparing", steady);
    expect(terminal.text).toBe("steady  preparing");
  });
});
