import { context, trace } from "@opentelemetry/api";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { describeEachServer } from "../../outside-programs.ts";
import { describeEachClient, keepContexts, within } from "../clients.ts";
import { errorFacts, failureOf } from "../failures.ts";
import { deliveryOf, ownSpans, pick, place, prepareOrders, processed, received } from "./orders.ts";

keepContexts();

const NEXT = received("next");
const FETCH = received("fetch");
const CONSUMER = 'stream="ORDERS",consumer="worker"';

describeEachServer("asking a consumer", ({ version, line }) => {
  // Before 2.10 a server does not report that a consumer was deleted, and the clients notice in different
  // ways.
  const itReportsDeletion = it.skipIf(line === "2.9");
  let server: RunningNatsServer;
  beforeAll(async () => {
    server = await runNatsServer({ version });
  });
  afterAll(() => server.stop());

  describeEachClient("for messages", (client) => {
    it("with next has a span that links to the sender, and no process span", async () => {
      await using orders = await prepareOrders(client, server);
      const { js, spans } = orders;
      await js.publish("orders.new", "four");
      const consumer = await js.consumers.get("ORDERS", "worker");
      const { result: message } = await within(spans, () => consumer.next({ expires: 1000 }));
      expect(message.string()).toBe("four");
      expect(ownSpans(orders)[1]).toEqual({
        name: "next worker",
        kind: "CLIENT",
        attributes: { ...NEXT, ...deliveryOf(1, 1) },
        parent: "test",
        links: ["publish orders.new"],
      });
      expect(ownSpans(orders)).toHaveLength(2);
      expect(pick(await orders.samples(), /^(?!.*publish)/)).toEqual({
        nats_connection_status: 1,
        'nats_messages_received_total{subject="orders.new"}': 1,
        'nats_received_bytes_total{subject="orders.new"}': 4,
        [`nats_jetstream_fetch_seconds_count{${CONSUMER},outcome="ok"}`]: 1,
        [`nats_jetstream_delivery_count_count{${CONSUMER}}`]: 1,
      });
    });

    it("with next succeeds if there is no message", async () => {
      await using orders = await prepareOrders(client, server);
      const consumer = await orders.js.consumers.get("ORDERS", "worker");
      expect(await consumer.next({ expires: 1000 })).toBeNull();
      expect(ownSpans(orders)).toEqual([{ name: "next worker", kind: "CLIENT", attributes: NEXT }]);
      expect(await orders.samples()).toEqual({
        nats_connection_status: 1,
        [`nats_jetstream_fetch_seconds_count{${CONSUMER},outcome="ok"}`]: 1,
      });
    });

    itReportsDeletion("fails as the client does: no consumer, no stream, an invalid option", async () => {
      await using orders = await prepareOrders(client, server);
      for (const [stream, name, code] of [
        ["ORDERS", "nobody", 10014],
        ["NOTHING", "worker", 10059],
      ] as const) {
        const failure = await failureOf(() => orders.js.consumers.get(stream, name));
        const raw = await failureOf(() => orders.rawJs.consumers.get(stream, name));
        expect(errorFacts(failure)).toEqual(errorFacts(raw));
        expect([
          failure.code,
          (failure as { api_error?: { err_code: number } }).api_error?.err_code,
        ]).toContain(code);
      }
      expect(ownSpans(orders)).toEqual([]);
      const consumer = await orders.js.consumers.get("ORDERS", "worker");
      const raw = await orders.rawJs.consumers.get("ORDERS", "worker");
      await consumer.delete();
      for (const options of [{ expires: 1000 }, { expires: 1 }]) {
        const failure = await failureOf(() => consumer.next(options));
        expect(errorFacts(failure)).toEqual(errorFacts(await failureOf(() => raw.next(options))));
      }
      expect(ownSpans(orders)).toEqual(
        ["no_responders", client.name === "nats 2" ? "Error" : "invalid_argument"].map((type) => ({
          name: "next worker",
          kind: "CLIENT",
          attributes: { ...NEXT, "error.type": type },
          failed: true,
        })),
      );
      expect(await orders.samples()).toEqual({
        nats_connection_status: 1,
        [`nats_jetstream_fetch_seconds_count{${CONSUMER},outcome="no_responders"}`]: 1,
        [`nats_jetstream_fetch_seconds_count{${CONSUMER},outcome="error"}`]: 1,
      });
    });

    it("with fetch has a span until its loop ends, and one for each message's processing", async () => {
      await using orders = await prepareOrders(client, server);
      const { js, spans } = orders;
      await js.publish("orders.a", "1");
      await js.publish("orders.b", "2");
      const active: (string | undefined)[] = [];
      const { span } = await within(spans, async () => {
        const consumer = await js.consumers.get("ORDERS", "worker");
        const messages = await consumer.fetch({ max_messages: 2, expires: 5000 });
        for await (const _ of messages) {
          await Promise.resolve();
          active.push(trace.getSpanContext(context.active())?.spanId);
        }
        expect(trace.getSpanContext(context.active())?.spanId).not.toBe(active[1]);
      });
      const [fetched] = spans.named("fetch worker");
      expect(fetched?.parentSpanContext?.spanId).toBe(span.spanContext().spanId);
      expect(fetched?.links.map(({ attributes }) => attributes)).toEqual([
        { "messaging.destination.name": "orders.a", ...deliveryOf(1, 1) },
        { "messaging.destination.name": "orders.b", ...deliveryOf(2, 2) },
      ]);
      const processes = ["a", "b"].flatMap((name) => spans.named(`process orders.${name}`));
      expect(active).toEqual(processes.map((one) => one.spanContext().spanId));
      expect(ownSpans(orders).slice(2)).toEqual([
        ...["orders.a", "orders.b"].map((subject, i) =>
          processed(i + 1, i + 1, { subject, parent: `publish ${subject}`, links: [`publish ${subject}`] }),
        ),
        {
          name: "fetch worker",
          kind: "CLIENT",
          attributes: { ...FETCH, "messaging.batch.message_count": 2 },
          parent: "test",
          links: ["publish orders.a", "publish orders.b"],
        },
      ]);
      expect(pick(await orders.samples(), /^(?!.*publish)/)).toEqual({
        nats_connection_status: 1,
        'nats_messages_received_total{subject="orders.a"}': 1,
        'nats_messages_received_total{subject="orders.b"}': 1,
        'nats_received_bytes_total{subject="orders.a"}': 1,
        'nats_received_bytes_total{subject="orders.b"}': 1,
        'nats_message_processing_seconds_count{subject="orders.a"}': 1,
        'nats_message_processing_seconds_count{subject="orders.b"}': 1,
        [`nats_jetstream_fetch_seconds_count{${CONSUMER},outcome="ok"}`]: 1,
        [`nats_jetstream_delivery_count_count{${CONSUMER}}`]: 2,
      });
    });

    it("with fetch ends after break or throw, and records no undelivered messages", async () => {
      await using orders = await prepareOrders(client, server);
      await place(orders, 6);
      const consumer = await orders.js.consumers.get("ORDERS", "worker");
      for (const leave of ["break", "throw"]) {
        orders.spans.reset();
        const messages = await consumer.fetch({ max_messages: 3, expires: 5000 });
        const loop = async () => {
          for await (const _ of messages) {
            if (leave === "break") break;
            throw new Error("out");
          }
        };
        await within(orders.spans, async () => {
          if (leave === "break") await loop();
          else expect((await failureOf(loop)).message).toBe("out");
        });
        const first = leave === "break" ? 1 : 4;
        expect(ownSpans(orders)).toEqual([
          processed(first, first),
          {
            name: "fetch worker",
            kind: "CLIENT",
            attributes: { ...FETCH, "messaging.batch.message_count": 1 },
          },
        ]);
      }
      expect(pick(await orders.samples(), /received_total|_count/)).toEqual({
        'nats_messages_received_total{subject="orders.new"}': 2,
        'nats_message_processing_seconds_count{subject="orders.new"}': 2,
        [`nats_jetstream_fetch_seconds_count{${CONSUMER},outcome="ok"}`]: 2,
        [`nats_jetstream_delivery_count_count{${CONSUMER}}`]: 2,
      });
    });

    itReportsDeletion("fetch: fails as the client does", async () => {
      await using orders = await prepareOrders(client, server);
      const consumer = await orders.js.consumers.get("ORDERS", "worker");
      const raw = await orders.rawJs.consumers.get("ORDERS", "worker");
      await consumer.delete();
      const loop = async (from: typeof consumer) => {
        for await (const _ of await from.fetch({ max_messages: 1, expires: 1000 }));
      };
      expect(errorFacts(await failureOf(() => loop(consumer)))).toEqual(
        errorFacts(await failureOf(() => loop(raw))),
      );
      expect(ownSpans(orders)).toEqual([
        {
          name: "fetch worker",
          kind: "CLIENT",
          attributes: {
            ...FETCH,
            "messaging.batch.message_count": 0,
            "error.type": "no_responders",
          },
          failed: true,
        },
      ]);
      const both = { max_messages: 1, max_bytes: 1, expires: 1000 };
      expect(errorFacts(await failureOf(() => consumer.fetch(both)))).toEqual(
        errorFacts(await failureOf(() => raw.fetch(both))),
      );
      expect(await orders.samples()).toEqual({
        nats_connection_status: 1,
        [`nats_jetstream_fetch_seconds_count{${CONSUMER},outcome="no_responders"}`]: 1,
        [`nats_jetstream_fetch_seconds_count{${CONSUMER},outcome="error"}`]: 1,
      });
    });
  });
});
