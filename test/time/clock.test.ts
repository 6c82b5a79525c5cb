import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { clockSince, MILLISECOND, SECOND, zeroNow } from "../../src/time/clock.ts";
import { ANSWERED, ASKED, type Pairs, PLACE } from "./ping-pong.ts";

/** Maximum distance of the zeros of two threads: far above the time of a reading, far below the start of a thread. */
const APART = 50_000;
const ROUNDS = 2000;

describe("a clock", () => {
  it("starts at its zero and never goes back", () => {
    const clock = clockSince(zeroNow());
    let last = clock.now();
    expect(Math.abs(last)).toBeLessThan(SECOND);
    for (let i = 0; i < 10_000; i++) {
      const now = clock.now();
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
  });

  it("counts nanoseconds of the host's clock from its zero, also before it", () => {
    const zero = zeroNow() + 60_000_000_000n;
    const clock = clockSince(zero);
    const before = Number(process.hrtime.bigint() - zero);
    const now = clock.now();
    const after = Number(process.hrtime.bigint() - zero);
    expect(now).toBeGreaterThanOrEqual(before - APART);
    expect(now).toBeLessThanOrEqual(after + APART);
    expect(now).toBeLessThan(0);
  });

  it("is the same in all threads: the time of an answer is between question and receipt", async () => {
    const zero = zeroNow();
    const memory = new SharedArrayBuffer(64);
    const turn = new Int32Array(memory, 0, 1);
    const told = new Float64Array(memory, PLACE, 1);
    const worker = new Worker(new URL("./answering-thread.ts", import.meta.url), {
      workerData: { zero, memory, rounds: ROUNDS } satisfies Pairs,
    });
    const ended = once(worker, "exit");
    const clock = clockSince(zero);
    await once(worker, "online");
    let closest = Number.POSITIVE_INFINITY;
    for (let round = 0; round < ROUNDS; round++) {
      const asked = clock.now();
      Atomics.store(turn, 0, ASKED);
      Atomics.notify(turn, 0);
      Atomics.wait(turn, 0, ASKED);
      expect(Atomics.load(turn, 0)).toBe(ANSWERED);
      const received = clock.now();
      const answered = told[0] as number;
      expect(answered).toBeGreaterThanOrEqual(asked - APART);
      expect(answered).toBeLessThanOrEqual(received + APART);
      closest = Math.min(closest, received - asked);
    }
    // Otherwise the bounds above would be too wide.
    expect(closest).toBeLessThan(100 * MILLISECOND);
    await ended;
  });
});
