/** Outcome of a thread that broke, from its counters. Pure. */
import type { ThreadOutcome } from "../worker/protocol.ts";
import type { ThreadEnd } from "./worker-pool.ts";

/** The reported outcome; for a thread that broke, one with its counters as those of one sender. */
export function outcomeOf({ assignment, recording, outcome }: ThreadEnd): ThreadOutcome {
  if (outcome) return outcome;
  const [sent, completed, failed] = [
    recording.counter("sent"),
    recording.counter("completed"),
    recording.counter("failed"),
  ];
  const sender = {
    publisher: assignment.clients[0] ?? 0,
    sent,
    bytes: recording.counter("sentBytes"),
    completed,
    failed: failed > 0 ? { unknown: failed } : {},
    dropped: 0,
    unanswered: Math.max(0, sent - completed - failed),
    lastAt: 0,
  };
  return {
    assignment,
    senders: assignment.role === "sender" ? [sender] : [],
    receivers: [],
    notes: [],
    repetitions: [],
    eventLoopUtilization: 0,
    gcMs: 0,
    longestGcMs: 0,
    ranMs: 0,
  };
}
