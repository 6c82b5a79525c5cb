import type { Tracer } from "@opentelemetry/api";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Instrumentation } from "../../../src/client/instrumentation/instrumentation.ts";
import { deliveryCountOf } from "../../../src/client/jetstream/message-info.ts";
import { Source } from "../../../src/client/jetstream/source.ts";
import { bareName, configuredName, filterOf } from "../../../src/client/labels/consumer-name.ts";
import { instrumentationOf } from "../../../src/client/wrapping/registrations.ts";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { until } from "../../rig/until.ts";
import { describeEachClient, instrumentClient, keepContexts, within } from "../clients.ts";
import { ownSpans, pick, place, prepareOrders, processed, received } from "./orders.ts";

keepContexts();

let server: RunningNatsServer;
beforeAll(async () => {
  server = await runNatsServer();
});
afterAll(() => server.stop());

describeEachClient("JetStream of an instrumented connection", (client) => {
  it("works with a failing tracer", async () => {
    const tracer = {
      startSpan: () => {
        throw new Error("no span");
      },
    } as unknown as Tracer;
    const problems: unknown[] = [];
    const onProblem = ({ part }: { part: string }) => problems.push(part);
    await using orders = await prepareOrders(client, server, { tracer, onProblem, settleSpans: "all" });
    const { js } = orders;
    expect(await js.publish("orders.new", "x")).toMatchObject({ seq: 1 });
    await js.publish("orders.new", "x");
    await js.publish("orders.new", "x");
    const consumer = await js.consumers.get("ORDERS", "worker");
    expect(await (await consumer.next({ expires: 1000 })).ackAck()).toBe(true);
    for await (const message of await consumer.fetch({ max_messages: 1, expires: 1000 })) message.ack();
    for await (const message of await consumer.consume()) {
      message.nak();
      break;
    }
    expect(problems).toEqual(["tracer"]);
    expect(pick(await orders.samples(), /published_total|received_total|acks_total/)).toEqual({
      'nats_messages_published_total{subject="orders.new"}': 3,
      'nats_messages_received_total{subject="orders.new"}': 3,
      'nats_jetstream_acks_total{stream="ORDERS",consumer="worker",ack="ack"}': 2,
      'nats_jetstream_acks_total{stream="ORDERS",consumer="worker",ack="nak"}': 1,
    });
  });

  it("ends its loops when the connection drains, and has none open after a close", async () => {
    for (const end of ["drain", "close"] as const) {
      await using orders = await prepareOrders(client, server);
      await place(orders, 1);
      const consumer = await orders.js.consumers.get("ORDERS", "worker");
      const looping = within(orders.spans, async () => {
        for await (const message of await consumer.consume()) message.ack();
      });
      await until("the message", () => (ownSpans(orders).length === 1 ? true : undefined));
      await orders.connection[end]();
      // After a close, the loops of `nats` 2 wait for ever.
      if (end === "drain" || client.name !== "nats 2") await looping;
      expect(ownSpans(orders)).toEqual([processed(1, 1)]);
      expect(pick(await orders.samples(), /active|status/)).toEqual({});
    }
  });

  it("ends a fetch whose messages are never read", async () => {
    await using orders = await prepareOrders(client, server);
    const consumer = await orders.js.consumers.get("ORDERS", "worker");
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      await consumer.fetch({ max_messages: 1, expires: 1000 });
      expect(ownSpans(orders)).toEqual([]);
      vi.advanceTimersByTime(10_000);
    } finally {
      vi.useRealTimers();
    }
    expect(ownSpans(orders)).toEqual([
      {
        name: "fetch worker",
        kind: "CLIENT",
        attributes: received("fetch", { "messaging.batch.message_count": 0 }),
      },
    ]);
  });

  it("omits subjects from links if they are omitted from spans", async () => {
    await using orders = await prepareOrders(client, server, { spanSubjects: "omit" });
    await orders.js.publish("orders.7", "x");
    const consumer = await orders.js.consumers.get("ORDERS", "worker");
    for await (const _ of await consumer.fetch({ max_messages: 1, expires: 1000 }));
    const texts = orders.spans.ended.map(({ attributes, links }) => JSON.stringify([attributes, links]));
    expect(texts).toHaveLength(3);
    expect(texts.filter((text) => text.includes("orders.7"))).toEqual([]);
  });

  it("has labels for a thousand consumers of a connection, not more", async () => {
    await using fixture = await instrumentClient(client, server);
    const instrumentation = instrumentationOf(fixture.connection) as Instrumentation;
    const names = Array.from({ length: 1001 }, (_, i) => {
      const { consumer } = new Source(instrumentation, { stream: "S", name: `c${i}` });
      return [consumer?.stream, consumer?.name];
    });
    expect(names.slice(998)).toEqual([
      ["S", "c998"],
      ["S", "c999"],
      ["_other", "_other"],
    ]);
  });
});

describe("a consumer's name", () => {
  it("is the durable name or one that the application chose", () => {
    expect(configuredName({ durable_name: "worker-1", name: "worker-1" })).toBe("worker-1");
    expect(configuredName({ name: "worker" })).toBe("worker");
    expect(configuredName({ name: "worker-1" })).toBe("_ephemeral");
    expect(configuredName({ name: "oc_148XEsdXZ8gYd3bse267e9_1" })).toBe("_ephemeral");
    expect(configuredName({})).toBe("_ephemeral");
    expect(bareName("worker-1")).toBe("worker-1");
    expect(bareName("148XEsdXZ8gYd3bse267e9")).toBe("_ephemeral");
  });

  it("comes with a filter if that is one subject, and not all", () => {
    expect(filterOf("a.*")).toBe("a.*");
    expect(filterOf(["a.*"])).toBe("a.*");
    expect([">", "", undefined, [], ["a", "b"], 7].map(filterOf)).toEqual(Array(6).fill(undefined));
  });
});

describe("a delivery's count", () => {
  it("is read from both forms of a reply subject", () => {
    expect(deliveryCountOf("$JS.ACK.ORDERS.worker.3.14.15.1795436588238334040.9")).toBe(3);
    expect(deliveryCountOf("$JS.ACK._.hash.ORDERS.worker.12.14.15.1795436588238334040.9.random")).toBe(12);
    expect(deliveryCountOf("$JS.ACK.hub.hash.ORDERS.4.12.14.15.1795436588238334040.9")).toBe(12);
    for (const reply of ["", "_INBOX.a.b.c.1.d.e.f.g", "$JS.ACK.a.b.c.d.e.f.g"]) {
      expect(() => deliveryCountOf(reply)).toThrow("not a JetStream message");
    }
  });
});
