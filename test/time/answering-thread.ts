/** A worker thread that answers a number of questions with the time of its clock, and ends. */
import { workerData } from "node:worker_threads";
import { clockSince } from "../../src/time/clock.ts";
import { ANSWERED, ASKED, type Pairs, PLACE } from "./ping-pong.ts";

const { zero, memory, rounds } = workerData as Pairs;
const turn = new Int32Array(memory, 0, 1);
const told = new Float64Array(memory, PLACE, 1);
const clock = clockSince(zero);
for (let round = 0; round < rounds; round++) {
  for (let now = Atomics.load(turn, 0); now !== ASKED; now = Atomics.load(turn, 0))
    Atomics.wait(turn, 0, now);
  told[0] = clock.now();
  Atomics.store(turn, 0, ANSWERED);
  Atomics.notify(turn, 0);
}
