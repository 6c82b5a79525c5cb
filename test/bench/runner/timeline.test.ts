import { expect, it } from "vitest";
import { RECORDING_BYTES, Recorder, Recording } from "../../../src/bench/measure/recorder.ts";
import { Timeline } from "../../../src/bench/runner/timeline.ts";
import { SECOND } from "../../../src/time/clock.ts";

it("a day's seconds are of bounded size, and their sums are whole", () => {
  const recording = new Recording(new ArrayBuffer(RECORDING_BYTES));
  const recorder = new Recorder(recording, { from: 0, until: Number.POSITIVE_INFINITY });
  const timeline = new Timeline([recording], [], () => 0);
  for (let second = 0; second < 86_400 + 10; second++) {
    recorder.count("completed");
    timeline.cut((second + 1) * SECOND);
  }
  expect(timeline.count).toBe(86_410);
  expect(timeline.seconds).toHaveLength(86_400);
  expect(timeline.seconds.at(-1)?.counters.completed).toBe(1);
  expect(timeline.notes).toEqual([
    "latencies of single seconds are recorded for the first six hours only",
    "single seconds are recorded for the first day only",
  ]);
  // Of three servers and as much of latencies as there can be it is still one text.
  expect(JSON.stringify(timeline.seconds).length).toBeLessThan(50e6);
});

it("a run of some hours is told whole", () => {
  const recording = new Recording(new ArrayBuffer(RECORDING_BYTES));
  const recorder = new Recorder(recording, { from: 0, until: Number.POSITIVE_INFINITY });
  const timeline = new Timeline([recording], ["response"], undefined);
  for (let second = 0; second < 3; second++) {
    recorder.ended(second * SECOND, second * SECOND, second * SECOND + 1000);
    timeline.cut((second + 1) * SECOND);
  }
  expect(timeline.seconds.every(({ stages }) => stages.response !== undefined)).toBe(true);
  expect(timeline.notes).toEqual([]);
});
