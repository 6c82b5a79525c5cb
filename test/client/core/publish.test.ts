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
import { endedSpans, operation, TO_AN_INBOX } from "../ended-spans.ts";

keepContexts();

/** The message that a raw subscription receives. */
async function received(fixture: InstrumentedFixture, subject: string, send: () => unknown) {
  const subscription = fixture.raw.subscribe(subject, { max: 1 });
  await fixture.raw.flush();
  send();
  for await (const message of subscription) return message;
  throw new Error("no message");
}

const CONFIG = `
max_payload: 1024
authorization {
  users = [
    { user: all, password: x, permissions: { publish: ">", subscribe: ">" } }
    { user: denied, password: x, permissions: { publish: { deny: "secret.>" } } }
  ]
}
no_auth_user: all
`;

describeEachServer("publishing", ({ version, line }) => {
  let server: RunningNatsServer;
  beforeAll(async () => {
    server = await runNatsServer({ version, config: CONFIG });
  });
  afterAll(() => server.stop());

  describeEachClient("to a server", (client) => {
    it("records a producer span and counts bytes", async () => {
      await using fixture = await instrumentClient(client, server);
      const { connection, spans } = fixture;
      const message = await received(fixture, "orders.*.created", () =>
        within(spans, () => connection.publish("orders.42.created", "four")),
      );
      const [span] = spans.named("publish orders.*.created");
      const { traceId, spanId } = span?.spanContext() ?? {};
      expect(message.headers.get("traceparent")).toBe(`00-${traceId}-${spanId}-01`);
      expect(message.string()).toBe("four");
      expect(endedSpans(fixture)).toEqual([
        {
          name: "publish orders.*.created",
          kind: "PRODUCER",
          attributes: operation("publish", "send", "orders.*.created", {
            "messaging.destination.name": "orders.42.created",
          }),
          parent: "test",
        },
        { name: "test", kind: "INTERNAL", attributes: {} },
      ]);
      expect(await fixture.samples()).toEqual({
        'nats_messages_published_total{subject="orders.*.created"}': 1,
        'nats_published_bytes_total{subject="orders.*.created"}': 4,
        nats_connection_status: 1,
      });
    });

    it("sends bytes, no payload, and a reply subject unchanged", async () => {
      await using fixture = await instrumentClient(client, server, { tracer: false });
      const { connection } = fixture;
      const [first, second] = [
        await received(fixture, "a", () => connection.publish("a", new Uint8Array([1, 2, 3]))),
        await received(fixture, "b", () => connection.publish("b", undefined, { reply: "c" })),
      ];
      expect([...first.data]).toEqual([1, 2, 3]);
      expect([second.reply, second.data.length]).toEqual(["c", 0]);
      expect([first.headers, second.headers]).toEqual([undefined, undefined]);
      expect(await fixture.samples()).toEqual({
        'nats_messages_published_total{subject="a"}': 1,
        'nats_published_bytes_total{subject="a"}': 3,
        'nats_messages_published_total{subject="b"}': 1,
        nats_connection_status: 1,
      });
    });

    it("records the label of the reply subject", async () => {
      await using fixture = await instrumentClient(client, server);
      fixture.connection.publish("a", "x", { reply: "_INBOX.1.2" });
      fixture.connection.publish("a", "x", { reply: "replies.42" });
      expect(
        endedSpans(fixture).map(({ attributes }) => attributes["messaging.nats.message.reply_to"]),
      ).toEqual(["_INBOX", "replies.*"]);
    });

    it("sends publishMessage and respondMessage to the subjects of the message", async () => {
      await using fixture = await instrumentClient(client, server);
      const { connection } = fixture;
      const message = { subject: "m", reply: "_INBOX.x.y", data: new Uint8Array(3), respond: () => false };
      const published = await received(fixture, "m", () => connection.publishMessage(message));
      expect([published.reply, published.data.length]).toEqual(["_INBOX.x.y", 3]);
      const replied = await received(fixture, "_INBOX.x.y", () =>
        expect(connection.respondMessage(message)).toBe(true),
      );
      expect(replied.reply).toBe("_INBOX.x.y");
      expect(connection.respondMessage({ ...message, reply: "" })).toBe(false);
      expect(endedSpans(fixture)).toEqual([
        {
          name: "publish m",
          kind: "PRODUCER",
          attributes: operation("publish", "send", "m", { "messaging.nats.message.reply_to": "_INBOX" }),
        },
        {
          name: "respond",
          kind: "PRODUCER",
          attributes: operation("respond", "send", undefined, TO_AN_INBOX),
        },
      ]);
      expect(await fixture.samples()).toEqual({
        'nats_messages_published_total{subject="m"}': 1,
        'nats_published_bytes_total{subject="m"}': 3,
        'nats_messages_published_total{subject="_INBOX"}': 1,
        'nats_published_bytes_total{subject="_INBOX"}': 3,
        nats_connection_status: 1,
      });
    });

    it("fails like the client if the client refuses the message", async () => {
      await using fixture = await instrumentClient(client, server);
      const { connection, raw } = fixture;
      const failures: [string, () => void, () => void][] = [
        [
          "large",
          () => connection.publish("large", "x".repeat(1025)),
          () => raw.publish("large", "x".repeat(1025)),
        ],
        ["", () => connection.publish("", "x"), () => raw.publish("", "x")],
        ["payload", () => connection.publish("payload", 5), () => raw.publish("payload", 5)],
      ];
      for (const [, ours, theirs] of failures) expectSameFailure(ours, theirs);
      const types = client.name === "nats 2" ? "invalid_payload" : "TypeError";
      expect(await fixture.samples()).toEqual({
        'nats_publish_errors_total{subject="large",error="max_payload_exceeded"}': 1,
        'nats_publish_errors_total{subject="_other",error="invalid_subject"}': 1,
        [`nats_publish_errors_total{subject="payload",error="${types}"}`]: 1,
        'nats_client_context_not_sent_total{reason="max_payload"}': 1,
        nats_connection_status: 1,
      });
      expect(endedSpans(fixture)).toEqual([
        {
          name: "publish large",
          kind: "PRODUCER",
          attributes: operation("publish", "send", "large", { "error.type": "max_payload_exceeded" }),
          failed: true,
        },
        {
          name: "publish",
          kind: "PRODUCER",
          attributes: operation("publish", "send", undefined, { "error.type": "invalid_subject" }),
          failed: true,
        },
        {
          name: "publish payload",
          kind: "PRODUCER",
          attributes: operation("publish", "send", "payload", { "error.type": types }),
          failed: true,
        },
      ]);
    });

    it("accepts or refuses a subject with a space like the client", async () => {
      await using fixture = await instrumentClient(client, server, { tracer: false });
      const { connection, raw } = fixture;
      if (client.name === "@nats-io 3") {
        expectSameFailure(
          () => connection.publish("a b", "x"),
          () => raw.publish("a b", "x"),
        );
        expect(await fixture.samples()).toMatchObject({
          'nats_publish_errors_total{subject="a b",error="invalid_subject"}': 1,
        });
      } else {
        connection.publish("a b", "");
        expect(await fixture.samples()).toMatchObject({ 'nats_messages_published_total{subject="a b"}': 1 });
      }
    });

    it("fails like the client on a closed and on a draining connection", async () => {
      for (const end of ["close", "drain"] as const) {
        await using fixture = await instrumentClient(client, server);
        const { connection, raw } = fixture;
        await Promise.all([connection[end](), raw[end]()]);
        expectSameFailure(
          () => connection.publish("late", "x"),
          () => raw.publish("late", "x"),
        );
        expect(await fixture.samples()).toEqual({
          'nats_publish_errors_total{subject="late",error="connection_closed"}': 1,
        });
        expect(endedSpans(fixture)).toEqual([
          {
            name: "publish late",
            kind: "PRODUCER",
            attributes: operation("publish", "send", "late", { "error.type": "connection_closed" }),
            failed: true,
          },
        ]);
      }
    });

    it("records a denied publish as a permission violation of the connection", async () => {
      await using fixture = await instrumentClient(client, server, {
        connect: { user: "denied", pass: "x" },
      });
      const { connection } = fixture;
      connection.publish("secret.42", "x");
      await until("the violation", async () =>
        Object.keys(await fixture.samples()).find((name) => name.startsWith("nats_permission")),
      );
      expect(await fixture.samples()).toEqual({
        'nats_messages_published_total{subject="secret.*"}': 1,
        'nats_published_bytes_total{subject="secret.*"}': 1,
        'nats_permission_violations_total{operation="publish",subject="secret.*"}': 1,
        'nats_connection_errors_total{error="permissions_violation"}': 1,
        nats_connection_status: 1,
      });
      // The client does not know yet that the publish was denied.
      expect(endedSpans(fixture).map(({ failed }) => failed)).toEqual([undefined]);
    });
  });

  it("runs against the server release that it names", () =>
    expect(server.version.startsWith(line)).toBe(true));
});

function expectSameFailure(ours: () => void, theirs: () => void): void {
  const [one, other] = [thrownBy(ours), thrownBy(theirs)];
  expect(one).toBeInstanceOf(Error);
  expect([one.constructor, one.name, one.message, one.code]).toEqual([
    other.constructor,
    other.name,
    other.message,
    other.code,
  ]);
}

function thrownBy(run: () => void): Error & { code?: unknown } {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}
