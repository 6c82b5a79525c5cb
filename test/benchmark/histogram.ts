/**
 * Cost of recording a value: natscope's histogram compared with hdr-histogram-js, as ratios within one run.
 *
 *     npm run bench:histogram
 *
 * All record the same latencies in turn, so that load on the machine affects all of them; the result of each is its
 * median round. The target is 25 ns per value. The exit code does not depend on the result.
 */
import { Float64Histogram, Int32Histogram } from "hdr-histogram-js";
import { HISTOGRAM_BYTES, Histogram, MAX_VALUE } from "../../src/bench/measure/histogram.ts";
import { RECORDING_BYTES, Recorder, Recording } from "../../src/bench/measure/recorder.ts";
import { median } from "../../src/bench/result/statistics/rank.ts";
import { randomOf } from "../../src/bench/scenario/random.ts";

const VALUES = 4096;
const PASSES = 100;
const ROUNDS = 41;

/** Records each value once. */
type Contender = (values: Float64Array) => void;

/** One loop per histogram: a loop that calls several functions inlines none of them. */
function contenders(): Readonly<Record<string, Contender>> {
  const own = new Histogram();
  const shared = new Histogram(new SharedArrayBuffer(HISTOGRAM_BYTES));
  const recorder = new Recorder(new Recording(new SharedArrayBuffer(RECORDING_BYTES)), {
    from: 0,
    until: Number.POSITIVE_INFINITY,
  });
  const narrow = new Int32Histogram(1, MAX_VALUE, 3);
  const wide = new Float64Histogram(1, MAX_VALUE, 3);
  return {
    "natscope, own memory": (values) => {
      for (let i = 0; i < values.length; i++) own.record(values[i] as number);
    },
    "natscope, shared memory": (values) => {
      for (let i = 0; i < values.length; i++) shared.record(values[i] as number);
    },
    "natscope, an operation (three histograms)": (values) => {
      for (let i = 0; i < values.length; i++)
        recorder.ended(0, (values[i] as number) / 4, values[i] as number);
    },
    "hdr-histogram-js, 32 bits": (values) => {
      for (let i = 0; i < values.length; i++) narrow.recordValue(values[i] as number);
    },
    "hdr-histogram-js, 64 bits": (values) => {
      for (let i = 0; i < values.length; i++) wide.recordValue(values[i] as number);
    },
  };
}

/** Latencies from 0.1 ms, some of them seconds; integers, which hdr-histogram-js requires. */
function latencies(): Float64Array {
  const random = randomOf(1);
  return Float64Array.from({ length: VALUES }, () => Math.floor(100_000 * (1 - random()) ** -0.8));
}

function main(): void {
  const values = latencies();
  const rounds = new Map(
    Object.entries(contenders()).map(([name, record]) => [name, { record, costs: [] as number[] }]),
  );
  for (let round = 0; round < ROUNDS; round++) {
    for (const { record, costs } of rounds.values()) {
      const began = process.hrtime.bigint();
      for (let pass = 0; pass < PASSES; pass++) record(values);
      costs.push(Number(process.hrtime.bigint() - began) / PASSES / VALUES);
    }
  }
  const measured = [...rounds].map(([name, { costs }]) => ({ name, cost: median(costs.slice(1)) }));
  const baseline = measured.find(({ name }) => name === "natscope, shared memory")?.cost ?? Number.NaN;
  console.log(`${"".padEnd(42)}  ns per value   ratio`);
  for (const { name, cost } of measured) {
    console.log(
      `${name.padEnd(42)}  ${cost.toFixed(1).padStart(11)}  ${(cost / baseline).toFixed(1).padStart(6)}`,
    );
  }
}

main();
