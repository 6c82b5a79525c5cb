import * as nats from "nats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { describeEachServer } from "../../outside-programs.ts";
import { until } from "../../rig/until.ts";
import { CLIENTS, type ClientGeneration, keepContexts, within } from "../clients.ts";
import { errorFacts, failureOf } from "../failures.ts";
import {
  deliveryOf,
  type Orders,
  ownSpans,
  pick,
  place,
  prepareOrders,
  processed,
  received,
} from "./orders.ts";

keepContexts();

const CONSUMER = 'stream="ORDERS",consumer="worker"';
const EPHEMERAL = 'stream="ORDERS",consumer="_ephemeral"';

/** All samples after this many messages were consumed. */
function consumed(count: number, subject: string, consumer: string) {
  return {
    [`nats_messages_received_total{subject="${subject}"}`]: count,
    [`nats_received_bytes_total{subject="${subject}"}`]: count,
    [`nats_message_processing_seconds_count{subject="${subject}"}`]: count,
    [`nats_jetstream_delivery_count_count{${consumer}}`]: count,
  };
}

const processedBoth = (orders: Orders) =>
  until("both messages", () => (ownSpans(orders).length === 2 ? true : undefined));

const closed = (orders: Orders) =>
  until("no subscription", async () =>
    (await orders.samples()).nats_active_subscriptions === undefined ? true : undefined,
  );

describeEachServer("pushed messages", ({ version }) => {
  let server: RunningNatsServer;
  beforeAll(async () => {
    server = await runNatsServer({ version });
  });
  afterAll(() => server.stop());

  describe("@nats-io 3", () => {
    const client = CLIENTS[1] as ClientGeneration;
    const push = { consumer: { deliver_subject: "delivered", filter_subject: "orders.new" } };

    it("are recorded for a callback", async () => {
      await using orders = await prepareOrders(client, server, push);
      const consumer = await orders.js.consumers.getPushConsumer("ORDERS", "worker");
      const messages = await consumer.consume({ callback: (message: { ack(): void }) => message.ack() });
      await place(orders, 2);
      await processedBoth(orders);
      expect(ownSpans(orders)).toEqual([processed(1, 1), processed(2, 2)]);
      expect(await orders.samples()).toEqual({
        ...consumed(2, "orders.new", CONSUMER),
        nats_connection_status: 1,
        nats_active_subscriptions: 1,
        [`nats_jetstream_acks_total{${CONSUMER},ack="ack"}`]: 2,
        [`nats_jetstream_ack_latency_seconds_count{${CONSUMER}}`]: 2,
      });
      await messages.close();
      await closed(orders);
    });

    it("are recorded for a loop of a bound and of an ordered consumer", async () => {
      await using orders = await prepareOrders(client, server, push);
      await place(orders, 2);
      const loop = async (consumer: Orders["js"]) => {
        orders.spans.reset();
        await within(orders.spans, async () => {
          for await (const message of await consumer.consume()) if (message.seq === 2) break;
        });
        await closed(orders);
        return ownSpans(orders);
      };
      const { consumers } = orders.js;
      const bound = await consumers.getBoundPushConsumer({ deliver_subject: "delivered" });
      expect(await loop(bound)).toEqual([processed(1, 1), processed(2, 2)]);
      const ordered = await loop(await consumers.getPushConsumer("ORDERS"));
      expect(ordered.map(({ attributes }) => attributes["messaging.destination.subscription.name"])).toEqual([
        undefined,
        undefined,
      ]);
      expect(pick(await orders.samples(), /delivery_count/)).toEqual({
        [`nats_jetstream_delivery_count_count{${CONSUMER}}`]: 2,
        [`nats_jetstream_delivery_count_count{${EPHEMERAL}}`]: 2,
      });
    });
  });

  describe("@nats-io 3, of ordered consumers", () => {
    const client = CLIENTS[1] as ClientGeneration;
    const filter = { filter_subjects: "orders.new" };
    const ways: Readonly<Record<string, (js: Orders["js"]) => Promise<Orders["js"]>>> = {
      getOrderedPushConsumer: (js) => js.consumers.getOrderedPushConsumer("ORDERS", filter),
      getPushConsumer: (js) => js.consumers.getPushConsumer("ORDERS", filter),
      "getPushConsumer of a stream": async (js) => (await js.streams.get("ORDERS")).getPushConsumer(filter),
    };
    /** Ordered consumers have no fixed name. */
    const ordered = [1, 2].map((seq) => {
      const span = processed(seq, seq);
      const { "messaging.destination.subscription.name": _, ...attributes } = span.attributes;
      return { ...span, attributes };
    });
    const left = { ...consumed(2, "orders.new", EPHEMERAL), nats_connection_status: 1 };

    it.each(Object.keys(ways))("%s: to a callback", async (way) => {
      await using orders = await prepareOrders(client, server);
      const consumer = await ways[way]?.(orders.js);
      const events: number[] = [];
      const messages = await consumer.consume({
        callback: ({ seq }: { seq: number }) => {
          events.push(seq);
        },
      });
      await place(orders, 2);
      await processedBoth(orders);
      expect(events).toEqual([1, 2]);
      expect(ownSpans(orders)).toEqual(ordered);
      expect(await orders.samples()).toEqual({ ...left, nats_active_subscriptions: 1 });
      await messages.close();
      await closed(orders);
    });

    it.each(Object.keys(ways))("%s: to a loop", async (way) => {
      await using orders = await prepareOrders(client, server);
      await place(orders, 2);
      await within(orders.spans, async () => {
        const consumer = await ways[way]?.(orders.js);
        for await (const message of await consumer.consume()) {
          if (message.seq === 1) expect((await orders.samples()).nats_active_subscriptions).toBe(1);
          else break;
        }
      });
      await closed(orders);
      expect(ownSpans(orders)).toEqual(ordered);
      expect(await orders.samples()).toEqual(left);
    });

    it("fail like the client's", async () => {
      await using orders = await prepareOrders(client, server);
      const start = ({ consumers }: Orders["js"]) => consumers.getOrderedPushConsumer("NOTHING");
      const failure = await failureOf(() => start(orders.js));
      expect(errorFacts(failure)).toEqual(errorFacts(await failureOf(() => start(orders.rawJs))));
      expect(await orders.samples()).toEqual({ nats_connection_status: 1 });
    });
  });

  describe("nats 2, its first interface", () => {
    const client = CLIENTS[0] as ClientGeneration;
    const push = { consumer: { deliver_subject: "delivered" } };
    const bound = () => nats.consumerOpts().bind("ORDERS", "worker");

    it("are recorded for a callback of subscribe, for which the client acks", async () => {
      await using orders = await prepareOrders(client, server, push);
      const events: unknown[] = [];
      const options = bound();
      options.callback((error, message) => events.push(error ?? message?.seq));
      const subscription = await orders.js.subscribe("orders.new", options);
      await place(orders, 2);
      await processedBoth(orders);
      expect(events).toEqual([1, 2]);
      expect(ownSpans(orders)).toEqual([processed(1, 1), processed(2, 2)]);
      expect(await orders.samples()).toEqual({
        ...consumed(2, "orders.new", CONSUMER),
        nats_connection_status: 1,
        nats_active_subscriptions: 1,
        [`nats_jetstream_acks_total{${CONSUMER},ack="ack"}`]: 2,
        [`nats_jetstream_ack_latency_seconds_count{${CONSUMER}}`]: 2,
      });
      await subscription.drain();
      await closed(orders);
    });

    it("are recorded for a loop of subscribe, also of an ordered consumer", async () => {
      await using orders = await prepareOrders(client, server, push);
      await place(orders, 2);
      await within(orders.spans, async () => {
        const subscription = await orders.js.subscribe("orders.new", bound().manualAck());
        for await (const message of subscription) {
          await message.ackAck();
          if (message.seq === 2) subscription.unsubscribe();
        }
      });
      expect(ownSpans(orders).map(({ name, parent }) => [name, parent])).toEqual([
        ["ack orders.new", "process orders.new"],
        ["process orders.new", undefined],
        ["ack orders.new", "process orders.new"],
        ["process orders.new", undefined],
      ]);
      await closed(orders);
      const ordered = nats.consumerOpts();
      ordered.orderedConsumer();
      await within(orders.spans, async () => {
        for await (const message of await orders.js.subscribe("orders.new", ordered)) {
          if (message.seq === 2) break;
        }
      });
      await closed(orders);
      expect(pick(await orders.samples(), /delivery_count/)).toEqual({
        [`nats_jetstream_delivery_count_count{${CONSUMER}}`]: 2,
        [`nats_jetstream_delivery_count_count{${EPHEMERAL}}`]: 2,
      });
    });

    it("fail like the client's with subscribe", async () => {
      await using orders = await prepareOrders(client, server, push);
      for (const options of [undefined, nats.consumerOpts().bind("ORDERS", "nobody")]) {
        const failure = await failureOf(() => orders.js.subscribe("orders.new", options));
        expect(errorFacts(failure)).toEqual(
          errorFacts(await failureOf(() => orders.rawJs.subscribe("orders.new", options))),
        );
      }
      expect(await orders.samples()).toEqual({ nats_connection_status: 1 });
    });

    it("are recorded for pullSubscribe with its pull()", async () => {
      await using orders = await prepareOrders(client, server);
      await place(orders, 2);
      await within(orders.spans, async () => {
        const subscription = await orders.js.pullSubscribe("orders.>", bound());
        subscription.pull({ batch: 2, expires: 5000 });
        for await (const message of subscription) if (message.seq === 2) break;
      });
      await closed(orders);
      expect(ownSpans(orders)).toEqual([processed(1, 1), processed(2, 2)].map(labelled));
      expect(await orders.samples()).toEqual({
        ...consumed(2, "orders.>", CONSUMER),
        nats_connection_status: 1,
        // The client acks a message when the loop requests the next one.
        [`nats_jetstream_acks_total{${CONSUMER},ack="ack"}`]: 1,
        [`nats_jetstream_ack_latency_seconds_count{${CONSUMER}}`]: 1,
      });
    });

    /** Labelled by the subject of the subscription. */
    function labelled(span: ReturnType<typeof processed>) {
      const attributes = { ...span.attributes, "messaging.destination.template": "orders.>" };
      return { ...span, name: "process orders.>", attributes };
    }

    it("are recorded for pull like next(), except that no message is a failure", async () => {
      await using orders = await prepareOrders(client, server);
      await place(orders, 1);
      const { js, rawJs } = orders;
      const message = await js.pull("ORDERS", "worker", 1000);
      message.ack();
      const failure = await failureOf(() => js.pull("ORDERS", "worker"));
      expect(errorFacts(failure)).toEqual(errorFacts(await failureOf(() => rawJs.pull("ORDERS", "worker"))));
      expect(failure.code).toBe("404");
      const next = received("next");
      expect(ownSpans(orders)).toEqual([
        { name: "next worker", kind: "CLIENT", attributes: { ...next, ...deliveryOf(1, 1) } },
        {
          name: "next worker",
          kind: "CLIENT",
          attributes: { ...next, "error.type": "not_found" },
          failed: true,
        },
      ]);
      expect(await orders.samples()).toEqual({
        nats_connection_status: 1,
        'nats_messages_received_total{subject="orders.new"}': 1,
        'nats_received_bytes_total{subject="orders.new"}': 1,
        [`nats_jetstream_fetch_seconds_count{${CONSUMER},outcome="ok"}`]: 1,
        [`nats_jetstream_fetch_seconds_count{${CONSUMER},outcome="error"}`]: 1,
        [`nats_jetstream_delivery_count_count{${CONSUMER}}`]: 1,
        [`nats_jetstream_acks_total{${CONSUMER},ack="ack"}`]: 1,
        [`nats_jetstream_ack_latency_seconds_count{${CONSUMER}}`]: 1,
      });
    });

    it("are recorded for fetch like that of a consumer", async () => {
      await using orders = await prepareOrders(client, server);
      await place(orders, 2);
      await within(orders.spans, async () => {
        for await (const _ of orders.js.fetch("ORDERS", "worker", { batch: 2, expires: 5000 }));
      });
      expect(ownSpans(orders)).toEqual([
        processed(1, 1),
        processed(2, 2),
        {
          name: "fetch worker",
          kind: "CLIENT",
          attributes: received("fetch", { "messaging.batch.message_count": 2 }),
          parent: "test",
        },
      ]);
      const failure = await failureOf(() => orders.js.fetch("ORDERS", "worker", {}));
      expect(errorFacts(failure)).toEqual(
        errorFacts(await failureOf(() => orders.rawJs.fetch("ORDERS", "worker", {}))),
      );
      expect(await orders.samples()).toEqual({
        nats_connection_status: 1,
        ...consumed(2, "orders.new", CONSUMER),
        [`nats_jetstream_fetch_seconds_count{${CONSUMER},outcome="ok"}`]: 1,
        [`nats_jetstream_fetch_seconds_count{${CONSUMER},outcome="error"}`]: 1,
      });
    });
  });
});
