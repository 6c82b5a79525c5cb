import { describe, expect, it } from "vitest";
import { type Link, LinkError } from "../../../src/bench/driver/driver.ts";
import { RECORDING_BYTES, Recorder, Recording } from "../../../src/bench/measure/recorder.ts";
import { AnswerSender } from "../../../src/bench/worker/answer-sender.ts";
import { Messages } from "../../../src/bench/worker/messages.ts";
import { PublishSender } from "../../../src/bench/worker/publish-sender.ts";
import type { SenderAccount } from "../../../src/bench/worker/sender.ts";
import { scenarioOf } from "../workloads/scenarios.ts";

const clock = { now: () => 0, zero: 0 };
/** Runs all pending promises. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A connection whose flushes end when the test ends them. The conformance suite tests real connections. */
function fakeLink() {
  const flushes: { resolve(): void; reject(error: Error): void }[] = [];
  const link = {
    isUp: true,
    publish() {},
    flush: () => new Promise<void>((resolve, reject) => flushes.push({ resolve, reject })),
  };
  return { link: link as unknown as Link & { isUp: boolean }, flushes };
}

function around(link: Link) {
  const recording = new Recording(new ArrayBuffer(RECORDING_BYTES));
  const recorder = new Recorder(recording, { from: 0, until: Number.POSITIVE_INFINITY });
  const complaints: string[] = [];
  const reportFailure = (sentence: string) => complaints.push(sentence);
  return { recording, complaints, context: { link, clock, recorder, number: 0, reportFailure } };
}

function classesOf({ completed, failed, dropped, unanswered }: SenderAccount): number {
  return Object.values(failed).reduce((sum, count) => sum + count, completed + dropped + unanswered);
}

describe("a publish sender", () => {
  function publisher(subjectOf = (_: number) => "a") {
    const { link, flushes } = fakeLink();
    const { recording, context } = around(link);
    const messages = new Messages(scenarioOf("pub"), { run: 1, publisher: 0, host: 1 }, clock);
    const sender = new PublishSender(context, messages, subjectOf, "flush");
    return { sender, link, flushes, recording };
  }

  it("counts messages without an answered flush as in flight", async () => {
    const { sender, flushes } = publisher();
    sender.send(0, 3, () => 0);
    sender.send(3, 5, () => 0);
    expect(sender.inFlight).toBe(5);
    flushes[0]?.resolve();
    await settle();
    expect(sender.inFlight).toBe(2);
    expect(sender.account()).toMatchObject({ sent: 5, completed: 3, unanswered: 2 });
  });

  it("accounts for each message through a lost connection", async () => {
    const { sender, link, flushes } = publisher();
    sender.send(0, 2, () => 0);
    link.isUp = false;
    flushes[0]?.reject(new LinkError("disconnected", ""));
    await settle();
    sender.send(2, 5, () => 0);
    // Otherwise a closed loop would never stop sending.
    expect(sender.inFlight).toBe(3);
    sender.discarded();
    sender.send(5, 6, () => 0);
    link.isUp = true;
    sender.regained();
    const account = sender.account();
    expect(account).toMatchObject({ sent: 6, dropped: 3, unanswered: 3, completed: 0 });
    expect(classesOf(account)).toBe(6);
  });

  it("counts denied messages as failed although the server answers the flush", async () => {
    const { sender, flushes, recording } = publisher((n) => (n % 2 === 0 ? "a" : "b"));
    sender.send(0, 5, () => 0);
    sender.failed('the server says: Permissions Violation for Publish to "b"');
    flushes[0]?.resolve();
    await settle();
    expect(sender.account()).toMatchObject({ completed: 3, failed: { permissions_violation: 2 } });
    expect(recording.histogram("window", "response").count).toBe(3);
  });
});

describe("an answer sender", () => {
  it("counts failures by type, reports the first of each, and keeps the numbers of failed operations", async () => {
    const { recording, complaints, context } = around(fakeLink().link);
    const sender = new AnswerSender(
      context,
      async (n) => {
        if (n === 4) return new Promise(() => {});
        if (n % 2 === 0) throw new LinkError("timeout", `${n} timed out`);
        return { bytesSent: 1, bytesReceived: 0, duplicate: n === 3 };
      },
      { remembers: true },
    );
    sender.send(0, 6, () => 0);
    await settle();
    const account = sender.account();
    expect(account).toMatchObject({
      completed: 3,
      failed: { timeout: 2 },
      unanswered: 1,
      duplicates: 1,
      known: { acknowledged: { received: 2 }, failed: { timeout: { received: 2 } } },
    });
    expect(classesOf(account)).toBe(6);
    expect(complaints).toEqual(["0 timed out"]);
    expect(recording.counter("failed")).toBe(2);
  });
});
