import { context, trace } from "@opentelemetry/api";
import { Registry } from "prom-client";
import { expect, it } from "vitest";
import { connect } from "../../src/client/connect.ts";
import { instrument } from "../../src/client/instrument.ts";
import { runNatsServer } from "../../tools/nats-server/run.ts";
import { keepContexts, Spans, samplesOf, within } from "./clients.ts";

keepContexts();

it("connect returns an instrumented connection and runs callbacks only in the contexts of their messages", async () => {
  await using server = await runNatsServer();
  const registry = new Registry();
  const spans = new Spans();
  const { result: connection, span } = await within(spans, () =>
    connect({ servers: server.clientUrl, name: "mine" }, { registry, tracer: false }),
  );
  expect(instrument(connection)).toBe(connection);
  const contexts: unknown[] = [];
  connection.subscribe("called", {
    callback: () => contexts.push(trace.getSpan(context.active())),
  });
  connection.publish("called");
  await connection.flush();
  expect(contexts).toEqual([undefined]);
  expect(span.isRecording()).toBe(false);
  expect(await samplesOf(registry)).toMatchObject({ 'nats_messages_published_total{subject="called"}': 1 });
  await connection.close();
});

it("connect rejects invalid options before it connects", async () => {
  const refused = connect({ servers: "127.0.0.1:1" }, { subjects: { limit: 0 } });
  await expect(refused).rejects.toThrow(/subjects.limit/);
});

it("connect rejects with the client's own error", async () => {
  const refused = connect({ servers: "127.0.0.1:1" }, { registry: false });
  await expect(refused).rejects.toMatchObject({ code: "CONNECTION_REFUSED" });
});
