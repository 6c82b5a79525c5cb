import { context, trace } from "@opentelemetry/api";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { until } from "../../rig/until.ts";
import { describeEachClient, instrumentClient, keepContexts, within } from "../clients.ts";

keepContexts();

let server: RunningNatsServer;
beforeAll(async () => {
  server = await runNatsServer();
});
afterAll(() => server.stop());

describeEachClient("the body of a loop", (client) => {
  it("runs in its message's context, and the code after the loop in the loop's", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection, spans } = fixture;
    const subscription = connection.subscribe("loop", { max: 3 });
    const seen: (string | undefined)[] = [];
    let outside: string | undefined;
    const looped = within(spans, async (span) => {
      for await (const _ of subscription) {
        await Promise.resolve();
        seen.push(trace.getSpanContext(context.active())?.traceId);
      }
      outside = trace.getSpanContext(context.active())?.spanId;
      return span.spanContext().spanId;
    });
    const senders: string[] = [];
    for (let i = 0; i < 3; i++) {
      const { span } = await within(spans, () => connection.publish("loop", "x"));
      senders.push(span.spanContext().traceId);
    }
    const { result: loop } = await looped;
    expect(seen).toEqual(senders);
    expect(outside).toBe(loop);
    await until("three spans", () => (spans.named("process loop").length === 3 ? true : undefined));
    expect(await fixture.samples()).toMatchObject({
      'nats_messages_published_total{subject="loop"}': 3,
      'nats_messages_received_total{subject="loop"}': 3,
      'nats_message_processing_seconds_count{subject="loop"}': 3,
    });
  });

  it("does not change the context of the code that started the loop", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection, spans } = fixture;
    const subscription = connection.subscribe("loop");
    const current = () => trace.getSpanContext(context.active())?.spanId;
    const bodies: (string | undefined)[] = [];
    await within(spans, async (span) => {
      void (async () => {
        for await (const _ of subscription) bodies.push(current());
      })();
      await connection.flush();
      for (let i = 1; i <= 2; i++) {
        connection.publish("loop", "x");
        await until("a message", () => (bodies.length === i ? true : undefined));
        expect(current()).toBe(span.spanContext().spanId);
      }
    });
    subscription.unsubscribe();
    await until("the end", () => (spans.named("process loop").length === 2 ? true : undefined));
    expect(bodies).toEqual(spans.named("process loop").map((span) => span.spanContext().spanId));
  });
});
