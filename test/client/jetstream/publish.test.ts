import { context, trace } from "@opentelemetry/api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { describeEachServer, SERVER_VERSIONS } from "../../outside-programs.ts";
import { CLIENTS, describeEachClient, keepContexts, within } from "../clients.ts";
import { operation } from "../ended-spans.ts";
import { errorFacts, failureOf } from "../failures.ts";
import { type Orders, ownSpans, pick, prepareOrders } from "./orders.ts";

keepContexts();

const CONFIG = "max_payload: 1024\njetstream {}\n";

/** The headers of a stored message. */
async function stored(orders: Orders, seq: number): Promise<Record<string, string[]>> {
  const { header } = await orders.manager.streams.getMessage("ORDERS", { seq });
  return Object.fromEntries(header);
}

const ACKED = {
  "messaging.nats.stream.name": "ORDERS",
  "messaging.nats.message.stream_sequence": 1,
  "messaging.nats.message.duplicate": false,
};

describeEachServer("a JetStream publish", ({ version }) => {
  let server: RunningNatsServer;
  beforeAll(async () => {
    server = await runNatsServer({ version, config: CONFIG });
  });
  afterAll(() => server.stop());

  describeEachClient("of an instrumented connection", (client) => {
    it("has a producer span until the stream has acknowledged it", async () => {
      await using orders = await prepareOrders(client, server);
      const { js, spans } = orders;
      const { result: ack } = await within(spans, () => js.publish("orders.42.created", "four"));
      expect(ack).toMatchObject({ stream: "ORDERS", seq: 1, duplicate: false });
      const [span] = spans.named("publish orders.*.created");
      const { traceId, spanId } = span?.spanContext() ?? {};
      expect(await stored(orders, 1)).toEqual({ traceparent: [`00-${traceId}-${spanId}-01`] });
      expect(ownSpans(orders)).toEqual([
        {
          name: "publish orders.*.created",
          kind: "PRODUCER",
          attributes: operation("publish", "send", "orders.*.created", {
            "messaging.destination.name": "orders.42.created",
            ...ACKED,
          }),
          parent: "test",
        },
      ]);
      expect(await orders.samples()).toEqual({
        nats_connection_status: 1,
        'nats_messages_published_total{subject="orders.*.created"}': 1,
        'nats_published_bytes_total{subject="orders.*.created"}': 4,
        'nats_jetstream_publish_ack_seconds_count{subject="orders.*.created",outcome="ok"}': 1,
      });
    });

    it("leaves the application's options and headers unchanged", async () => {
      await using orders = await prepareOrders(client, server);
      const headers = client.headers();
      headers.append("Kind", "a");
      headers.append("Kind", "b");
      const options = { headers, msgID: "id-1" };
      await orders.js.publish("orders.new", "x", options);
      expect(Object.keys(options)).toEqual(["headers", "msgID"]);
      expect([...headers]).toEqual([["Kind", ["a", "b"]]]);
      expect(await stored(orders, 1)).toEqual({
        Kind: ["a", "b"],
        "Nats-Msg-Id": ["id-1"],
        traceparent: [expect.stringMatching(/^00-\w+-\w+-01$/)],
      });
      expect(ownSpans(orders)[0]?.attributes).toMatchObject({ "messaging.message.id": "id-1" });
    });

    it("counts duplicates", async () => {
      await using orders = await prepareOrders(client, server);
      await orders.js.publish("orders.new", "x", { msgID: "1" });
      // The id may also be among the headers.
      const headers = client.headers();
      headers.set("Nats-Msg-Id", "1");
      const ack = await orders.js.publish("orders.new", "x", { headers });
      expect(ack.duplicate).toBe(true);
      expect(ownSpans(orders).map(({ attributes }) => attributes)).toEqual(
        [false, true].map((duplicate) =>
          operation("publish", "send", "orders.new", {
            "messaging.message.id": "1",
            ...ACKED,
            "messaging.nats.message.duplicate": duplicate,
          }),
        ),
      );
      expect(await orders.samples()).toEqual({
        nats_connection_status: 1,
        'nats_messages_published_total{subject="orders.new"}': 2,
        'nats_published_bytes_total{subject="orders.new"}': 2,
        'nats_jetstream_publish_ack_seconds_count{subject="orders.new",outcome="ok"}': 2,
        'nats_jetstream_duplicates_total{subject="orders.new"}': 1,
      });
    });

    it("fails like the client, and records the error", async () => {
      await using orders = await prepareOrders(client, server);
      const { js, rawJs } = orders;
      // A subscriber that never replies.
      orders.raw.subscribe("silence", { callback: () => {} });
      await orders.raw.flush();
      const failures = [
        ["orders.new", { expect: { lastSequence: 7 } }, "jetstream_10071", "error"],
        ["nowhere", {}, "no_responders", "no_responders"],
        ["silence", { timeout: 50 }, "timeout", "timeout"],
      ] as const;
      for (const [subject, options, type, outcome] of failures) {
        orders.spans.reset();
        const failure = await failureOf(() => js.publish(subject, "x", options));
        const raw = await failureOf(() => rawJs.publish(subject, "x", options));
        expect(errorFacts(failure)).toEqual(errorFacts(raw));
        expect(ownSpans(orders)).toEqual([
          {
            name: `publish ${subject}`,
            kind: "PRODUCER",
            attributes: operation("publish", "send", subject, { "error.type": type }),
            failed: true,
          },
        ]);
        expect(pick(await orders.samples(), new RegExp(`subject="${subject}"`))).toEqual({
          [`nats_messages_published_total{subject="${subject}"}`]: 1,
          [`nats_published_bytes_total{subject="${subject}"}`]: 1,
          [`nats_publish_errors_total{subject="${subject}",error="${type}"}`]: 1,
          [`nats_jetstream_publish_ack_seconds_count{subject="${subject}",outcome="${outcome}"}`]: 1,
        });
      }
    });

    it("records each retry, and counts one publish", async () => {
      await using orders = await prepareOrders(client, server);
      await failureOf(() => orders.js.publish("nowhere", "x", { retries: 3, retry_delay: 1 }));
      expect(ownSpans(orders)).toMatchObject([{ failed: true, events: ["nats.retry", "nats.retry"] }]);
      expect(pick(await orders.samples(), /published_total|errors_total|ack_seconds/)).toEqual({
        'nats_messages_published_total{subject="nowhere"}': 1,
        'nats_publish_errors_total{subject="nowhere",error="no_responders"}': 1,
        'nats_jetstream_publish_ack_seconds_count{subject="nowhere",outcome="no_responders"}': 1,
      });
    });

    it("fails like the client if the client refuses it, and is not counted as published", async () => {
      await using orders = await prepareOrders(client, server);
      const refusals = [
        ["orders.new", "x".repeat(2000), {}, "max_payload_exceeded"],
        [
          "orders.new",
          "x",
          { msgID: "a\r\nb" },
          client.name === "nats 2" ? "invalid_header" : "invalid_argument",
        ],
      ] as const;
      for (const [subject, data, options, type] of refusals) {
        orders.spans.reset();
        const failure = await failureOf(() => orders.js.publish(subject, data, options));
        const raw = await failureOf(() => orders.rawJs.publish(subject, data, options));
        expect(errorFacts(failure)).toEqual(errorFacts(raw));
        expect(ownSpans(orders)).toMatchObject([{ attributes: { "error.type": type }, failed: true }]);
        expect(await orders.samples()).toMatchObject({
          [`nats_publish_errors_total{subject="orders.new",error="${type}"}`]: 1,
        });
      }
      await orders.connection.close();
      const closed = await failureOf(() => orders.js.publish("orders.new", "x"));
      expect(closed.message).toBe((await failureOf(() => orders.connection.request("a"))).message);
      expect(pick(await orders.samples(), /^nats_messages_published|^nats_publish_errors/)).toEqual({
        'nats_publish_errors_total{subject="a",error="connection_closed"}': 1,
        'nats_publish_errors_total{subject="orders.new",error="connection_closed"}': 1,
        'nats_publish_errors_total{subject="orders.new",error="max_payload_exceeded"}': 1,
        [`nats_publish_errors_total{subject="orders.new",error="${refusals[1][3]}"}`]: 1,
      });
    });

    it("forwards a context that the headers already have, and links to it", async () => {
      await using orders = await prepareOrders(client, server);
      const headers = client.headers();
      headers.set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
      await orders.js.publish("orders.new", "x", { headers });
      expect(await stored(orders, 1)).toEqual({
        Traceparent: ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
      });
      expect(ownSpans(orders)).toMatchObject([{ kind: "CLIENT", links: ["elsewhere"] }]);
    });

    it("omits its context if there is no room for it", async () => {
      await using orders = await prepareOrders(client, server);
      await orders.js.publish("orders.new", "x".repeat(1000));
      const { header } = await orders.manager.streams.getMessage("ORDERS", { seq: 1 });
      expect(header.has("traceparent")).toBe(false);
      expect(pick(await orders.samples(), /context/)).toEqual({
        'nats_client_context_not_sent_total{reason="max_payload"}': 1,
      });
    });

    it("adds no headers without a context", async () => {
      const ownSpans: object[] = [];
      const hooks = { publish: (event: object) => ownSpans.push(event) };
      await using orders = await prepareOrders(client, server, { tracer: false, hooks });
      const headers = client.headers();
      headers.set("Kind", "a");
      await context.with(trace.setSpan(context.active(), orders.spans.tracer.startSpan("active")), () =>
        orders.js.publish("orders.new", "x", { headers }),
      );
      expect(await stored(orders, 1)).toEqual({ Kind: ["a"] });
      expect(ownSpans).toEqual([{ subject: "orders.new", bytes: 1, span: undefined }]);
    });
  });
});

describe("a batch of @nats-io 3", () => {
  const client = CLIENTS[1] as (typeof CLIENTS)[number];
  const [newest] = SERVER_VERSIONS;
  let server: RunningNatsServer;
  beforeAll(async () => {
    server = await runNatsServer({ version: newest?.version });
  });
  afterAll(() => server.stop());

  it("counts each message, and has spans of the confirmed ones", async () => {
    await using orders = await prepareOrders(client, server, { stream: { allow_atomic: true } });
    const { spans } = orders;
    const options = {};
    const { span, result: failure } = await within(spans, async () => {
      const batch = await orders.js.startBatch("orders.new", "1", options);
      batch.add("orders.new", "2", options);
      await batch.add("orders.new", "3", { ack: true });
      const ack = await batch.commit("orders.new", "4", options);
      expect(ack).toMatchObject({ stream: "ORDERS", seq: 4, count: 4 });
      return failureOf(() => batch.add("orders.new", "5"));
    });
    expect(options).toEqual({});
    const publish = {
      name: "publish orders.new",
      kind: "PRODUCER",
      attributes: operation("publish", "send", "orders.new"),
      parent: "test",
    };
    const commit = {
      "messaging.nats.stream.name": "ORDERS",
      "messaging.nats.message.stream_sequence": 4,
      "messaging.batch.message_count": 4,
    };
    expect(ownSpans(orders)).toEqual([
      publish,
      publish,
      { ...publish, attributes: { ...publish.attributes, ...commit } },
    ]);
    expect(failure.message).toBe("batch publisher is done");
    const own = `00-${span.spanContext().traceId}-${span.spanContext().spanId}-01`;
    expect((await stored(orders, 2)).traceparent).toEqual([own]);
    expect((await stored(orders, 4)).traceparent?.[0]?.split("-")[1]).toBe(span.spanContext().traceId);
    expect(await orders.samples()).toEqual({
      nats_connection_status: 1,
      'nats_messages_published_total{subject="orders.new"}': 4,
      'nats_published_bytes_total{subject="orders.new"}': 4,
      'nats_publish_errors_total{subject="orders.new",error="Error"}': 1,
      'nats_jetstream_publish_ack_seconds_count{subject="orders.new",outcome="ok"}': 3,
    });
  });
});
