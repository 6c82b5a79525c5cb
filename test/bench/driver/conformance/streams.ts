/** Conformance of JetStream streams: publishes, consumers, acks, redelivery, order. */
import { AckPolicy, type JetStreamManager, type NatsConnection, nanos, StorageType } from "nats";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type RunningNatsServer, runNatsServer } from "../../../../tools/nats-server/run.ts";
import { until } from "../../../rig/until.ts";
import {
  bytes,
  type ConformanceContext,
  linkErrorOf,
  linkOpener,
  type OpenedLink,
  openPlain,
  text,
} from "./links.ts";

/** Suites about streams and consumers. */
export function streamConformance({ driver, version }: ConformanceContext): void {
  const openLink = linkOpener(driver);

  describe("streams", () => {
    let server: RunningNatsServer;
    let plain: NatsConnection & AsyncDisposable;
    let manager: JetStreamManager;
    let opened: OpenedLink;
    beforeAll(async () => {
      server = await runNatsServer({ version });
      plain = await openPlain(server.clientUrl);
      manager = await plain.jetstreamManager();
    });
    afterAll(async () => {
      await plain?.close();
      await server?.[Symbol.asyncDispose]();
    });
    beforeEach(async () => {
      await manager.streams.add({ name: "S", subjects: ["s.>"], storage: StorageType.Memory });
      await manager.consumers.add("S", { durable_name: "C", ack_policy: AckPolicy.Explicit });
      opened = await openLink(server.clientUrl);
    });
    afterEach(async () => {
      await opened.link.close();
      await manager.streams.delete("S").catch(() => {});
    });

    const publish = async (count: number): Promise<void> => {
      for (let i = 1; i <= count; i++) {
        await opened.link.streams.publish(`s.${i}`, bytes(String(i)), { timeoutMs: 5000 });
      }
    };
    const consumer = async () => manager.consumers.info("S", "C");

    it("a publish is acknowledged, and a duplicate is recognised", async () => {
      const { streams } = opened.link;
      const once = { timeoutMs: 5000, id: "one" };
      const ack = { stream: "S", sequence: 1, duplicate: false };
      expect(await streams.publish("s.a", bytes("x"), once)).toEqual(ack);
      expect(await streams.publish("s.a", bytes("x"), once)).toEqual({ ...ack, duplicate: true });
      const headers = [["Kind", "a"]] as const;
      expect(await streams.publish("s.b", bytes("y"), { ...once, id: "two", headers })).toMatchObject({
        sequence: 2,
      });
      expect(await streams.publish("s.c", bytes("z"), { timeoutMs: 5000, headers })).toMatchObject({
        sequence: 3,
      });
      expect(await streams.publish("s.d", bytes("-"), { timeoutMs: 5000 })).toMatchObject({ sequence: 4 });
      const stored = await Promise.all([2, 3, 4].map((seq) => manager.streams.getMessage("S", { seq })));
      expect(stored.map(({ header }) => [header.get("Kind"), header.get("Nats-Msg-Id")])).toEqual([
        ["a", "two"],
        ["a", ""],
        ["", ""],
      ]);
    });

    it("operations fail with types", async () => {
      const { link } = opened;
      const { streams } = link;
      const short = { timeoutMs: 5000 };
      expect(await linkErrorOf(() => streams.publish("nowhere", bytes(""), short))).toEqual({
        type: "no_responders",
        message: "publish to the stream of nowhere: no responders",
      });
      link.subscribe("fake", undefined, (message) => message.respond(bytes("+OK")));
      link.subscribe("null", undefined, (message) => message.respond(bytes("null")));
      for (const subject of ["fake", "null"]) {
        expect(await linkErrorOf(() => streams.publish(subject, bytes(""), short))).toEqual({
          type: "invalid_ack",
          message: `the answer on ${subject} is not from a stream`,
        });
      }
      await manager.streams.update("S", { max_msg_size: 4 });
      const refused = await linkErrorOf(() => streams.publish("s.a", bytes("12345"), short));
      expect(refused).toMatchObject({ type: "jetstream_10054" });
      expect(refused.message).toMatch(/^publish to the stream of s\.a: message size exceeds/);

      const options = { stream: "S", consumer: "C", batch: 1 };
      const noStream = { type: "jetstream_10059", message: expect.stringMatching(/stream not found$/) };
      const noConsumer = { type: "jetstream_10014", message: "consumer X of stream S: consumer not found" };
      const deliver = () => {};
      expect(await linkErrorOf(() => streams.consume({ ...options, stream: "X" }, deliver))).toEqual(
        noStream,
      );
      expect(await linkErrorOf(() => streams.consume({ ...options, consumer: "X" }, deliver))).toEqual(
        noConsumer,
      );
      expect(await linkErrorOf(() => streams.consumeOrdered({ stream: "X", batch: 1 }, deliver))).toEqual(
        noStream,
      );
      expect(await linkErrorOf(() => streams.fetch({ ...options, stream: "X", expiresMs: 1000 }))).toEqual(
        noStream,
      );
    });

    it("a consumer delivers by callback and accepts acks", async () => {
      await publish(20);
      const got: unknown[] = [];
      const confirmed: Promise<boolean>[] = [];
      const open = await opened.link.streams.consume({ stream: "S", consumer: "C", batch: 7 }, (message) => {
        const { subject, data, streamSequence, deliveryCount } = message;
        got.push([subject, text(data), streamSequence, deliveryCount, message.respond(bytes("x"))]);
        if (streamSequence % 2) message.ack();
        else confirmed.push(message.ackConfirmed());
      });
      await until("all of them", () => got.length === 20 || undefined);
      expect(got).toEqual(Array.from({ length: 20 }, (_, i) => [`s.${i + 1}`, `${i + 1}`, i + 1, 1, false]));
      expect(await Promise.all(confirmed)).toEqual(Array.from({ length: 10 }, () => true));
      await until("the acks", async () => (await consumer()).num_ack_pending === 0 || undefined);
      await open.close();
      await opened.link.streams.publish("s.late", bytes(""), { timeoutMs: 5000 });
      await opened.link.flush();
      expect(got).toHaveLength(20);
      expect(opened.calls).toEqual([]);
    });

    it("a consumer requests a batch, and half a batch when half of it is delivered", async () => {
      const asked: number[] = [];
      const spy = plain.subscribe("$JS.API.CONSUMER.MSG.NEXT.S.C", {
        callback: (_error, message) => asked.push((message.json() as { batch: number }).batch),
      });
      await plain.flush();
      let received = 0;
      const open = await opened.link.streams.consume({ stream: "S", consumer: "C", batch: 10 }, (message) => {
        received++;
        message.ack();
      });
      await publish(10);
      await until("all of them", () => (received === 10 && asked.length >= 3) || undefined);
      await open.close();
      await plain.flush();
      spy.unsubscribe();
      expect(asked).toEqual([10, 5, 5]);
    });

    it("a consumer with a batch of 1 delivers one message at a time", async () => {
      const got: number[] = [];
      await publish(5);
      await opened.link.streams.consume({ stream: "S", consumer: "C", batch: 1 }, (message) => {
        got.push(message.streamSequence);
        message.ack();
      });
      await until("all of them", () => got.length === 5 || undefined);
      expect(got).toEqual([1, 2, 3, 4, 5]);
    });

    it("a message has its number of deliveries and the time at which it was stored", async () => {
      await manager.consumers.update("S", "C", { ack_wait: nanos(200) });
      const before = Date.now();
      await publish(1);
      const after = Date.now();
      const got: { count: number; at: number }[] = [];
      await opened.link.streams.consume({ stream: "S", consumer: "C", batch: 2 }, (message) => {
        got.push({ count: message.deliveryCount, at: message.storedAtMs });
      });
      await until("a redelivery", () => got.length >= 2 || undefined);
      expect(got.slice(0, 2).map(({ count }) => count)).toEqual([1, 2]);
      const at = got[0]?.at as number;
      expect(at).toBeGreaterThanOrEqual(before - 1);
      expect(at).toBeLessThanOrEqual(after + 1);
      const { time } = await manager.streams.getMessage("S", { seq: 1 });
      expect(Math.floor(at)).toBe(time.getTime());
    });

    it("a fetch returns stored messages and ends after its expiry", async () => {
      await publish(5);
      const options = { stream: "S", consumer: "C", batch: 3, expiresMs: 1000 };
      const fetchAll = async () => {
        const got: number[] = [];
        for await (const message of await opened.link.streams.fetch(options)) {
          got.push(message.streamSequence);
          message.ack();
        }
        return got;
      };
      expect(await fetchAll()).toEqual([1, 2, 3]);
      expect(await fetchAll()).toEqual([4, 5]);
      expect(await fetchAll()).toEqual([]);
      await manager.consumers.delete("S", "C");
      // A 2.9 server does not answer; the client checks the consumer when heartbeats are missing.
      expect((await linkErrorOf(fetchAll)).message).toMatch(
        /^fetch from consumer C of stream S: (no responders|consumer not found)$/,
      );
      expect(await linkErrorOf(() => opened.link.streams.fetch({ ...options, expiresMs: 10 }))).toMatchObject(
        {
          message: expect.stringMatching(/at least 1000ms/),
        },
      );
    });

    it("a fetch ends when the link is closed", async () => {
      const options = { stream: "S", consumer: "C", batch: 3, expiresMs: 60_000 };
      const batch = await opened.link.streams.fetch(options);
      const end = (async () => {
        for await (const _ of batch) throw new Error("there is nothing to get");
      })();
      await opened.link.flush();
      await opened.link.close();
      await end;
    });

    it("an ordered consumer delivers in order without acks and removes itself", async () => {
      await publish(12);
      const got: [number, string][] = [];
      const { streams } = opened.link;
      const open = await streams.consumeOrdered({ stream: "S", batch: 5 }, ({ streamSequence, subject }) =>
        got.push([streamSequence, subject]),
      );
      const some: string[] = [];
      const filtered = await streams.consumeOrdered({ stream: "S", filter: "s.7", batch: 5 }, ({ subject }) =>
        some.push(subject),
      );
      await until("all of them", () => (got.length === 12 && some.length === 1) || undefined);
      expect(got).toEqual(Array.from({ length: 12 }, (_, i) => [i + 1, `s.${i + 1}`]));
      expect(some).toEqual(["s.7"]);
      await open.close();
      await filtered.close();
      const left = await manager.consumers.list("S").next();
      expect(left.map(({ name }) => name)).toEqual(["C"]);
      expect(opened.calls).toEqual([]);
    });

    it("a deleted consumer is reported", async () => {
      await opened.link.streams.consume({ stream: "S", consumer: "C", batch: 5 }, () => {});
      // A request after the deletion would not be answered with the deletion.
      await until(
        "its request",
        async () => (await manager.consumers.info("S", "C")).num_waiting || undefined,
      );
      await manager.consumers.delete("S", "C");
      await until("the news", () => opened.calls[0]);
      expect(opened.calls).toEqual(["consumer C of stream S was deleted"]);
    });

    it("an exception of a callback is reported and ends the consumption", async () => {
      await publish(2);
      await opened.link.streams.consume({ stream: "S", consumer: "C", batch: 5 }, () => {
        throw new Error("cannot read it");
      });
      await until("the news", () => opened.calls[0]);
      expect(opened.calls).toEqual(["consumer C of stream S ended: cannot read it"]);
    });
  });

  describe("streams of a server without JetStream", () => {
    it("operations fail with no_responders", async () => {
      await using server = await runNatsServer({ version, config: "" });
      await using opened = await openLink(server.clientUrl);
      const { streams, buckets } = opened.link;
      const absent = { type: "no_responders" };
      const options = { stream: "S", consumer: "C", batch: 1 };
      expect(await linkErrorOf(() => streams.publish("s", bytes(""), { timeoutMs: 5000 }))).toMatchObject(
        absent,
      );
      expect(await linkErrorOf(() => streams.consume(options, () => {}))).toMatchObject(absent);
      expect(await linkErrorOf(() => buckets.keyValue("B"))).toMatchObject(absent);
      expect(opened.link.server.jetstream).toBe(false);
    });
  });
}
