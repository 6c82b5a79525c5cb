import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CHANNEL_NAMES, type Hooks } from "../../../src/client.ts";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { until } from "../../rig/until.ts";
import { describeEachClient, type InstrumentedFixture, instrumentClient, keepContexts } from "../clients.ts";

keepContexts();

/* biome-ignore lint/suspicious/noExplicitAny: messages of either generation */
type Message = any;
type AnyEvent = Record<string, unknown>;

let server: RunningNatsServer;
beforeAll(async () => {
  server = await runNatsServer();
});
afterAll(() => server.stop());

async function use({ connection }: InstrumentedFixture): Promise<void> {
  connection.subscribe("svc.*", { callback: (_: unknown, message: Message) => message.respond("four") });
  await connection.request("svc.1", "ab");
  await connection.request("nobody", "").catch(() => {});
  expect(() => connection.publish("", "x")).toThrow();
}

/** In the order of the calls; durations and errors by their type. */
const EXPECTED = [
  { kind: "publish", subject: "an inbox", bytes: 4 },
  { kind: "consume", subject: "svc.1", source: "svc.*", bytes: 2, durationSeconds: "number" },
  { kind: "request", subject: "svc.1", bytes: 2, durationSeconds: "number", outcome: "ok" },
  {
    kind: "request",
    subject: "nobody",
    bytes: 0,
    durationSeconds: "number",
    outcome: "no_responders",
    error: true,
  },
  { kind: "publish", subject: "", bytes: 1, error: true },
];

function plain(kind: string, { span: _, ...event }: AnyEvent): AnyEvent {
  const { subject, durationSeconds, error } = event;
  return {
    kind,
    ...event,
    ...(String(subject).startsWith("_INBOX") && { subject: "an inbox" }),
    ...(durationSeconds !== undefined && { durationSeconds: typeof durationSeconds }),
    ...(error !== undefined && { error: error instanceof Error }),
  };
}

describeEachClient("operations of a connection", (client) => {
  for (const tracing of [true, false]) {
    const rest = tracing ? {} : ({ tracer: false } as const);
    const title = tracing ? "with spans" : "without spans";

    it(`are passed to hooks, ${title}`, async () => {
      const events: AnyEvent[] = [];
      const spans: boolean[] = [];
      const hook = (kind: string) => (event: object) => {
        events.push(plain(kind, event as AnyEvent));
        const { span } = event as { span?: { isRecording(): boolean } };
        spans.push(span?.isRecording() ?? false);
      };
      const hooks: Hooks = { publish: hook("publish"), consume: hook("consume"), request: hook("request") };
      await using fixture = await instrumentClient(client, server, { ...rest, hooks });
      await use(fixture);
      await until("all", () => (events.length === EXPECTED.length ? true : undefined));
      expect(events).toEqual(EXPECTED);
      // Each hook is called while the span is open, so that it can add to it.
      expect(spans).toEqual(EXPECTED.map(() => tracing));
    });

    it(`are published to diagnostics channels, ${title}`, async () => {
      const events: AnyEvent[] = [];
      const listeners = Object.entries(CHANNEL_NAMES).map(([kind, name]) => {
        const listener = (event: unknown) => void events.push(plain(kind, event as AnyEvent));
        subscribe(name, listener);
        return () => unsubscribe(name, listener);
      });
      try {
        await using fixture = await instrumentClient(client, server, rest);
        await use(fixture);
        await until("all", () => (events.length === EXPECTED.length ? true : undefined));
        expect(events).toEqual(EXPECTED);
      } finally {
        for (const leave of listeners) leave();
      }
    });
  }

  it("include the error of a callback", async () => {
    const events: unknown[] = [];
    await using fixture = await instrumentClient(client, server, {
      hooks: { consume: ({ error, subject }) => void events.push([subject, error]) },
    });
    const failure = new RangeError("mine");
    const looped = fixture.connection.subscribe("loop", { max: 1 });
    fixture.connection.publish("loop", "x");
    for await (const _ of looped);
    const iterator = fixture.connection.subscribe("hand")[Symbol.asyncIterator]();
    fixture.connection.publish("hand", "x");
    await iterator.next();
    await iterator.throw(failure).catch(() => {});
    expect(events).toEqual([
      ["loop", undefined],
      ["hand", failure],
    ]);
  });
});
