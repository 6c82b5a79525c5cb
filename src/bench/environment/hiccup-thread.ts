/** The worker thread of `hiccups.ts`: it sleeps and measures how late it wakes. */
import { workerData } from "node:worker_threads";
import { MILLISECOND } from "../../time/clock.ts";
import { Histogram } from "../measure/histogram.ts";
import type { HiccupTask } from "./hiccups.ts";

const SLEEP_MS = 1;

const { memory, end } = workerData as HiccupTask;
const histogram = new Histogram(memory);
const bell = new Int32Array(end);

let before = performance.now();
while (Atomics.wait(bell, 0, 0, SLEEP_MS) === "timed-out") {
  const now = performance.now();
  // A timer may fire slightly early because of its granularity.
  histogram.record(Math.max(0, now - before - SLEEP_MS) * MILLISECOND);
  before = now;
}
