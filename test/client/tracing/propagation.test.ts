import { context, propagation, ROOT_CONTEXT, type SpanContext, TraceFlags, trace } from "@opentelemetry/api";
import { AlwaysOffSampler, ParentBasedSampler, TraceIdRatioBasedSampler } from "@opentelemetry/sdk-trace";
import { afterAll, beforeAll, expect, it } from "vitest";
import { forwardHeaders } from "../../../src/client.ts";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { until } from "../../rig/until.ts";
import {
  type ClientGeneration,
  describeEachClient,
  type InstrumentedFixture,
  instrumentClient,
  keepContexts,
  within,
} from "../clients.ts";
import { endedSpans, operation } from "../ended-spans.ts";

keepContexts();

/* biome-ignore lint/suspicious/noExplicitAny: messages of either generation */
type Message = any;

let server: RunningNatsServer;
let headerless: RunningNatsServer;
let small: RunningNatsServer;
beforeAll(async () => {
  [server, headerless, small] = await Promise.all([
    runNatsServer(),
    runNatsServer({ config: "no_header_support: true" }),
    runNatsServer({ config: "max_payload: 200" }),
  ]);
});
afterAll(() => Promise.all([server, headerless, small].map((one) => one.stop())));

/** The first messages that a raw subscription receives. */
async function sniffed(fixture: InstrumentedFixture, send: () => unknown, count = 1): Promise<Message[]> {
  const subscription = fixture.raw.subscribe(">", { max: count });
  await fixture.raw.flush();
  await send();
  await fixture.connection.flush();
  const messages: Message[] = [];
  for await (const message of subscription) messages.push(message);
  return messages;
}

const REMOTE: SpanContext = {
  traceId: "1".repeat(32),
  spanId: "2".repeat(16),
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
};
const TRACEPARENT = `00-${REMOTE.traceId}-${REMOTE.spanId}-01`;

/**
 * Publishes with these headers over the raw connection, and waits until the instrumented connection has
 * processed the message.
 */
async function processed(client: ClientGeneration, fixture: InstrumentedFixture, pairs: [string, string][]) {
  const { connection, raw } = fixture;
  const baggage: Record<string, string>[] = [];
  connection.subscribe("in", {
    callback: () => {
      const entries = propagation.getBaggage(context.active())?.getAllEntries() ?? [];
      baggage.push(Object.fromEntries(entries.map(([key, { value }]) => [key, value])));
    },
  });
  await connection.flush();
  const headers = client.headers();
  for (const [key, value] of pairs) headers.append(key, value);
  raw.publish("in", "x", { headers });
  const span = await until("its span", () => fixture.spans.named("process in")[0]);
  return { span, baggage: baggage[0] };
}

describeEachClient("a context in headers", (client) => {
  it("is read in any case of its header name", async () => {
    for (const key of ["traceparent", "Traceparent", "TRACEPARENT"]) {
      await using fixture = await instrumentClient(client, server);
      const { span } = await processed(client, fixture, [[key, TRACEPARENT]]);
      expect(span.parentSpanContext).toMatchObject({ traceId: REMOTE.traceId, spanId: REMOTE.spanId });
      expect(span.links.map((link) => link.context.spanId)).toEqual([REMOTE.spanId]);
    }
  });

  it("may have its state and baggage in several headers", async () => {
    await using fixture = await instrumentClient(client, server);
    const { span, baggage } = await processed(client, fixture, [
      ["traceparent", TRACEPARENT],
      ["tracestate", "a=1"],
      ["tracestate", "b=2"],
      ["baggage", "user=7"],
      ["baggage", "shop=3"],
    ]);
    expect(span.spanContext().traceState?.serialize()).toBe("a=1,b=2");
    expect(baggage).toEqual({ user: "7", shop: "3" });
  });

  it("is ignored if it is empty or invalid", async () => {
    for (const value of ["", "nonsense", `00-${"0".repeat(32)}-${"0".repeat(16)}-01`]) {
      await using fixture = await instrumentClient(client, server);
      const { span } = await processed(client, fixture, [["traceparent", value]]);
      expect([span.parentSpanContext, span.links]).toEqual([undefined, []]);
    }
  });

  it("is the parent of the processing span, or linked to, as the option says", async () => {
    await using fixture = await instrumentClient(client, server, { consumerParent: "link" });
    const { span, baggage } = await processed(client, fixture, [
      ["traceparent", TRACEPARENT],
      ["baggage", "user=7"],
    ]);
    expect(span.parentSpanContext).toBeUndefined();
    expect(span.spanContext().traceId).not.toBe(REMOTE.traceId);
    expect(span.links.map((link) => link.context.spanId)).toEqual([REMOTE.spanId]);
    expect(baggage).toEqual({ user: "7" });
  });

  it("is added to the application's own headers, which stay unchanged", async () => {
    await using fixture = await instrumentClient(client, server);
    const headers = client.headers();
    headers.append("X-Two", "1");
    headers.append("X-Two", "2");
    const options = Object.freeze({ headers: Object.freeze(headers), reply: "r" });
    const [message] = await sniffed(fixture, () => fixture.connection.publish("own", "x", options));
    expect(message.headers.values("X-Two")).toEqual(["1", "2"]);
    expect(message.headers.get("traceparent")).toContain(fixture.spans.ended[0]?.spanContext().spanId);
    expect(headers.keys()).toEqual(["X-Two"]);
    expect(Object.keys(options)).toEqual(["headers", "reply"]);
  });

  it("is added to empty headers and sent without any", async () => {
    await using fixture = await instrumentClient(client, server);
    const messages = await sniffed(
      fixture,
      () => {
        fixture.connection.publish("empty", "x", { headers: client.headers() });
        fixture.connection.publish("none", "x", {});
      },
      2,
    );
    for (const message of messages) {
      expect(message.headers.keys()).toEqual(["traceparent"]);
      expect(message.string()).toBe("x");
    }
  });

  it("is sent with every kind of request, even with frozen options", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection, raw } = fixture;
    const seen: string[] = [];
    raw.subscribe("ask", {
      callback(_: unknown, message: Message) {
        seen.push(message.headers.get("traceparent"));
        message.respond("");
      },
    });
    await raw.flush();
    for (const noMux of [false, true]) {
      await connection.request("ask", "x", Object.freeze({ noMux, timeout: 5000 }));
      const strategy = client.strategy("sentinel");
      const many = await connection.requestMany(
        "ask",
        "x",
        Object.freeze({ noMux, maxWait: 5000, strategy }),
      );
      for await (const _ of many);
    }
    const spans = fixture.spans.named("request ask").map((span) => span.spanContext());
    expect(seen).toEqual(spans.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`));
    expect(seen.length).toBe(4);
  });

  it("is passed on unchanged if the parent is not sampled", async () => {
    for (const sampler of [
      new AlwaysOffSampler(),
      new ParentBasedSampler({ root: new AlwaysOffSampler() }),
    ]) {
      await using fixture = await instrumentClient(client, server, { sampler });
      const unsampled = { ...REMOTE, traceFlags: TraceFlags.NONE };
      const active = trace.setSpanContext(ROOT_CONTEXT, unsampled);
      const messages = await sniffed(
        fixture,
        () => {
          for (let i = 0; i < 2; i++) context.with(active, () => fixture.connection.publish("pass", "x"));
        },
        2,
      );
      for (const message of messages) {
        expect(message.headers.get("traceparent")).toBe(`00-${unsampled.traceId}-${unsampled.spanId}-00`);
      }
      expect(fixture.spans.ended).toEqual([]);
    }
  });

  it("is passed on as unsampled if the sampler drops the root", async () => {
    await using fixture = await instrumentClient(client, server, {
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(0) }),
    });
    const [message] = await sniffed(fixture, () => fixture.connection.publish("root", "x"));
    expect(message.headers.get("traceparent")).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(fixture.spans.ended).toEqual([]);
  });

  it("includes state and baggage, but no more baggage than there is room for", async () => {
    await using fixture = await instrumentClient(client, server);
    const withBaggage = (value: string) =>
      propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage({ user: { value }, shop: { value } }));
    const [small, large] = await sniffed(
      fixture,
      () => {
        context.with(withBaggage("7"), () => fixture.connection.publish("b", "x"));
        context.with(withBaggage("7".repeat(2100)), () => fixture.connection.publish("b", "x"));
      },
      2,
    );
    expect(small.headers.get("baggage")).toBe("user=7,shop=7");
    expect(large.headers.keys()).toEqual(["traceparent"]);
  });

  it("is kept if the headers already have one, and linked to", async () => {
    for (const how of ["publish", "request", "respond", "respondMessage"] as const) {
      await using fixture = await instrumentClient(client, server);
      const { connection, raw } = fixture;
      const headers = client.headers();
      headers.set("Traceparent", TRACEPARENT);
      const message = { subject: "s", reply: "fwd", data: new Uint8Array(), headers };
      const gate = Promise.withResolvers<Message>();
      connection.subscribe("get", { callback: (_: unknown, got: Message) => gate.resolve(got) });
      await connection.flush();
      raw.publish("get", "", { reply: "fwd" });
      const inbound = await gate.promise;
      const [sent] = await sniffed(fixture, () => {
        if (how === "publish") connection.publish("fwd", "x", { headers });
        if (how === "request") connection.request("fwd", "x", { headers, timeout: 500 }).catch(() => {});
        if (how === "respond") inbound.respond("x", { headers });
        if (how === "respondMessage") connection.respondMessage(message);
      });
      expect(sent.subject).toBe("fwd");
      expect([...sent.headers]).toEqual([["Traceparent", [TRACEPARENT]]]);
      const name = how === "respondMessage" ? "respond" : how;
      const span = await until("the span", () => fixture.spans.named(`${name} fwd`)[0]);
      expect([span.kind, span.links.map((link) => link.context.spanId)]).toEqual([2, [REMOTE.spanId]]);
    }
  });

  it("is not forwarded with headers from forwardHeaders", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection } = fixture;
    const headers = client.headers();
    headers.append("X-App", "1");
    headers.append("X-App", "2");
    for (const key of [
      "TraceParent",
      "tracestate",
      "baggage",
      "Nats-Trace-Dest",
      "Nats-Trace-Hop",
      "Nats-Trace-Only",
      "Nats-Trace-Origin-Account",
    ]) {
      headers.append(key, "x");
    }
    const copy = forwardHeaders({ headers });
    expect(copy.constructor).toBe(headers.constructor);
    expect([...copy]).toEqual([["X-App", ["1", "2"]]]);
    expect(headers.keys().length).toBe(8);
    const [message] = await sniffed(fixture, () => connection.publish("on", "x", { headers: copy }));
    expect(message.headers.get("traceparent")).toContain(fixture.spans.ended[0]?.spanContext().spanId);
    headers.delete("X-App");
    expect(forwardHeaders({ headers })).toBeUndefined();
    expect(forwardHeaders({})).toBeUndefined();
  });
});

describeEachClient("no header", (client) => {
  it("is sent without a context", async () => {
    await using silent = await instrumentClient(client, server, { tracer: false });
    const active = trace.setSpanContext(ROOT_CONTEXT, REMOTE);
    const [first] = await sniffed(silent, () =>
      context.with(active, () => silent.connection.publish("nothing", "x")),
    );
    expect(first.headers).toBeUndefined();
    await using fixture = await instrumentClient(client, server, { tracer: NO_TRACER });
    const [second] = await sniffed(fixture, () => fixture.connection.publish("nothing", "x"));
    expect(second.headers).toBeUndefined();
  });

  it("is sent to a server without header support, which is counted", async () => {
    await using fixture = await instrumentClient(client, headerless);
    const { connection } = fixture;
    connection.subscribe("svc", { callback: (_: unknown, message: Message) => message.respond("ok") });
    expect((await connection.request("svc", "x", { timeout: 5000 })).string()).toBe("ok");
    const [message] = await sniffed(fixture, () => connection.publish("plain", "x"));
    expect([message.string(), message.headers]).toEqual(["x", undefined]);
    expect(await fixture.samples()).toMatchObject({
      'nats_client_context_not_sent_total{reason="headers_unsupported"}': 3,
    });
    expect(fixture.spans.ended.length).toBe(4);
  });

  it("is sent if the message would become too large, and one byte less leaves room", async () => {
    await using fixture = await instrumentClient(client, small);
    const { connection } = fixture;
    const room = 200 - `NATS/1.0\r\ntraceparent: ${TRACEPARENT}\r\n\r\n`.length;
    const [full, over, under] = await sniffed(
      fixture,
      () => {
        connection.publish("full", "x".repeat(200));
        connection.publish("over", "x".repeat(room + 1));
        connection.publish("under", "x".repeat(room));
      },
      3,
    );
    expect([full.headers, over.headers]).toEqual([undefined, undefined]);
    expect(full.data.length).toBe(200);
    expect(under.headers.keys()).toEqual(["traceparent"]);
    expect(connection.isClosed()).toBe(false);
    expect(await fixture.samples()).toMatchObject({
      'nats_client_context_not_sent_total{reason="max_payload"}': 2,
    });
    expect(endedSpans(fixture).map(({ failed }) => failed)).toEqual([undefined, undefined, undefined]);
  });
});

/** A tracer with no-op spans, as in an application without an SDK. */
const NO_TRACER = trace.getTracerProvider().getTracer("nothing");

describeEachClient("a publish with server-trace options", (client) => {
  it("works as without instrumentation, and leaves the application's headers unchanged", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection, raw } = fixture;
    const own = () => {
      const headers = client.headers();
      headers.set("X-App", "1");
      return headers;
    };
    const given = own();
    const send = (one: typeof raw, headers: unknown) => () => {
      one.publish("traced", "x", { traceDestination: "traces", headers });
      one.publish("traced", "x", { traceDestination: "traces" });
    };
    const app = (messages: Message[]) =>
      messages
        .filter(({ subject }) => subject === "traced")
        .map(({ headers }) => [...(headers ?? [])].filter(([key]) => key !== "traceparent").sort());
    // The server publishes a trace event of each message to "traces", which the raw subscription receives
    // too.
    const count = client.name === "nats 2" ? 2 : 4;
    const theirs = app(await sniffed(fixture, send(raw, own()), count));
    const ours = app(await sniffed(fixture, send(connection, given), count));
    expect(ours).toEqual(theirs);
    expect(given.keys()).toEqual(["X-App"]);
    const traced = fixture.spans.named("publish traced");
    expect(traced.length).toBe(2);
  });

  it("has headers of its own, also without spans", async () => {
    await using fixture = await instrumentClient(client, server, { tracer: false });
    const headers = client.headers();
    headers.set("X-App", "1");
    const options = Object.freeze({ traceDestination: "traces", headers: Object.freeze(headers) });
    const [message] = await sniffed(fixture, () => fixture.connection.publish("own", "x", options));
    expect(message.headers?.get("X-App") ?? message.json().request.header["X-App"][0]).toBe("1");
    expect(headers.keys()).toEqual(["X-App"]);
  });

  it.skipIf(client.name === "nats 2")(
    "with traceOnly is not delivered, as without instrumentation",
    async () => {
      await using fixture = await instrumentClient(client, server);
      const { connection } = fixture;
      const options = Object.freeze({ traceDestination: "traces", traceOnly: true });
      const messages = await sniffed(fixture, () => connection.publish("only", "x", options));
      expect(messages.map(({ subject }) => subject)).toEqual(["traces"]);
      expect(messages[0].json().request.header["Nats-Trace-Only"]).toEqual(["true"]);
      expect(endedSpans(fixture)).toEqual([
        { name: "publish only", kind: "PRODUCER", attributes: operation("publish", "send", "only") },
      ]);
    },
  );
});

describeEachClient("spans", (client) => {
  it("have only the templates of subjects with spanSubjects: omit", async () => {
    await using fixture = await instrumentClient(client, server, { spanSubjects: "omit" });
    fixture.connection.publish("orders.42", "x");
    expect(endedSpans(fixture)).toEqual([
      { name: "publish orders.*", kind: "PRODUCER", attributes: operation("publish", "send", "orders.*") },
    ]);
  });

  it("never have an inbox as name, with any prefix", async () => {
    await using fixture = await instrumentClient(client, server, { connect: { inboxPrefix: "my.inbox" } });
    const { connection } = fixture;
    connection.subscribe("svc", { callback: (_: unknown, message: Message) => message.respond("ok") });
    await connection.request("svc", "x");
    // An inbox of another client with the default prefix.
    await within(fixture.spans, () => connection.publish("_INBOX.other.1", "x"));
    const text = JSON.stringify([await fixture.samples(), endedSpans(fixture)]);
    expect(text).not.toMatch(/my\.inbox|_INBOX\.other/);
    expect(await fixture.samples()).toMatchObject({ 'nats_messages_published_total{subject="_INBOX"}': 2 });
    expect(fixture.spans.ended.map(({ name }) => name)).toEqual([
      "respond",
      "process svc",
      "request svc",
      "publish",
      "test",
    ]);
  });
});
