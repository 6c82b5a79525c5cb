import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { describeEachServer } from "../../outside-programs.ts";
import { until } from "../../rig/until.ts";
import {
  describeEachClient,
  type InstrumentedFixture,
  instrumentClient,
  keepContexts,
  within,
} from "../clients.ts";
import { type EndedSpan, endedSpans, operation, TO_AN_INBOX } from "../ended-spans.ts";
import { errorFacts, failureOf } from "../failures.ts";

keepContexts();

const CONFIG = `
max_payload: 1024
authorization {
  users = [
    { user: all, password: x, permissions: { publish: ">", subscribe: ">" } }
    { user: denied, password: x, permissions: { publish: { deny: "secret.>" }, subscribe: ">" } }
  ]
}
no_auth_user: all
`;

/* biome-ignore lint/suspicious/noExplicitAny: messages of either generation */
type Message = any;

const published = (subject: string, count: number, bytes: number) => ({
  [`nats_messages_published_total{subject="${subject}"}`]: count,
  [`nats_published_bytes_total{subject="${subject}"}`]: bytes,
});
const received = (subject: string, count: number, bytes: number) => ({
  [`nats_messages_received_total{subject="${subject}"}`]: count,
  [`nats_received_bytes_total{subject="${subject}"}`]: bytes,
  [`nats_message_processing_seconds_count{subject="${subject}"}`]: count,
});
const requested = (subject: string, outcome: string, count = 1) => ({
  [`nats_request_seconds_count{subject="${subject}",outcome="${outcome}"}`]: count,
});
const replied = (subject: string, count: number) => ({
  [`nats_replies_received_total{subject="${subject}"}`]: count,
});
const UP = { nats_connection_status: 1 };

const requestSpan = (subject: string, more: Partial<EndedSpan> = {}, attributes: object = {}): EndedSpan => ({
  name: `request ${subject}`,
  kind: "CLIENT",
  attributes: operation("request", "send", subject, attributes as Record<string, unknown>),
  ...more,
});
const manySpan = (
  subject: string,
  replies: number,
  strategy: string,
  more: Partial<EndedSpan> = {},
  attributes: object = {},
) =>
  requestSpan(subject, more, {
    "messaging.nats.request.strategy": strategy,
    "messaging.batch.message_count": replies,
    ...attributes,
  });
const RESPOND: EndedSpan = {
  name: "respond",
  kind: "PRODUCER",
  attributes: operation("respond", "send", undefined, TO_AN_INBOX),
};
const processSpan = (subject: string): EndedSpan => ({
  name: `process ${subject}`,
  kind: "CONSUMER",
  attributes: operation("process", "process", subject),
  parent: `request ${subject}`,
  links: [`request ${subject}`],
});

/** The error of a request, in a form that can be compared. */
const failureFacts = async (request: () => Promise<unknown>) => errorFacts(await failureOf(request));

describeEachServer("a request", ({ version }) => {
  let server: RunningNatsServer;
  beforeAll(async () => {
    server = await runNatsServer({ version, config: CONFIG });
  });
  afterAll(() => server.stop());

  describeEachClient("of a client", (client) => {
    for (const noMux of [false, true]) {
      const title = noMux ? " without the shared inbox" : "";
      it(`is in one trace with its reply${title}`, async () => {
        await using fixture = await instrumentClient(client, server);
        const { connection } = fixture;
        connection.subscribe("svc", { callback: (_: unknown, message: Message) => message.respond("pong") });
        const { result, span } = await within(fixture.spans, () =>
          connection.request("svc", "ping!", { noMux, timeout: 5000 }),
        );
        expect(result.string()).toBe("pong");
        expect(endedSpans(fixture)).toEqual([
          { ...RESPOND, parent: "process svc" },
          processSpan("svc"),
          requestSpan("svc", { parent: "test" }),
          { name: "test", kind: "INTERNAL", attributes: {} },
        ]);
        const traces = new Set(fixture.spans.ended.map((one) => one.spanContext().traceId));
        expect([...traces]).toEqual([span.spanContext().traceId]);
        expect(await fixture.samples()).toEqual({
          ...published("svc", 1, 5),
          ...published("_INBOX", 1, 4),
          ...received("svc", 1, 5),
          ...requested("svc", "ok"),
          ...replied("svc", 1),
          nats_active_subscriptions: 1,
          ...UP,
        });
      });

      it(`has the outcome no_responders if there are none${title}`, async () => {
        await using fixture = await instrumentClient(client, server);
        const { connection, raw } = fixture;
        const options = () => ({ noMux, timeout: 5000 });
        expect(await failureFacts(() => connection.request("nobody", "x", options()))).toEqual(
          await failureFacts(() => raw.request("nobody", "x", options())),
        );
        expect(endedSpans(fixture)).toEqual([
          requestSpan("nobody", { failed: true }, { "error.type": "no_responders" }),
        ]);
        expect(await fixture.samples()).toEqual({
          ...published("nobody", 1, 1),
          ...requested("nobody", "no_responders"),
          ...UP,
        });
      });

      it(`has the outcome timeout, and ignores a late reply${title}`, async () => {
        await using fixture = await instrumentClient(client, server);
        const { connection, raw } = fixture;
        const kept: Message[] = [];
        raw.subscribe("late", { callback: (_: unknown, message: Message) => kept.push(message) });
        await raw.flush();
        const options = () => ({ noMux, timeout: 30 });
        expect(await failureFacts(() => connection.request("late", "x", options()))).toEqual(
          await failureFacts(() => raw.request("late", "x", options())),
        );
        for (const message of kept) message.respond("too late");
        await raw.flush();
        await connection.flush();
        expect(endedSpans(fixture)).toEqual([
          requestSpan("late", { failed: true }, { "error.type": "timeout" }),
        ]);
        expect(await fixture.samples()).toEqual({
          ...published("late", 1, 1),
          ...requested("late", "timeout"),
          ...UP,
        });
      });

      it(`fails like the client if the server denies it, and counts a violation${title}`, async () => {
        const connect = { user: "denied", pass: "x" };
        await using fixture = await instrumentClient(client, server, { connect });
        const raw = await client.connect({ servers: server.clientUrl, ...connect });
        const options = () => ({ noMux, timeout: 5000 });
        expect(await failureFacts(() => fixture.connection.request("secret.a", "x", options()))).toEqual(
          await failureFacts(() => raw.request("secret.a", "x", options())),
        );
        await raw.close();
        expect(endedSpans(fixture)).toEqual([
          requestSpan("secret.a", { failed: true }, { "error.type": "permissions_violation" }),
        ]);
        expect(await fixture.samples()).toEqual({
          ...published("secret.a", 1, 1),
          ...requested("secret.a", "error"),
          'nats_permission_violations_total{operation="publish",subject="secret.a"}': 1,
          'nats_connection_errors_total{error="permissions_violation"}': 1,
          ...UP,
        });
      });

      it(`is never sent if it is too large${title}`, async () => {
        await using fixture = await instrumentClient(client, server, { tracer: false });
        const { connection, raw } = fixture;
        const large = "x".repeat(1025);
        const ask = (one: typeof raw) => async () => one.request("large", large, { noMux, timeout: 5000 });
        expect(await failureFacts(ask(connection))).toEqual(await failureFacts(ask(raw)));
        expect(await fixture.samples()).toEqual({
          'nats_publish_errors_total{subject="large",error="max_payload_exceeded"}': 1,
          ...requested("large", "error"),
          ...UP,
        });
      });
    }

    for (const noMux of [false, true]) {
      for (const strategy of ["timer", "count", "stall", "sentinel"] as const) {
        it(`with requestMany by ${strategy}${noMux ? " without the shared inbox" : ""} ends with its last reply`, async () => {
          await using fixture = await instrumentClient(client, server);
          const { connection } = fixture;
          connection.subscribe("many", {
            callback: (_: unknown, message: Message) => {
              for (const reply of ["a", "b", ""]) message.respond(reply);
            },
          });
          const options = {
            strategy: client.strategy(strategy),
            maxWait: strategy === "timer" ? 60 : 10_000,
            maxMessages: 3,
            noMux,
          };
          const before = { ...options };
          const replies: string[] = [];
          for await (const reply of await connection.requestMany("many", "x", options)) {
            replies.push(reply.string());
          }
          expect(replies).toEqual(["a", "b", ""]);
          expect(options).toEqual(before);
          expect(endedSpans(fixture)).toEqual([
            ...[1, 2, 3].map(() => ({ ...RESPOND, parent: "process many" })),
            processSpan("many"),
            manySpan("many", 3, strategy, { events: ["nats.first_reply"] }),
          ]);
          expect(await fixture.samples()).toEqual({
            ...published("many", 1, 1),
            ...published("_INBOX", 3, 2),
            ...received("many", 1, 1),
            ...requested("many", "ok"),
            ...replied("many", 3),
            nats_active_subscriptions: 1,
            ...UP,
          });
        });
      }

      it(`with requestMany has the outcome no_responders if there are none${noMux ? " without the shared inbox" : ""}`, async () => {
        await using fixture = await instrumentClient(client, server);
        const ask = (one: InstrumentedFixture["raw"]) => async () => {
          for await (const _ of await one.requestMany("nobody", "x", { maxWait: 5000, noMux }));
        };
        expect(await failureFacts(ask(fixture.connection))).toEqual(await failureFacts(ask(fixture.raw)));
        expect(endedSpans(fixture)).toEqual([
          manySpan("nobody", 0, "timer", { failed: true }, { "error.type": "no_responders" }),
        ]);
        expect(await fixture.samples()).toEqual({
          ...published("nobody", 1, 1),
          ...requested("nobody", "no_responders"),
          ...UP,
        });
      });
    }
  });
});

let server: RunningNatsServer;
beforeAll(async () => {
  server = await runNatsServer();
});
afterAll(() => server.stop());

describeEachClient("a request", (client) => {
  it("fails like the client if the client refuses it, and is not counted as published", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection, raw } = fixture;
    const refused: [string, unknown][] = [
      ["", undefined],
      ["r", { timeout: -1 }],
      ["r", { reply: "here" }],
    ];
    for (const [subject, options] of refused) {
      const copy = () => options && { ...options };
      expect(await failureFacts(() => connection.request(subject, "x", copy()))).toEqual(
        await failureFacts(() => raw.request(subject, "x", copy())),
      );
    }
    expect(await failureFacts(() => connection.request(undefined))).toEqual(
      await failureFacts(() => raw.request(undefined)),
    );
    expect(await fixture.samples()).toEqual({
      'nats_publish_errors_total{subject="_other",error="invalid_subject"}': 2,
      'nats_publish_errors_total{subject="r",error="invalid_argument"}': 2,
      ...requested("_other", "error", 2),
      ...requested("r", "error", 2),
      ...UP,
    });
    expect(endedSpans(fixture).map(({ name, failed }) => [name, failed])).toEqual([
      ["request", true],
      ["request r", true],
      ["request r", true],
      ["request", true],
    ]);
  });

  it("fails like the client on a closed or draining connection", async () => {
    for (const end of ["close", "drain"] as const) {
      await using fixture = await instrumentClient(client, server);
      const { connection, raw } = fixture;
      const ended = [connection[end](), raw[end]()];
      if (end === "close") await Promise.all(ended);
      for (const ask of ["request", "requestMany"]) {
        expect(await failureFacts(() => connection[ask]("r", "x"))).toEqual(
          await failureFacts(() => raw[ask]("r", "x")),
        );
      }
      await Promise.all(ended);
      const error = end === "close" ? "connection_closed" : "connection_draining";
      expect(await fixture.samples()).toEqual({
        [`nats_publish_errors_total{subject="r",error="${error}"}`]: 2,
        ...requested("r", "error", 2),
      });
      expect(endedSpans(fixture).map(({ attributes }) => attributes["error.type"])).toEqual([error, error]);
    }
  });

  it("fails like the client if the connection closes while it is in flight", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection, raw } = fixture;
    raw.subscribe("mute", { callback() {} });
    await raw.flush();
    const open = [connection, raw].map((one) =>
      failureFacts(() => one.request("mute", "x", { timeout: 60_000 })),
    );
    await Promise.all([connection.flush(), raw.flush()]);
    expect(await fixture.samples()).toMatchObject({ nats_requests_in_flight: 1 });
    await Promise.all([connection.close(), raw.close()]);
    const [ours, theirs] = await Promise.all(open);
    expect(ours).toEqual(theirs);
    const v2 = client.name === "nats 2";
    expect(await fixture.samples()).toEqual({
      ...published("mute", 1, 1),
      // nats 2 reports a timeout.
      ...requested("mute", v2 ? "timeout" : "error"),
    });
    expect(endedSpans(fixture)).toEqual([
      requestSpan("mute", { failed: true }, { "error.type": v2 ? "timeout" : "connection_closed" }),
    ]);
  });

  it("causes an unhandled rejection only if it does so without instrumentation", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection, raw } = fixture;
    const unhandled: unknown[] = [];
    const before = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", (reason) => unhandled.push(reason));
    const counts: number[] = [];
    try {
      for (const one of [raw, connection]) {
        const start = unhandled.length;
        void one.request("nobody", "x");
        void one.request("", "x");
        void one.request("large", new Uint8Array(2 ** 21));
        void one.requestMany("", "x");
        await one.flush();
        await one.request("nobody", "x").catch(() => {});
        await sleep(0);
        counts.push(unhandled.length - start);
      }
    } finally {
      process.removeAllListeners("unhandledRejection");
      for (const listener of before) process.on("unhandledRejection", listener);
    }
    // Only requests that are rejected at once: neither client catches those.
    expect(counts).toEqual([2, 2]);
  });

  it("is named by its template if its subject contains an id", async () => {
    await using fixture = await instrumentClient(client, server, { subjects: { templates: ["users.*.>"] } });
    await failureFacts(() => fixture.connection.request("users.42.get.name", "x"));
    expect(endedSpans(fixture)).toEqual([
      requestSpan(
        "users.*.>",
        { failed: true },
        {
          "error.type": "no_responders",
          "messaging.destination.name": "users.42.get.name",
        },
      ),
    ]);
  });

  it("has a PRODUCER span if the option asks for it", async () => {
    await using fixture = await instrumentClient(client, server, { requestSpanKind: "producer" });
    await failureFacts(() => fixture.connection.request("nobody", "x"));
    expect(endedSpans(fixture).map(({ kind }) => kind)).toEqual(["PRODUCER"]);
  });

  it("links to the trace of a reply from a different trace", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection, raw } = fixture;
    const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
    raw.subscribe("foreign", {
      callback(_: unknown, message: Message) {
        const headers = client.headers();
        headers.set("traceparent", traceparent);
        message.respond("x", { headers });
      },
    });
    await raw.flush();
    await connection.request("foreign", "x");
    expect(fixture.spans.ended.map((span) => span.links.map(({ context }) => context.traceId))).toEqual([
      ["a".repeat(32)],
    ]);
  });

  it("with requestMany ends after its time if the application never reads the replies", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection, raw } = fixture;
    raw.subscribe("many", { callback: (_: unknown, message: Message) => message.respond("x") });
    await raw.flush();
    await connection.requestMany("many", "x", { maxWait: 30 });
    await until("the span", () => (fixture.spans.ended.length === 1 ? true : undefined));
    expect(endedSpans(fixture)).toEqual([manySpan("many", 0, "timer")]);
    expect(await fixture.samples()).toEqual({
      ...published("many", 1, 1),
      ...requested("many", "ok"),
      ...UP,
    });
  });

  it("with requestMany ends when the loop is left by break", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection, raw } = fixture;
    raw.subscribe("many", {
      callback(_: unknown, message: Message) {
        for (const reply of ["a", "b"]) message.respond(reply);
      },
    });
    await raw.flush();
    for await (const _ of await connection.requestMany("many", "x", { maxWait: 10_000 })) break;
    expect(endedSpans(fixture)).toEqual([manySpan("many", 1, "timer", { events: ["nats.first_reply"] })]);
    expect(await fixture.samples()).toMatchObject({ ...requested("many", "ok"), ...replied("many", 1) });
  });

  it("is counted exactly among many concurrent ones, and none stays in flight", async () => {
    await using fixture = await instrumentClient(client, server, { tracer: false });
    const { connection } = fixture;
    connection.subscribe("echo", {
      callback: (_: unknown, message: Message) => message.respond(message.data),
    });
    const asked = Array.from({ length: 200 }, (_, i) => connection.request("echo", String(i)));
    const replies = await Promise.all(asked);
    expect(replies.map((reply) => reply.string())).toEqual(asked.map((_, i) => String(i)));
    const bytes = asked.reduce((sum, _, i) => sum + String(i).length, 0);
    expect(await fixture.samples()).toEqual({
      ...published("echo", 200, bytes),
      ...published("_INBOX", 200, bytes),
      ...received("echo", 200, bytes),
      ...requested("echo", "ok", 200),
      ...replied("echo", 200),
      nats_active_subscriptions: 1,
      ...UP,
    });
  });
});
