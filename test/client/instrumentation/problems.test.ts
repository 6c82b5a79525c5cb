import { type Span, trace } from "@opentelemetry/api";
import { Counter, Registry } from "prom-client";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import type { ClientRegistry } from "../../../src/client/metrics/registry.ts";
import { CLIENT_METRICS } from "../../../src/client/metrics/table.ts";
import type { InstrumentOptions } from "../../../src/client/options.ts";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { until } from "../../rig/until.ts";
import { describeEachClient, instrumentClient, keepContexts, samplesOf } from "../clients.ts";

keepContexts();

/* biome-ignore lint/suspicious/noExplicitAny: of either generation */
type Any = any;

let server: RunningNatsServer;
beforeAll(async () => {
  server = await runNatsServer();
});
afterAll(() => server.stop());
afterEach(() => void vi.restoreAllMocks());

/** All operations of a core connection, as an application uses them. */
async function useAll(connection: Any): Promise<unknown[]> {
  const seen: unknown[] = [];
  connection.subscribe("svc", {
    callback(_: unknown, message: Any) {
      seen.push(message.string());
      message.respond("re");
    },
  });
  seen.push((await connection.request("svc", "ask")).string());
  seen.push((await connection.request("svc", "noMux", { noMux: true, timeout: 5000 })).string());
  for await (const reply of await connection.requestMany("svc", "many", {
    maxWait: 5000,
    strategy: "count",
    maxMessages: 1,
  })) {
    seen.push(reply.string());
  }
  const looped = connection.subscribe("loop", { max: 2 });
  connection.publish("loop", "1");
  connection.publishMessage({ subject: "loop", data: new TextEncoder().encode("2") });
  for await (const message of looped) seen.push(message.string());
  seen.push(await connection.request("nobody").catch((error: Any) => error.message));
  await connection.flush();
  return seen;
}

const THROWS = () => {
  throw new Error("on purpose");
};

/** A span with one member that throws. */
function brokenSpan(member: keyof Span): Span {
  const span = trace.wrapSpanContext({ traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 });
  return Object.assign(Object.create(span), { isRecording: () => true, [member]: THROWS }) as Span;
}

const tracerOf = (startSpan: () => Span) =>
  ({ startSpan, startActiveSpan: THROWS }) as unknown as NonNullable<InstrumentOptions["tracer"]>;

describeEachClient("the instrumentation", (client) => {
  const spanMembers = [
    "end",
    "spanContext",
    "isRecording",
    "setAttribute",
    "setStatus",
    "addEvent",
    "addLink",
  ] as const;
  const tracers: [string, InstrumentOptions][] = [
    ["a tracer", { tracer: tracerOf(THROWS) }],
    ...spanMembers.map((member): [string, InstrumentOptions] => [
      `a span's ${member}`,
      { tracer: tracerOf(() => brokenSpan(member)) },
    ]),
    ["a sync hook", { hooks: { publish: THROWS, consume: THROWS, request: THROWS } }],
    [
      "an async hook",
      {
        hooks: Object.fromEntries(
          ["publish", "consume", "request"].map((name) => [
            name,
            () => Promise.reject(new Error("on purpose")),
          ]),
        ),
      },
    ],
  ];
  for (const [origin, options] of tracers) {
    it(`keeps a failure of ${origin} from the application, reports it once and counts it`, async () => {
      const problems: unknown[] = [];
      await using fixture = await instrumentClient(client, server, {
        ...options,
        onProblem: (problem) => void problems.push([problem.part, (problem.error as Error).message]),
      });
      const raw = await client.connect({ servers: server.clientUrl });
      const expected = await useAll(raw);
      await raw.close();
      expect(await useAll(fixture.connection)).toEqual(expected);
      const part = options.hooks ? "hook" : "tracer";
      const samples = await fixture.samples();
      const count = samples[`nats_client_instrumentation_problems_total{part="${part}"}`] ?? 0;
      // These operations call neither method of a span, or call it twice.
      if (!/addLink|isRecording/.test(origin)) {
        expect(problems).toEqual([[part, "on purpose"]]);
        expect(count).toBeGreaterThanOrEqual(1);
        expect(samples).toMatchObject({
          'nats_request_seconds_count{subject="svc",outcome="ok"}': 3,
          'nats_messages_received_total{subject="loop"}': 2,
          'nats_messages_published_total{subject="loop"}': 2,
        });
      }
    });
  }

  it("ignores a failure of the problem listener", async () => {
    for (const onProblem of [THROWS, () => Promise.reject(new Error("late"))]) {
      await using fixture = await instrumentClient(client, server, { tracer: tracerOf(THROWS), onProblem });
      fixture.connection.publish("a", "x");
      fixture.connection.publish("a", "x");
      await fixture.connection.flush();
      expect(await fixture.samples()).toMatchObject({
        'nats_client_instrumentation_problems_total{part="tracer"}': 2,
      });
    }
  });

  it("warns the process of a failure if there is no listener", async () => {
    const emitted = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    await using fixture = await instrumentClient(client, server, { tracer: tracerOf(THROWS) });
    for (let i = 0; i < 3; i++) fixture.connection.publish("a", "x");
    expect(emitted.mock.calls).toEqual([
      ["the tracer failed and is skipped, NATS is not affected: on purpose", "NatscopeWarning"],
    ]);
  });

  it("leaves the connection unaffected by a failing registry", async () => {
    const problems: unknown[] = [];
    await using fixture = await instrumentClient(client, server, {
      registry: { registerMetric: THROWS } satisfies ClientRegistry,
      onProblem: ({ part, error }) => void problems.push([part, (error as Error).message]),
    });
    expect((await useAll(fixture.connection)).length).toBe(9);
    expect(problems).toEqual([["registry", "on purpose"]]);
  });

  it("omits only the metric whose name the application already uses", async () => {
    const registry = new Registry();
    const own = new Counter({ name: CLIENT_METRICS.published.name, help: "mine", registers: [registry] });
    own.inc(7);
    const problems: unknown[] = [];
    await using fixture = await instrumentClient(client, server, {
      registry,
      tracer: false,
      onProblem: ({ part, error }) => void problems.push([part, (error as Error).message]),
    });
    fixture.connection.publish("a", "x");
    expect(await samplesOf(registry)).toEqual({
      nats_messages_published_total: 7,
      'nats_published_bytes_total{subject="a"}': 1,
      'nats_client_instrumentation_problems_total{part="registry"}': 1,
      nats_connection_status: 1,
    });
    expect(problems).toEqual([["registry", expect.stringContaining(CLIENT_METRICS.published.name)]]);
  });

  it("keeps a failure to read headers from the application", async () => {
    await using fixture = await instrumentClient(client, server, { onProblem: () => {} });
    const headers = { encode: () => new TextEncoder().encode("NATS/1.0\r\nX-App: 1\r\n\r\n") };
    const subscription = fixture.raw.subscribe("odd", { max: 2 });
    await fixture.raw.flush();
    fixture.connection.publish("odd", "x", { headers });
    fixture.connection.publish("odd", "x", { headers: { ...headers, values: THROWS } });
    await fixture.connection.flush();
    const keys: string[][] = [];
    for await (const message of subscription) keys.push(message.headers.keys());
    // Headers that can be encoded get a context; headers that cannot be read stay unchanged.
    expect(keys).toEqual([["X-App", "traceparent"], ["X-App"]]);
  });

  it("counts its own failures in a status listener", async () => {
    const problems: unknown[] = [];
    await using fixture = await instrumentClient(client, server, {
      onProblem: ({ part }) => void problems.push(part),
    });
    const { protocol } = fixture.connection as Any;
    protocol.dispatchStatus({ type: "slowConsumer", sub: { getSubject: THROWS } });
    expect(problems).toEqual(["status"]);
    await until("the count", async () => {
      const samples = await fixture.samples();
      return samples['nats_client_instrumentation_problems_total{part="status"}'];
    });
  });
});
