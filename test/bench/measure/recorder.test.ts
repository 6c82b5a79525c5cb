import { once } from "node:events";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergeAll, PERCENTILE_NAMES, PERCENTILES, percentileOf } from "../../../src/bench/measure/hdr.ts";
import { COUNTERS, RECORDING_BYTES, Recorder, Recording } from "../../../src/bench/measure/recorder.ts";
import { PHASES, STAGE_NAMES } from "../../../src/bench/measure/stage.ts";
import { type RecordingTask, valuesOf, WINDOW } from "./recorded-values.ts";
import { histogramOf } from "./values.ts";

const recorder = (window = WINDOW) => {
  const recording = new Recording(new SharedArrayBuffer(RECORDING_BYTES));
  return { recording, recorder: new Recorder(recording, window) };
};

describe("a recorder", () => {
  it("records an operation in the phase of its intended time", () => {
    const time = fc.integer({ min: 0, max: 400 });
    fc.assert(
      fc.property(fc.array(fc.tuple(time, time, time), { maxLength: 30 }), (operations) => {
        const { recording, recorder: subject } = recorder({ from: 100, until: 200 });
        for (const [intended, late, took] of operations) {
          subject.ended(intended, intended + late, intended + late + took);
        }
        const within = {
          warmup: operations.filter(([intended]) => intended < 100),
          window: operations.filter(([intended]) => intended >= 100 && intended < 200),
        };
        for (const phase of PHASES) {
          const expected = {
            response: within[phase].map(([, late, took]) => late + took),
            service: within[phase].map(([, , took]) => took),
            delay: within[phase].map(([, late]) => late),
          };
          for (const stage of ["response", "service", "delay"] as const) {
            expect(recording.histogram(phase, stage).counts).toEqual(histogramOf(expected[stage]).counts);
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  it("has no histograms for an intended time after the window", () => {
    const { recorder: subject } = recorder({ from: 100, until: 200 });
    expect(subject.of(199.9)).toBeDefined();
    expect(subject.of(200)).toBeUndefined();
  });

  it("has separate memory for each phase, stage and counter", () => {
    const { recording, recorder: subject } = recorder();
    for (const [i, name] of COUNTERS.entries()) subject.count(name, i + 1);
    subject.count("sent");
    let value = 1;
    for (const phase of PHASES) {
      for (const stage of STAGE_NAMES) recording.histogram(phase, stage).record(value++);
    }
    expect(COUNTERS.map((name) => recording.counter(name))).toEqual(
      COUNTERS.map((_, i) => i + (i === 0 ? 2 : 1)),
    );
    value = 1;
    for (const phase of PHASES) {
      for (const stage of STAGE_NAMES) {
        expect([...recording.histogram(phase, stage).buckets()]).toEqual([{ value: value++, count: 1 }]);
      }
    }
  });
});

describe("the recordings of several threads", () => {
  it("have, when merged, the percentiles of all samples to three digits", async () => {
    const tasks = [1, 2, 3].map(
      (seed): RecordingTask => ({
        memory: new SharedArrayBuffer(RECORDING_BYTES),
        seed,
        count: 20_000 * seed,
      }),
    );
    await Promise.all(
      tasks.map((workerData) =>
        once(new Worker(new URL("./recording-thread.ts", import.meta.url), { workerData }), "exit"),
      ),
    );
    const recordings = tasks.map(({ memory }) => new Recording(memory));
    const merged = mergeAll(recordings.map((recording) => recording.histogram("window", "response")));
    const sorted = Float64Array.from(tasks.flatMap((task) => [...valuesOf(task)])).sort();
    expect(merged.count).toBe(sorted.length);
    for (const name of PERCENTILE_NAMES) {
      const share = PERCENTILES[name];
      const exact = sorted[Math.ceil(sorted.length * share) - 1] as number;
      const found = percentileOf(merged, share) as number;
      expect(found).toBeGreaterThanOrEqual(Math.floor(exact));
      expect(found - exact).toBeLessThanOrEqual(exact / 1000);
    }
    expect(recordings.reduce((sum, recording) => sum + recording.counter("completed"), 0)).toBe(
      sorted.length,
    );
  });
});
