import { context, trace } from "@opentelemetry/api";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { describeEachServer } from "../../outside-programs.ts";
import { until } from "../../rig/until.ts";
import { describeEachClient, keepContexts, within } from "../clients.ts";
import { operation } from "../ended-spans.ts";
import { errorFacts, failureOf } from "../failures.ts";
import {
  deliveryOf,
  type Orders,
  ownSpans,
  pick,
  place,
  prepareOrders,
  processed,
  WORKER,
} from "./orders.ts";

keepContexts();

const CONSUMER = 'stream="ORDERS",consumer="worker"';
const ACKS = /acks_total|ack_latency/;

/** Loops over this many messages of the consumer. */
async function loop(
  orders: Orders,
  count: number,
  // biome-ignore lint/suspicious/noExplicitAny: of either generation
  body: (message: any, index: number) => unknown,
): Promise<void> {
  const consumer = await orders.js.consumers.get("ORDERS", "worker");
  await within(orders.spans, async () => {
    let index = 0;
    for await (const message of await consumer.consume()) {
      await body(message, index++);
      if (index === count) break;
    }
  });
}

/** The server's count of unacknowledged messages, after it has handled the acks of the other connection. */
async function ackPending(orders: Orders): Promise<number> {
  await orders.connection.flush();
  return (await orders.manager.consumers.info("ORDERS", "worker")).num_ack_pending;
}

describeEachServer("a delivered message", ({ version }) => {
  let server: RunningNatsServer;
  beforeAll(async () => {
    server = await runNatsServer({ version });
  });
  afterAll(() => server.stop());

  describeEachClient("of a consumer", (client) => {
    it("records one answer, and ignores those after it", async () => {
      await using orders = await prepareOrders(client, server);
      await place(orders, 5);
      await loop(orders, 5, async (message, index) => {
        message.working();
        if (index === 0) message.ack();
        if (index === 1) message.term();
        if (index === 2) message.next();
        if (index === 3) expect(await message.ackAck()).toBe(true);
        if (index === 4) message.nak(60_000);
        if (index === 2) return;
        message.ack();
        message.nak();
        message.working();
        expect(await message.ackAck()).toBe(false);
      });
      expect(await ackPending(orders)).toBe(1);
      expect(pick(await orders.samples(), ACKS)).toEqual({
        [`nats_jetstream_acks_total{${CONSUMER},ack="working"}`]: 5,
        [`nats_jetstream_acks_total{${CONSUMER},ack="ack"}`]: 2,
        [`nats_jetstream_acks_total{${CONSUMER},ack="term"}`]: 1,
        [`nats_jetstream_acks_total{${CONSUMER},ack="next"}`]: 1,
        [`nats_jetstream_acks_total{${CONSUMER},ack="nak"}`]: 1,
        [`nats_jetstream_ack_latency_seconds_count{${CONSUMER}}`]: 5,
      });
      expect(ownSpans(orders).map(({ name }) => name)).toEqual([
        "process orders.new",
        "process orders.new",
        "process orders.new",
        "ack orders.new",
        "process orders.new",
        "process orders.new",
      ]);
    });

    it("records answers through an object that inherits from the message", async () => {
      await using orders = await prepareOrders(client, server);
      await place(orders, 2);
      await loop(orders, 2, async (message, index) => {
        const own = Object.create(message, { tenant: { value: "a" } });
        if (index === 0) own.ack();
        else expect(await own.ackAck()).toBe(true);
        expect(own.didAck).toBe(true);
      });
      expect(pick(await orders.samples(), /acks_total/)).toEqual({
        [`nats_jetstream_acks_total{${CONSUMER},ack="ack"}`]: 2,
      });
      expect(await ackPending(orders)).toBe(0);
    });

    it("has an ackAck span within its own, also when ackAck is called later", async () => {
      await using orders = await prepareOrders(client, server);
      await place(orders, 2);
      // biome-ignore lint/suspicious/noExplicitAny: of either generation
      const kept: any[] = [];
      await loop(orders, 2, (message) => kept.push(message));
      const active = trace.setSpan(context.active(), orders.spans.tracer.startSpan("test"));
      await context.with(active, () => kept[1].ackAck());
      expect(ownSpans(orders)).toEqual([
        processed(1, 1),
        processed(2, 2),
        {
          name: "ack orders.new",
          kind: "CLIENT",
          attributes: operation("ack", "settle", "orders.new", { ...WORKER, ...deliveryOf(2, 2) }),
          parent: "process orders.new",
        },
      ]);
      const [, second, ack] = orders.spans.ended.filter(({ name }) => name !== "test");
      expect(ack?.parentSpanContext?.spanId).toBe(second?.spanContext().spanId);
    });

    it("fails like the client if the server does not confirm an ackAck", async () => {
      await using orders = await prepareOrders(client, server);
      await place(orders, 1);
      const failures: Error[] = [];
      // The name is part of the client's message.
      const words = (error: Error) => JSON.stringify(errorFacts(error)).replace(/ORDERS\.\w+\./, "ORDERS.");
      const raw = await (await orders.rawJs.consumers.get("ORDERS")).next({ expires: 1000 });
      await loop(orders, 1, async (message) => {
        await orders.manager.streams.delete("ORDERS");
        failures.push(await failureOf(() => message.ackAck({ timeout: 100 })));
      });
      failures.push(await failureOf(() => raw.ackAck({ timeout: 100 })));
      const [failure, expected] = failures as [Error, Error];
      expect(words(failure)).toBe(words(expected));
      expect(ownSpans(orders)[0]).toMatchObject({
        name: "ack orders.new",
        attributes: { "error.type": expect.stringMatching(/^(no_responders|timeout)$/) },
        failed: true,
      });
      expect(pick(await orders.samples(), ACKS)).toEqual({
        [`nats_jetstream_acks_total{${CONSUMER},ack="ack"}`]: 1,
        [`nats_jetstream_ack_latency_seconds_count{${CONSUMER}}`]: 1,
      });
    });

    it("has ack spans with the option settleSpans: all with their arguments, or none", async () => {
      await using orders = await prepareOrders(client, server, { settleSpans: "all" });
      await place(orders, 4);
      await loop(orders, 4, (message, index) => {
        if (index === 0) message.working();
        if (index === 0) message.ack();
        if (index === 1) message.nak(60_000);
        if (index === 2) message.term("no such order");
        if (index === 3) message.next();
      });
      const settled = (name: string, seq: number, more: object = {}) => ({
        name: `${name} orders.new`,
        kind: "CLIENT",
        attributes: operation(name, "settle", "orders.new", { ...WORKER, ...deliveryOf(seq, seq), ...more }),
        parent: "process orders.new",
      });
      expect(ownSpans(orders).filter(({ kind }) => kind === "CLIENT")).toEqual([
        settled("in_progress", 1),
        settled("ack", 1),
        settled("nak", 2, { "messaging.nats.nak.delay": 60 }),
        settled("term", 3, { "messaging.nats.term.reason": "no such order" }),
        settled("next", 4),
      ]);

      await using silent = await prepareOrders(client, server, { settleSpans: "none" });
      await place(silent, 1);
      await loop(silent, 1, (message) => message.ackAck());
      expect(ownSpans(silent)).toEqual([processed(1, 1)]);
    });

    it("from next() has ack spans in the active context", async () => {
      await using orders = await prepareOrders(client, server);
      await place(orders, 1);
      const consumer = await orders.js.consumers.get("ORDERS", "worker");
      const message = await consumer.next({ expires: 1000 });
      await within(orders.spans, () => message.ackAck());
      expect(ownSpans(orders)[1]).toMatchObject({ name: "ack orders.new", parent: "test" });
      expect(await ackPending(orders)).toBe(0);
      expect(pick(await orders.samples(), ACKS)).toEqual({
        [`nats_jetstream_acks_total{${CONSUMER},ack="ack"}`]: 1,
        [`nats_jetstream_ack_latency_seconds_count{${CONSUMER}}`]: 1,
      });
    });

    it("is redelivered after a nak, and each delivery is counted without tracing", async () => {
      await using orders = await prepareOrders(client, server, { tracer: false });
      await place(orders, 1);
      await loop(orders, 3, (message, index) => (index < 2 ? message.nak() : message.ack()));
      await until("no message open", async () => ((await ackPending(orders)) === 0 ? true : undefined));
      expect(pick(await orders.samples(), /jetstream/)).toEqual({
        [`nats_jetstream_acks_total{${CONSUMER},ack="nak"}`]: 2,
        [`nats_jetstream_acks_total{${CONSUMER},ack="ack"}`]: 1,
        [`nats_jetstream_ack_latency_seconds_count{${CONSUMER}}`]: 3,
        [`nats_jetstream_redeliveries_total{${CONSUMER}}`]: 2,
        [`nats_jetstream_delivery_count_count{${CONSUMER}}`]: 3,
      });
    });
  });
});
