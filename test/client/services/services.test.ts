import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { until } from "../../rig/until.ts";
import {
  type ClientGeneration,
  describeEachClient,
  instrumentClient,
  keepContexts,
  within,
} from "../clients.ts";

keepContexts();

let server: RunningNatsServer;
beforeAll(async () => {
  server = await runNatsServer();
});
afterAll(() => server.stop());

// biome-ignore lint/suspicious/noExplicitAny: of either generation
type Any = any;

describeEachClient("a service", (client) => {
  it("records a server span in the request's trace, and metrics", async () => {
    await using fixture = await observeService(client);
    const { service, raw, spans } = fixture;
    const traces: (string | undefined)[] = [];
    service
      .addGroup("v1")
      .addGroup("math")
      .addEndpoint("double", {
        handler: async (_error: unknown, message: Any) => {
          await Promise.resolve();
          traces.push(trace.getSpanContext(context.active())?.spanId);
          message.respond(String(Number(message.string()) * 2));
        },
      });
    const { result, span } = await within(spans, () =>
      fixture.connection.request("v1.math.double", "21", { timeout: 5000 }),
    );
    expect(result.string()).toBe("42");
    const [served] = await fixture.ended("calc.double");
    expect(served).toMatchObject({
      kind: SpanKind.SERVER,
      status: { code: SpanStatusCode.UNSET },
      attributes: { "rpc.system.name": "nats", "rpc.method": "calc/double" },
    });
    expect(served?.attributes).not.toHaveProperty("messaging.system");
    const [request] = spans.named("request v1.math.double");
    expect(served?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
    expect(served?.spanContext().traceId).toBe(span.spanContext().traceId);
    expect(traces).toEqual([served?.spanContext().spanId]);
    const [respond] = spans.named("respond");
    expect(respond?.parentSpanContext?.spanId).toBe(served?.spanContext().spanId);
    expect(await fixture.samples()).toEqual({
      'nats_messages_published_total{subject="v1.math.double"}': 1,
      'nats_messages_published_total{subject="_INBOX"}': 1,
      'nats_published_bytes_total{subject="v1.math.double"}': 2,
      'nats_published_bytes_total{subject="_INBOX"}': 2,
      'nats_messages_received_total{subject="v1.math.double"}': 1,
      'nats_received_bytes_total{subject="v1.math.double"}': 2,
      'nats_message_processing_seconds_count{subject="v1.math.double"}': 1,
      'nats_service_request_seconds_count{service="calc",endpoint="double",outcome="ok"}': 1,
      'nats_request_seconds_count{subject="v1.math.double",outcome="ok"}': 1,
      'nats_replies_received_total{subject="v1.math.double"}': 1,
      nats_active_subscriptions: 1,
      nats_connection_status: 1,
    });
    expect(raw).toBeDefined();
  });

  it("records the code of an error reply on both sides", async () => {
    await using fixture = await observeService(client);
    const { service, connection, spans } = fixture;
    service.addEndpoint("refuse", (_error: unknown, message: Any) =>
      message.respondError(404, "no such thing"),
    );
    const reply = await connection.request("refuse", "", { timeout: 5000 });
    expect(reply.headers.get("Nats-Service-Error")).toBe("no such thing");
    const [served] = await fixture.ended("calc.refuse");
    expect(served).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { "rpc.response.status_code": "404", "error.type": "404" },
    });
    const [request] = spans.named("request refuse");
    expect(request).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { "error.type": "404" },
    });
    expect(await fixture.samples()).toMatchObject({
      'nats_service_request_seconds_count{service="calc",endpoint="refuse",outcome="error"}': 1,
      'nats_request_seconds_count{subject="refuse",outcome="error"}': 1,
      'nats_replies_received_total{subject="refuse"}': 1,
    });
    // An error reply is not a failure of the handler.
    expect(await fixture.samples()).not.toHaveProperty([
      'nats_message_processing_errors_total{subject="refuse"}',
    ]);
  });

  it("records a handler that throws, and the client's reply", async () => {
    await using fixture = await observeService(client);
    fixture.service.addEndpoint("throws", () => {
      throw new RangeError("too far");
    });
    await fixture.connection.flush();
    const reply = await fixture.raw.request("throws", "", { timeout: 5000 });
    expect(reply.headers.get("Nats-Service-Error-Code")).toBe("500");
    const [served] = await fixture.ended("calc.throws");
    expect(served?.attributes).toMatchObject({ "rpc.response.status_code": "500", "error.type": "500" });
    const [respond] = fixture.spans.named("respond");
    expect(respond?.parentSpanContext?.spanId).toBe(served?.spanContext().spanId);
    expect(await fixture.samples()).toMatchObject({
      'nats_service_request_seconds_count{service="calc",endpoint="throws",outcome="error"}': 1,
      'nats_message_processing_errors_total{subject="throws"}': 1,
      'nats_messages_published_total{subject="_INBOX"}': 1,
    });
    const stats = await fixture.service.stats();
    expect(stats.endpoints[0]).toMatchObject({ num_requests: 1, num_errors: 1, last_error: "too far" });
  });

  it("keeps the span of a rejecting handler open until it rejects, and the rejection unhandled", async () => {
    await using fixture = await observeService(client);
    const failure = new RangeError("later");
    const unhandled = new Promise((resolve) => process.once("unhandledRejection", resolve));
    let fail = () => {};
    fixture.service.addEndpoint("rejects", (_error: unknown, message: Any) => {
      message.respond("taken");
      return new Promise((_, reject) => {
        fail = () => reject(failure);
      });
    });
    await fixture.connection.flush();
    await fixture.raw.request("rejects", "", { timeout: 5000 });
    expect(fixture.spans.named("calc.rejects")).toEqual([]);
    fail();
    expect(await unhandled).toBe(failure);
    const [served] = await fixture.ended("calc.rejects");
    expect(served).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { "error.type": "RangeError" },
    });
    expect(served?.attributes).not.toHaveProperty(["rpc.response.status_code"]);
  });

  it("is instrumented if its requests are read in a loop", async () => {
    await using fixture = await observeService(client);
    const requests = fixture.service.addEndpoint("loop");
    const seen: (string | undefined)[] = [];
    const looped = (async () => {
      for await (const request of requests) {
        await Promise.resolve();
        seen.push(trace.getSpanContext(context.active())?.spanId);
        if (request.string() === "bad") request.respondError(400, "bad");
        else request.respond("good");
      }
    })();
    await fixture.connection.flush();
    await fixture.raw.request("loop", "fine", { timeout: 5000 });
    await fixture.raw.request("loop", "bad", { timeout: 5000 });
    expect((await fixture.samples()).nats_active_subscriptions).toBe(1);
    await fixture.service.stop();
    const served = await until("both spans", () =>
      fixture.spans.named("calc.loop").length === 2 ? fixture.spans.named("calc.loop") : undefined,
    );
    expect(seen).toEqual(served.map((span) => span.spanContext().spanId));
    expect(served.map(({ attributes }) => attributes["error.type"])).toEqual([undefined, "400"]);
    expect(await fixture.samples()).toEqual({
      'nats_messages_published_total{subject="_INBOX"}': 2,
      'nats_published_bytes_total{subject="_INBOX"}': 4,
      'nats_messages_received_total{subject="loop"}': 2,
      'nats_received_bytes_total{subject="loop"}': 7,
      'nats_message_processing_seconds_count{subject="loop"}': 2,
      'nats_service_request_seconds_count{service="calc",endpoint="loop",outcome="ok"}': 1,
      'nats_service_request_seconds_count{service="calc",endpoint="loop",outcome="error"}': 1,
      nats_connection_status: 1,
    });
    void looped;
  });

  it("is discovered without being counted or traced", async () => {
    await using fixture = await observeService(client);
    fixture.service.addEndpoint("quiet", () => {});
    await fixture.connection.flush();
    await fixture.raw.request("$SRV.PING", "", { timeout: 5000 });
    await fixture.raw.request("$SRV.INFO.calc", "", { timeout: 5000 });
    const stats = await fixture.raw.request("$SRV.STATS.calc", "", { timeout: 5000 });
    expect(stats.json()).toMatchObject({ name: "calc", endpoints: [{ name: "quiet", subject: "quiet" }] });
    expect(fixture.spans.ended).toEqual([]);
    expect(await fixture.samples()).toEqual({ nats_active_subscriptions: 1, nats_connection_status: 1 });
  });

  it("behaves like the client's: checks names, keeps its queue group and metadata", async () => {
    await using fixture = await observeService(client);
    const { service } = fixture;
    expect(() => service.addEndpoint("not a name", () => {})).toThrow(/name/);
    expect(() => service.addEndpoint("ok", { subject: "a b", handler: () => {} })).toThrow(/spaces/);
    service.addGroup("g", "workers").addEndpoint("e", { handler: () => {}, metadata: { a: "b" } });
    expect(service.info().endpoints).toMatchObject([
      { name: "e", subject: "g.e", queue_group: "workers", metadata: { a: "b" } },
    ]);
    expect(service.isStopped).toBe(false);
    await service.stop();
    expect(service.isStopped).toBe(true);
    expect(await fixture.samples()).toEqual({ nats_connection_status: 1 });
  });
});

async function observeService(client: ClientGeneration) {
  const fixture = await instrumentClient(client, server);
  const service = await client.addService(fixture.connection, { name: "calc", version: "1.0.0" });
  return {
    ...fixture,
    service: service as Any,
    ended: (name: string) =>
      until(`a span ${name}`, () => {
        const spans = fixture.spans.named(name);
        return spans.length > 0 ? spans : undefined;
      }),
    [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose](),
  };
}
