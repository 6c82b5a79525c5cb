import { describe, expect, it } from "vitest";
import type { Message, StreamMessage } from "../../../src/bench/driver/driver.ts";
import { RECORDING_BYTES, Recorder, Recording } from "../../../src/bench/measure/recorder.ts";
import { STAMP_HEADER, type Stamp, StampWriter } from "../../../src/bench/measure/stamp.ts";
import { type Counts, Receiver } from "../../../src/bench/worker/receiver.ts";

const ZERO = 5e12;
const OURS = { run: 7, publisher: 1, host: 3, sequence: 0, intended: ZERO + 100, sent: ZERO + 200 };

function stampOf(stamp: Stamp): Uint8Array {
  return new StampWriter(stamp).stamp(stamp.sequence, stamp.intended, stamp.sent).slice();
}

const messageOf = (data: Uint8Array, header?: string): Message => ({
  subject: "a",
  data,
  header: (name) => (name === STAMP_HEADER ? header : undefined),
  respond: () => false,
});

const stamped = (different: Partial<Stamp> = {}): Message => messageOf(stampOf({ ...OURS, ...different }));

function stored(streamSequence: number, deliveryCount = 1): StreamMessage {
  return {
    ...messageOf(new Uint8Array(4)),
    streamSequence,
    deliveryCount,
    storedAtMs: 0,
    ack() {},
    ackConfirmed: async () => true,
  };
}

function receiverThat(counts: Counts) {
  const recording = new Recording(new ArrayBuffer(RECORDING_BYTES));
  const recorder = new Recorder(recording, { from: 0, until: Number.POSITIVE_INFINITY });
  const clock = { now: () => 1000, zero: ZERO };
  const receiver = new Receiver({ receiver: 0, run: OURS.run, host: OURS.host, clock, recorder, counts });
  return { receiver, recording, timed: () => recording.histogram("window", "response").count };
}

describe("a receiver", () => {
  it("times a message of this run once, on the run's clock", () => {
    const { receiver, recording, timed } = receiverThat("own");
    expect(receiver.time(stamped())).toEqual({ intended: 100, sent: 200, received: 1000 });
    expect(receiver.time(stamped())).toBeUndefined();
    expect(timed()).toBe(1);
    expect(recording.counter("received")).toBe(1);
    expect(receiver.account()).toMatchObject({ messages: 2, foreign: 0, notes: [] });
    expect(receiver.account().sequences).toMatchObject([{ publisher: 1, received: 1, duplicates: 1 }]);
  });

  it("reads a stamp from the payload or from a header", () => {
    const { receiver, timed } = receiverThat("own");
    const header = Buffer.from(stampOf(OURS)).toString("base64");
    expect(receiver.time(messageOf(new Uint8Array(100), header))).toBeDefined();
    expect(timed()).toBe(1);
  });

  it("counts only messages of its own run if counts is own", () => {
    const { receiver, recording, timed } = receiverThat("own");
    receiver.time(stamped({ run: 8 }));
    receiver.time(messageOf(new Uint8Array(100)));
    expect(timed()).toBe(0);
    expect(recording.counter("received")).toBe(0);
    expect(receiver.account()).toMatchObject({ messages: 2, foreign: 2, sequences: [] });
  });

  it("counts messages of all runs, separately, if counts is any", () => {
    const { receiver, recording, timed } = receiverThat("any");
    for (const run of [7, 8, 8]) receiver.time(stamped({ run }));
    receiver.time(messageOf(new Uint8Array(100)));
    expect(timed()).toBe(2);
    expect(recording.counter("received")).toBe(3);
    expect(receiver.account().sequences.map(({ received }) => received)).toEqual([1, 1]);
    expect(receiver.account().foreign).toBe(1);
  });

  it("counts messages from another clock or from before the run, does not time them, and notes it", () => {
    const { receiver, recording, timed } = receiverThat("any");
    receiver.time(stamped({ host: 4 }));
    receiver.time(stamped({ sequence: 1, sent: ZERO - 1 }));
    expect(timed()).toBe(0);
    expect(recording.counter("received")).toBe(2);
    expect(receiver.account().notes).toEqual([
      "messages from another host, or with an invalid time, are counted but not timed",
      "messages sent before this run began are counted but not timed",
    ]);
  });

  it("counts messages of a stream by their sequence numbers", () => {
    const { receiver, recording } = receiverThat("stream");
    for (const message of [stored(1), stored(2), stored(2, 2)]) receiver.timeStored(message);
    expect(recording.counter("received")).toBe(2);
    expect(receiver.account()).toMatchObject({ messages: 3, foreign: 0, redelivered: 1 });
    expect(receiver.account().sequences).toMatchObject([{ received: 2, duplicates: 1 }]);
  });
});
