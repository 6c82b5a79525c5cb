/** Conformance of administration: streams, consumers, buckets and stores, created, inspected and removed. */
import type { NatsConnection } from "nats";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AdminLink, ConsumerSettings, StreamSettings } from "../../../../src/bench/driver/admin-link.ts";
import { type RunningNatsServer, runNatsServer } from "../../../../tools/nats-server/run.ts";
import { bytes, type ConformanceContext, linkErrorOf, openPlain, text } from "./links.ts";

const STREAM: StreamSettings = {
  name: "S",
  description: "a test's",
  subjects: ["s.>"],
  storage: "file",
  replicas: 1,
  maxBytes: 1_000_000,
  dedupSeconds: 30,
};

const CONSUMER: ConsumerSettings = {
  name: "C",
  description: "a test's",
  deliver: "all",
  acks: "explicit",
  maxAckPending: 7,
  ackWaitMs: 2000,
  inactiveMs: 60_000,
  filter: "s.a",
};

/** Suites about administration. */
export function adminConformance({ driver, version }: ConformanceContext): void {
  describe("administration", () => {
    let server: RunningNatsServer;
    let plain: NatsConnection & AsyncDisposable;
    let admin: AdminLink;
    beforeAll(async () => {
      server = await runNatsServer({ version });
      plain = await openPlain(server.clientUrl);
    });
    afterAll(async () => {
      await plain?.close();
      await server?.[Symbol.asyncDispose]();
    });
    beforeEach(async () => {
      admin = await driver.administer({ options: { servers: [new URL(server.clientUrl).host] } });
    });
    afterEach(async () => {
      await admin.deleteStream(STREAM.name);
      await admin.close();
    });

    it("creates a stream that rejects messages when it is full, and reports its state", async () => {
      expect(await admin.stream("S")).toBeUndefined();
      await admin.createStream(STREAM);
      const { config } = await (await plain.jetstreamManager()).streams.info("S");
      expect(config).toMatchObject({ retention: "limits", discard: "new", duplicate_window: 30e9 });
      await plain.jetstream().publish("s.a", bytes("one"));
      await plain.jetstream().publish("s.b", bytes("two"));
      expect(await admin.stream("S")).toEqual({
        name: "S",
        description: "a test's",
        subjects: ["s.>"],
        storage: "file",
        replicas: 1,
        leader: expect.toSatisfy((leader) => leader === undefined || typeof leader === "string"),
        removesMessages: false,
        messages: 2,
        firstSequence: 1,
        lastSequence: 2,
      });
    });

    it("recognises a stream that removes messages by itself", async () => {
      const manager = await plain.jetstreamManager();
      await manager.streams.add({ name: "S", subjects: ["s.>"], max_age: 60e9 });
      expect(await admin.stream("S")).toMatchObject({ removesMessages: true });
    });

    it("purges a stream, and deletes a stream that exists or not", async () => {
      await admin.createStream(STREAM);
      await plain.jetstream().publish("s.a", bytes("one"));
      await admin.purgeStream("S");
      expect(await admin.stream("S")).toMatchObject({ messages: 0, lastSequence: 1 });
      await admin.deleteStream("S");
      await admin.deleteStream("S");
      expect(await admin.stream("S")).toBeUndefined();
    });

    it("creates a consumer as asked, reports its state, and deletes one that exists or not", async () => {
      await admin.createStream(STREAM);
      expect(await admin.consumer("S", "C")).toBeUndefined();
      await admin.createConsumer("S", CONSUMER);
      const { config } = await (await plain.jetstreamManager()).consumers.info("S", "C");
      expect(config).toMatchObject({
        durable_name: "C",
        deliver_policy: "all",
        ack_policy: "explicit",
        max_ack_pending: 7,
        ack_wait: 2e9,
        filter_subject: "s.a",
      });
      await plain.jetstream().publish("s.a", bytes("one"));
      await plain.jetstream().publish("s.b", bytes("two"));
      const consumer = await plain.jetstream().consumers.get("S", "C");
      await consumer.next();
      expect(await admin.consumer("S", "C")).toEqual({ description: "a test's", delivered: 1, unacked: 1 });
      await admin.deleteConsumer("S", "C");
      await admin.deleteConsumer("S", "C");
      expect(await admin.consumer("S", "C")).toBeUndefined();
    });

    it("creates buckets and object stores that the plain client can use", async () => {
      const settings = { ...STREAM, name: "B", history: 3 };
      await admin.createKeyValue(settings);
      await admin.createObjectStore(settings);
      const bucket = await plain.jetstream().views.kv("B");
      await bucket.put("k", bytes("v"));
      expect(await bucket.status()).toMatchObject({ history: 3, values: 1 });
      const store = await plain.jetstream().views.os("B");
      await store.putBlob({ name: "o" }, bytes("content"));
      expect(text((await store.getBlob("o")) ?? undefined)).toBe("content");
      expect(await admin.stream("KV_B")).toMatchObject({ description: "a test's", messages: 1 });
      expect(await admin.stream("OBJ_B")).toMatchObject({ description: "a test's" });
      await admin.deleteStream("KV_B");
      await admin.deleteStream("OBJ_B");
    });

    it("reads the messages of a stream between two sequence numbers", async () => {
      await admin.createStream(STREAM);
      for (const id of ["one", "two", "three", "four"]) {
        await plain.jetstream().publish("s.a", bytes(id), { msgID: id });
      }
      const read: unknown[] = [];
      await admin.readStream("S", { from: 2, to: 3 }, (message) =>
        read.push([text(message.data), message.header("Nats-Msg-Id"), message.header("Missing")]),
      );
      expect(read).toEqual([
        ["two", "two", undefined],
        ["three", "three", undefined],
      ]);
      const consumers = await (await plain.jetstreamManager()).consumers.list("S").next();
      expect(consumers).toEqual([]);
    });

    it("fails with the attempt and the server's error", async () => {
      await admin.createStream(STREAM);
      expect(await linkErrorOf(() => admin.createStream({ ...STREAM, name: "T" }))).toMatchObject({
        type: "jetstream_10065",
        message: expect.stringMatching(/^create stream T: subjects overlap/),
      });
      expect(await linkErrorOf(() => admin.purgeStream("missing"))).toEqual({
        type: "jetstream_10059",
        message: "purge stream missing: stream not found",
      });
    });
  });
}
