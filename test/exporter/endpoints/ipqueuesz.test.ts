import { expect, test } from "vitest";
import { ipqueuesz, kindOf } from "../../../src/exporter/endpoints/ipqueuesz.ts";
import { readCollector, sample, seriesKey } from "../saved-replies.ts";

async function read(answer: Buffer | object | string): Promise<Record<string, number>> {
  return Object.fromEntries((await readCollector(ipqueuesz, { "/ipqueuesz": answer })).series);
}

test("reports a single series if no queue has items", async () => {
  expect(await read(sample("2.15.1", "n1", "ipqueuesz"))).toEqual({ "nats_internal_queues_busy{}": 0 });
  expect(await read(sample("2.9.10", "n1", "ipqueuesz"))).toEqual({ "nats_internal_queues_busy{}": 0 });
});

test("maps every queue of a real cluster to a few kinds without any name in them", () => {
  const names = Object.keys(JSON.parse(sample("2.15.1", "n1", "ipqueuesz_all").toString()));
  expect(names.length).toBeGreaterThan(150);
  expect([...new Set(names.map(kindOf))].sort()).toEqual([
    "JetStream API info queue",
    "JetStream API queue",
    "MQTT send",
    "RAFT appendEntry",
    "RAFT appendEntryResponse",
    "RAFT committedEntry",
    "RAFT entry",
    "RAFT vreq",
    "RAFT vresp",
    "SendQ",
    "System recvQ",
    "System recvQ Pings",
    "System sendQ",
    "consumer ackMsgs",
    "consumer pull requests",
    "delayed API responses",
    "stream acks",
    "stream direct gets",
    "stream messages",
    "stream mirror msgs",
    "stream obs",
    "stream sendQ",
  ]);
});

test.each([
  ["[ACC:APP] stream mirror 'M' of 'ORDERS' msgs", "stream mirror msgs"],
  ["[ACC:APP] stream sources 'S' msgs", "stream sources msgs"],
  ["[ACC:A] B] it's] consumer 'o'clock' on stream 'it's' ackMsgs", "consumer ackMsgs"],
  ["[ACC:'q' [ACC:x] ] RAFT 'S-R3F-x' entry", "RAFT entry"],
  ["[ACC:two\nlines] stream 'a' obs", "stream obs"],
  ["Routed JS API Requests", "Routed JS API Requests"],
  ["some future thing 'X' work", "some future thing work"],
  ["", "other"],
  ["'x'", "other"],
])("maps the queue %j to the kind %j", (name, kind) => {
  expect(kindOf(name)).toBe(kind);
});

test("maps an overlong kind to other", () => {
  expect(kindOf("x".repeat(4096))).toBe("other");
});

test("aggregates queues of a kind into sums and maxima", async () => {
  const exposed = await read({
    "[ACC:APP] stream 'A' messages": { pending: 7 },
    "[ACC:APP] stream 'B' messages": { pending: 30, in_progress: 2 },
    "[ACC:WEB] stream 'A' messages": { pending: 0, in_progress: 5 },
    SendQ: { pending: 1 },
  });
  const of = (kind: string) => ({
    pending: exposed[seriesKey("nats_internal_queue_pending", { kind })],
    pendingMax: exposed[seriesKey("nats_internal_queue_pending_max", { kind })],
    inProgress: exposed[seriesKey("nats_internal_queue_in_progress", { kind })],
    inProgressMax: exposed[seriesKey("nats_internal_queue_in_progress_max", { kind })],
  });
  expect(exposed["nats_internal_queues_busy{}"]).toBe(4);
  expect(of("stream messages")).toEqual({ pending: 37, pendingMax: 30, inProgress: 7, inProgressMax: 5 });
  expect(of("SendQ")).toEqual({ pending: 1, pendingMax: 1, inProgress: 0, inProgressMax: 0 });
  expect(Object.keys(exposed)).toHaveLength(9);
});

test("limits the number of kinds and adds up the others", async () => {
  const queues = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`queue ${i}`, { pending: 1 }]));
  const exposed = await read(queues);
  const pending = Object.entries(exposed).filter(([key]) => key.startsWith("nats_internal_queue_pending{"));
  expect(pending).toHaveLength(65);
  expect(pending.reduce((sum, [, value]) => sum + value, 0)).toBe(1000);
  expect(exposed[seriesKey("nats_internal_queue_pending", { kind: "other" })]).toBe(936);
});

test("uses the valid part of a malformed reply", async () => {
  const exposed = await read({ a: null, b: { pending: "1" }, c: [], d: { pending: 2, in_progress: {} } });
  expect(exposed[seriesKey("nats_internal_queue_pending", { kind: "d" })]).toBe(2);
  expect(exposed).not.toHaveProperty(["nats_internal_queues_busy{}"]);
  for (const reply of ["[]", "null", "7"]) expect(await read(reply), reply).toEqual({});
});
