import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { ProcessingClock, UNTIMED } from "../../../src/client/core/processing-clock.ts";
import { Histogram } from "../../../src/client/metrics/cells.ts";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { until } from "../../rig/until.ts";
import { describeEachClient, instrumentClient } from "../clients.ts";

let nowMs = 0;
afterEach(() => void vi.restoreAllMocks());

function clockAndHistogram() {
  nowMs = 1000;
  vi.spyOn(performance, "now").mockImplementation(() => nowMs);
  return { clock: new ProcessingClock(), histogram: new Histogram([0.00005, 0.001, 1]) };
}

/** One message: time since the previous one, and time in the application. */
function message(clock: ProcessingClock, histogram: Histogram, pauseMs: number, tookMs: number): boolean {
  nowMs += pauseMs;
  const started = clock.start();
  nowMs += tookMs;
  if (started !== UNTIMED) clock.stop(started, histogram);
  return started !== UNTIMED;
}

describe("the clock of a subscription", () => {
  it("times every message of a slow stream", () => {
    const { clock, histogram } = clockAndHistogram();
    for (let i = 0; i < 10; i++) expect(message(clock, histogram, 1, 0.5)).toBe(true);
    expect([...histogram.counts]).toEqual([0, 10, 0, 0]);
    expect(histogram.sum).toBeCloseTo(0.005);
  });

  it("times one message in eight of a fast stream, which counts for all eight", () => {
    const { clock, histogram } = clockAndHistogram();
    const timed = Array.from({ length: 34 }, () => message(clock, histogram, 0.01, 0.01));
    expect(timed.filter(Boolean).length).toBe(6);
    clock.flush(histogram);
    expect(histogram.count).toBe(34);
    expect(histogram.sum).toBeCloseTo(34 * 0.00001);
  });

  it("counts every message at any speed, whenever it is read", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            pauseMs: fc.constantFrom(0, 0.01, 0.2, 50),
            tookMs: fc.constantFrom(0, 0.001, 0.2, 3),
            look: fc.boolean(),
            promise: fc.boolean(),
          }),
        ),
        (messages) => {
          const { clock, histogram } = clockAndHistogram();
          for (const [i, { pauseMs, tookMs, look, promise }] of messages.entries()) {
            message(clock, histogram, pauseMs, tookMs);
            if (promise && i > 20) clock.timeAll();
            if (!look) continue;
            clock.flush(histogram);
            expect(histogram.count).toBe(i + 1);
          }
          clock.flush(histogram);
          expect(histogram.count).toBe(messages.length);
        },
      ),
    );
  });
});

let server: RunningNatsServer;
beforeAll(async () => {
  server = await runNatsServer();
});
afterAll(() => server.stop());

describeEachClient("a fast stream", (client) => {
  it("is counted exactly, also after its subscription or connection has closed", async () => {
    for (const end of ["unsubscribe", "close"] as const) {
      await using fixture = await instrumentClient(client, server, { tracer: false });
      const { connection, raw } = fixture;
      let count = 0;
      const subscription = connection.subscribe("fast", { callback: () => void count++ });
      await connection.flush();
      for (let i = 0; i < 10_003; i++) raw.publish("fast", "x");
      await until("all", () => (count === 10_003 ? true : undefined));
      if (end === "close") await connection.close();
      else subscription.unsubscribe();
      const samples = await fixture.samples();
      expect(samples['nats_message_processing_seconds_count{subject="fast"}']).toBe(10_003);
      expect(samples['nats_messages_received_total{subject="fast"}']).toBe(10_003);
    }
  });
});
