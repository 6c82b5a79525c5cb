import { expect, it } from "vitest";
import { RECORDING_BYTES, Recorder, Recording } from "../../../src/bench/measure/recorder.ts";
import { Timeline } from "../../../src/bench/runner/timeline.ts";
import { SECOND } from "../../../src/time/clock.ts";

it("bounds the size of a day of seconds and counts all of them", () => {
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
  // With three servers and the maximum of latencies it still fits into one string.
  expect(JSON.stringify(timeline.seconds).length).toBeLessThan(50e6);
});

it("keeps every second of a run of some hours", () => {
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
