import { context, trace } from "@opentelemetry/api";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { describeEachServer, SERVER_VERSIONS } from "../../outside-programs.ts";
import { until } from "../../rig/until.ts";
import { CLIENTS, describeEachClient, keepContexts, within } from "../clients.ts";
import { errorFacts, failureOf } from "../failures.ts";
import { type Orders, ownSpans, pick, place, prepareOrders, processed } from "./orders.ts";

keepContexts();

const CONSUMER = 'stream="ORDERS",consumer="worker"';

/** All samples after messages were consumed. */
function consumed(count: number, subject = "orders.new", consumer = CONSUMER) {
  return {
    nats_connection_status: 1,
    [`nats_messages_received_total{subject="${subject}"}`]: count,
    [`nats_received_bytes_total{subject="${subject}"}`]: count,
    [`nats_message_processing_seconds_count{subject="${subject}"}`]: count,
    [`nats_jetstream_delivery_count_count{${consumer}}`]: count,
  };
}

/** Resolves when no subscription is open. */
const allClosed = (orders: Orders) =>
  until("no consumption", async () =>
    (await orders.samples()).nats_active_subscriptions === undefined ? true : undefined,
  );

describeEachServer("consume()", ({ version }) => {
  let server: RunningNatsServer;
  beforeAll(async () => {
    server = await runNatsServer({ version });
  });
  afterAll(() => server.stop());

  describeEachClient("of a consumer", (client) => {
    it("runs the body of a loop in its message's context, in the sender's trace", async () => {
      await using orders = await prepareOrders(client, server);
      const { js, spans } = orders;
      for (const data of ["1", "2", "3"]) await js.publish("orders.new", data);
      const active: (string | undefined)[] = [];
      await within(spans, async (span) => {
        const consumer = await js.consumers.get("ORDERS", "worker");
        for await (const message of await consumer.consume()) {
          await Promise.resolve();
          active.push(trace.getSpanContext(context.active())?.spanId);
          if (message.seq === 3) break;
        }
        expect(trace.getSpanContext(context.active())?.spanId).toBe(span.spanContext().spanId);
      });
      expect(active).toEqual(spans.named("process orders.new").map((one) => one.spanContext().spanId));
      expect(ownSpans(orders).slice(3)).toEqual(
        [1, 2, 3].map((seq) =>
          processed(seq, seq, { parent: "publish orders.new", links: ["publish orders.new"] }),
        ),
      );
      await allClosed(orders);
      expect(pick(await orders.samples(), /^(?!.*publish)/)).toEqual(consumed(3));
    });

    it("ends the span when a loop is left by throw, and has none for undelivered messages", async () => {
      await using orders = await prepareOrders(client, server);
      await place(orders, 5);
      const consumer = await orders.js.consumers.get("ORDERS", "worker");
      const messages = await consumer.consume();
      const failure = await failureOf(async () => {
        for await (const _ of messages) throw new Error("out");
      });
      expect(failure.message).toBe("out");
      expect(ownSpans(orders)).toEqual([processed(1, 1)]);
      await allClosed(orders);
      expect(await orders.samples()).toEqual(consumed(1));
    });

    it("has a loop that is open and pending until it is closed, from within or unread", async () => {
      await using orders = await prepareOrders(client, server, {
        consumer: { filter_subject: "orders.>" },
      });
      await place(orders, 3);
      const consumer = await orders.js.consumers.get("ORDERS", "worker");
      const unread = await consumer.consume();
      await until("an open consumption", async () =>
        (await orders.samples()).nats_active_subscriptions === 1 ? true : undefined,
      );
      void unread.close();
      expect(await orders.samples()).toEqual({ nats_connection_status: 1 });

      const messages = await consumer.consume();
      let seen: Record<string, number> = {};
      await within(orders.spans, async () => {
        for await (const message of messages) {
          if (message.seq === 1) {
            await until("the others", () => (messages.getReceived() >= 3 ? true : undefined));
            seen = pick(await orders.samples(), /active|pending/);
            void messages.close();
          }
        }
      });
      expect(seen).toEqual({
        nats_active_subscriptions: 1,
        'nats_subscription_pending_messages{subject="orders.>"}': expect.any(Number),
      });
      await allClosed(orders);
      expect(ownSpans(orders)).toHaveLength(3);
      expect(await orders.samples()).toEqual(consumed(3, "orders.>"));
    });

    it("has callback spans that last as long as the returned promise, and fail with it", async () => {
      await using orders = await prepareOrders(client, server);
      await place(orders, 2);
      const consumer = await orders.js.consumers.get("ORDERS", "worker");
      const rejections: unknown[] = [];
      const hear = (reason: unknown) => rejections.push(reason);
      process.on("unhandledRejection", hear);
      try {
        const messages = await consumer.consume({
          callback: async (message: { seq: number }) => {
            await Promise.resolve();
            expect(trace.getSpanContext(context.active())).toBeDefined();
            if (message.seq === 2) throw new TypeError("no");
          },
        });
        await until("both", () => (ownSpans(orders).length === 2 ? true : undefined));
        await until("the rejection", () => (rejections.length === 1 ? true : undefined));
        await messages.close();
      } finally {
        process.off("unhandledRejection", hear);
      }
      const failed = processed(2, 2);
      expect(ownSpans(orders)).toEqual([
        processed(1, 1),
        { ...failed, attributes: { ...failed.attributes, "error.type": "TypeError" }, failed: true },
      ]);
      await allClosed(orders);
      expect(await orders.samples()).toEqual({
        ...consumed(2),
        'nats_message_processing_errors_total{subject="orders.new"}': 1,
      });
    });

    it("ends when a callback throws, like the client's", async () => {
      await using orders = await prepareOrders(client, server, { tracer: false });
      await place(orders, 2);
      const consumer = await orders.js.consumers.get("ORDERS", "worker");
      const thrown = new Error("no");
      const messages = await consumer.consume({
        callback: () => {
          throw thrown;
        },
      });
      expect(await messages.closed()).toBe(thrown);
      await allClosed(orders);
      expect(pick(await orders.samples(), /errors|active/)).toEqual({
        'nats_message_processing_errors_total{subject="orders.new"}': expect.any(Number),
      });
    });

    it("fails the loop of a deleted consumer if the option asks for it", async () => {
      await using orders = await prepareOrders(client, server);
      await place(orders, 1);
      const looping = async (js: Orders["js"]) => {
        const consumer = await js.consumers.get("ORDERS", "worker");
        const messages = await consumer.consume({ abort_on_missing_resource: true });
        for await (const _ of messages) await orders.manager.consumers.delete("ORDERS", "worker");
      };
      const failure = await failureOf(() => within(orders.spans, () => looping(orders.js)));
      expect(ownSpans(orders)).toEqual([processed(1, 1)]);
      await allClosed(orders);
      expect(await orders.samples()).toEqual(consumed(1));
      await orders.manager.consumers.add("ORDERS", { durable_name: "worker", ack_policy: "explicit" });
      expect(errorFacts(failure)).toEqual(errorFacts(await failureOf(() => looping(orders.rawJs))));
    });

    it("has no label of its own for an ordered consumer", async () => {
      await using orders = await prepareOrders(client, server);
      await place(orders, 2);
      const consumer = await orders.js.consumers.get("ORDERS", {
        filterSubjects: "orders.new",
        filter_subjects: "orders.new",
      });
      await within(orders.spans, async () => {
        for await (const message of await consumer.consume()) if (message.seq === 2) break;
      });
      const { "messaging.destination.subscription.name": _, ...attributes } = processed(1, 1).attributes;
      expect(ownSpans(orders)[0]).toEqual({ ...processed(1, 1), attributes });
      await allClosed(orders);
      expect(await orders.samples()).toEqual(
        consumed(2, "orders.new", 'stream="ORDERS",consumer="_ephemeral"'),
      );
      const spare = await orders.js.consumers.get("ORDERS");
      expect((await spare.next({ expires: 1000 })).seq).toBe(1);
      expect(ownSpans(orders).at(-1)?.name).toBe("next ORDERS");
    });

    it("labels by template, filter and message, also for consumers from streams", async () => {
      await using orders = await prepareOrders(client, server, {
        subjects: { templates: ["orders.special.*"] },
        consumer: { filter_subject: "orders.*.*" },
      });
      for (const subject of ["orders.special.a", "orders.12.b"]) await orders.rawJs.publish(subject, "x");
      const stream = await orders.js.streams.get("ORDERS");
      const manager = await client.jetstreamManager(orders.connection);
      for (const from of [stream, await manager.streams.get("ORDERS")]) {
        const filtered = await from.getConsumer("worker");
        expect((await filtered.next({ expires: 1000 })).seq).toBeLessThan(3);
      }
      const all = await stream.getConsumer();
      const messages = await all.fetch({ max_messages: 2, expires: 5000 });
      await within(orders.spans, async () => {
        for await (const _ of messages);
      });
      expect(pick(await orders.samples(), /received_total/)).toEqual({
        'nats_messages_received_total{subject="orders.special.*"}': 2,
        'nats_messages_received_total{subject="orders.*.*"}': 1,
        'nats_messages_received_total{subject="orders.*.b"}': 1,
      });
    });

    it("links a redelivered or old message to its sender without continuing the trace", async () => {
      await using orders = await prepareOrders(client, server);
      await orders.js.publish("orders.new", "x");
      const consumer = await orders.js.consumers.get("ORDERS", "worker");
      await within(orders.spans, async () => {
        for await (const message of await consumer.consume()) {
          if (message.info.deliveryCount === 2) break;
          message.nak();
        }
      });
      expect(ownSpans(orders).slice(1)).toEqual([
        processed(1, 1, { parent: "publish orders.new", links: ["publish orders.new"] }),
        processed(1, 2, { count: 2, links: ["publish orders.new"] }),
      ]);
      expect(pick(await orders.samples(), /jetstream_(redeliveries|delivery)/)).toEqual({
        [`nats_jetstream_redeliveries_total{${CONSUMER}}`]: 1,
        [`nats_jetstream_delivery_count_count{${CONSUMER}}`]: 2,
      });
      orders.spans.reset();
      const again = await orders.js.consumers.get("ORDERS");
      const later = Date.now() + 61_000;
      const clock = vi.spyOn(Date, "now").mockImplementation(() => later);
      try {
        const messages = await again.fetch({ max_messages: 1, expires: 1000 });
        await within(orders.spans, async () => {
          for await (const _ of messages);
        });
      } finally {
        clock.mockRestore();
      }
      const [process] = ownSpans(orders);
      expect(process?.parent).toBeUndefined();
      expect(process?.links).toEqual(["elsewhere"]);
    });

    it("calls hooks for each message without tracing", async () => {
      const events: object[] = [];
      const hooks = { consume: (event: object) => events.push(event) };
      await using orders = await prepareOrders(client, server, { tracer: false, hooks });
      await place(orders, 1);
      const consumer = await orders.js.consumers.get("ORDERS", "worker");
      for await (const _ of await consumer.consume()) break;
      expect(events).toEqual([
        {
          subject: "orders.new",
          source: "ORDERS/worker",
          bytes: 1,
          durationSeconds: expect.any(Number),
          span: undefined,
        },
      ]);
    });
  });
});

describe("a scheduled message", () => {
  const [newest] = SERVER_VERSIONS;

  it("is linked to its sender without continuing the trace", async () => {
    await using server = await runNatsServer({ version: newest?.version });
    const client = CLIENTS[1] as (typeof CLIENTS)[number];
    await using orders = await prepareOrders(client, server, {
      stream: { allow_msg_schedules: true },
      consumer: { filter_subject: "orders.due" },
    });
    const at = new Date(Date.now() + 1000);
    const schedule = { specification: at, target: "orders.due" };
    await orders.js.publish("orders.plan", "x", { schedule });
    const consumer = await orders.js.consumers.get("ORDERS", "worker");
    await within(orders.spans, async () => {
      for await (const _ of await consumer.consume()) break;
    });
    const [, process] = ownSpans(orders);
    expect(process).toMatchObject({ name: "process orders.due", links: ["publish orders.plan"] });
    expect(process?.parent).toBeUndefined();
  });
});
