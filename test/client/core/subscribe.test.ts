import { context, trace } from "@opentelemetry/api";
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

keepContexts();

const CONFIG = `
authorization {
  users = [
    { user: all, password: x, permissions: { publish: ">", subscribe: ">" } }
    { user: denied, password: x, permissions: { publish: ">", subscribe: { deny: "secret.>" } } }
  ]
}
no_auth_user: all
`;

/* biome-ignore-start lint/suspicious/noExplicitAny: messages of either generation */
type Callback = (error: any, message: any) => unknown;
/* biome-ignore-end lint/suspicious/noExplicitAny: see above */

const ended = (fixture: InstrumentedFixture, count: number) =>
  until(`${count} spans`, () => (fixture.spans.ended.length >= count ? true : undefined));

const published = (subject: string, count: number, bytes: number) => ({
  [`nats_messages_published_total{subject="${subject}"}`]: count,
  [`nats_published_bytes_total{subject="${subject}"}`]: bytes,
});

const received = (subject: string, count: number, bytes: number) => ({
  [`nats_messages_received_total{subject="${subject}"}`]: count,
  [`nats_received_bytes_total{subject="${subject}"}`]: bytes,
  [`nats_message_processing_seconds_count{subject="${subject}"}`]: count,
});

const UP = { nats_connection_status: 1 };

const processSpan = (template: string, more: Partial<EndedSpan> & { more?: object } = {}): EndedSpan => {
  const { more: attributes = {}, ...rest } = more;
  return {
    name: `process ${template}`,
    kind: "CONSUMER",
    attributes: operation("process", "process", template, attributes as Record<string, unknown>),
    ...rest,
  };
};

describeEachServer("a subscription", ({ version }) => {
  let server: RunningNatsServer;
  beforeAll(async () => {
    server = await runNatsServer({ version, config: CONFIG });
  });
  afterAll(() => server.stop());

  describeEachClient("of a client", (client) => {
    it("processes each message of a callback as a child of its sender's span", async () => {
      await using fixture = await instrumentClient(client, server);
      const { connection } = fixture;
      const seen: string[] = [];
      const subscription = connection.subscribe("orders.*", {
        callback: ((_, message) => {
          seen.push(message.string());
        }) satisfies Callback,
      });
      connection.publish("orders.new", "one");
      connection.publish("orders.7", "three");
      await ended(fixture, 4);
      expect(seen).toEqual(["one", "three"]);
      const parent = (name: string) => ({ parent: name, links: [name] });
      expect(endedSpans(fixture)).toEqual([
        {
          name: "publish orders.new",
          kind: "PRODUCER",
          attributes: operation("publish", "send", "orders.new"),
        },
        {
          name: "publish orders.*",
          kind: "PRODUCER",
          attributes: operation("publish", "send", "orders.*", { "messaging.destination.name": "orders.7" }),
        },
        processSpan("orders.*", {
          ...parent("publish orders.new"),
          more: { "messaging.destination.name": "orders.new" },
        }),
        processSpan("orders.*", {
          ...parent("publish orders.*"),
          more: { "messaging.destination.name": "orders.7" },
        }),
      ]);
      expect(await fixture.samples()).toEqual({
        ...published("orders.new", 1, 3),
        ...published("orders.*", 1, 5),
        ...received("orders.*", 2, 8),
        nats_active_subscriptions: 1,
        ...UP,
      });
      subscription.unsubscribe();
      expect(await fixture.samples()).not.toHaveProperty("nats_active_subscriptions");
    });

    it("records metrics and adds no headers without tracing", async () => {
      await using fixture = await instrumentClient(client, server, { tracer: false });
      const { connection } = fixture;
      const headers: unknown[] = [];
      connection.subscribe("plain.>", {
        callback: ((_, message) => {
          headers.push(message.headers);
        }) satisfies Callback,
      });
      for (let i = 0; i < 20; i++) connection.publish(`plain.${i}`, "xy");
      await until("all", () => (headers.length === 20 ? true : undefined));
      expect(new Set(headers)).toEqual(new Set([undefined]));
      expect(await fixture.samples()).toEqual({
        ...published("plain.*", 20, 40),
        ...received("plain.>", 20, 40),
        nats_active_subscriptions: 1,
        ...UP,
      });
    });

    it("ends the span of an async callback when its promise settles", async () => {
      await using fixture = await instrumentClient(client, server);
      const { connection, spans } = fixture;
      const gate = Promise.withResolvers<void>();
      let within: string | undefined;
      connection.subscribe("slow", {
        callback: (async () => {
          await gate.promise;
          within = trace.getSpanContext(context.active())?.spanId;
        }) satisfies Callback,
      });
      connection.publish("slow", "x");
      await connection.flush();
      await until(
        "the message",
        async () => (await fixture.samples())['nats_messages_received_total{subject="slow"}'],
      );
      expect(spans.named("process slow")).toEqual([]);
      gate.resolve();
      await ended(fixture, 2);
      expect(spans.named("process slow").map((span) => span.spanContext().spanId)).toEqual([within]);
      expect(await fixture.samples()).toMatchObject(received("slow", 1, 1));
    });

    it("records the queue group", async () => {
      await using fixture = await instrumentClient(client, server);
      const { connection } = fixture;
      let count = 0;
      for (let i = 0; i < 2; i++)
        connection.subscribe("jobs", { queue: "workers", callback: () => void count++ });
      connection.publish("jobs", "x");
      await ended(fixture, 2);
      await connection.flush();
      expect(count).toBe(1);
      expect(endedSpans(fixture)[1]).toEqual(
        processSpan("jobs", {
          parent: "publish jobs",
          links: ["publish jobs"],
          more: { "messaging.consumer.group.name": "workers" },
        }),
      );
      expect(await fixture.samples()).toEqual({
        ...published("jobs", 1, 1),
        ...received("jobs", 1, 1),
        nats_active_subscriptions: 2,
        ...UP,
      });
    });

    it("ends the span of a message in a loop when the next one is requested", async () => {
      await using fixture = await instrumentClient(client, server);
      const { connection, spans } = fixture;
      const subscription = connection.subscribe("looped", { max: 3 });
      for (let i = 0; i < 3; i++) connection.publish("looped", "x");
      await connection.flush();
      expect(await fixture.samples()).toMatchObject({
        'nats_subscription_pending_messages{subject="looped"}': 3,
      });
      const open: number[] = [];
      for await (const _ of subscription) open.push(3 - spans.named("process looped").length);
      expect(open).toEqual([3, 2, 1]);
      expect(spans.named("process looped").length).toBe(3);
      expect(await fixture.samples()).toEqual({
        ...published("looped", 3, 3),
        ...received("looped", 3, 3),
        ...UP,
      });
    });

    it("ends the span of a message when the loop is left by break or throw", async () => {
      await using fixture = await instrumentClient(client, server);
      const { connection, spans } = fixture;
      for (const how of ["break", "throw"]) {
        const subscription = connection.subscribe(how);
        connection.publish(how, "x");
        const loop = async () => {
          for await (const _ of subscription) {
            if (how === "break") break;
            throw new Error("on purpose");
          }
        };
        await loop().catch((error) => expect(error.message).toBe("on purpose"));
        expect(spans.named(`process ${how}`).length).toBe(1);
        expect(subscription.isClosed()).toBe(true);
      }
      // An iterator does not learn why its loop ended, so errors of the body are not counted.
      expect(await fixture.samples()).toEqual({
        ...published("break", 1, 1),
        ...published("throw", 1, 1),
        ...received("break", 1, 1),
        ...received("throw", 1, 1),
        ...UP,
      });
    });

    it("reports a timeout to its callback or loop, and is closed", async () => {
      await using fixture = await instrumentClient(client, server);
      const { connection, raw } = fixture;
      const errors: unknown[] = [];
      for (const one of [connection, raw]) {
        const result = Promise.withResolvers<unknown>();
        one.subscribe("quiet", {
          timeout: 20,
          callback: ((error, message) =>
            result.resolve([error.name, error.code, message])) satisfies Callback,
        });
        errors.push(await result.promise);
        const loop = async () => {
          for await (const _ of one.subscribe("quiet", { timeout: 20 })) break;
        };
        await loop().catch(({ name, code }) => errors.push([name, code]));
      }
      expect(errors.slice(0, 2)).toEqual(errors.slice(2));
      expect(errors.length).toBe(4);
      expect(await fixture.samples()).toEqual(UP);
      expect(endedSpans(fixture)).toEqual([]);
    });

    it("reports a denied subscription to its callback and loop like the client", async () => {
      await using fixture = await instrumentClient(client, server, {
        connect: { user: "denied", pass: "x" },
      });
      const { connection } = fixture;
      const result = Promise.withResolvers<Error>();
      connection.subscribe("secret.a", { callback: ((error) => result.resolve(error)) satisfies Callback });
      const loop = async () => {
        for await (const _ of connection.subscribe("secret.b")) break;
      };
      const looped = await loop().catch((error) => error);
      for (const error of [await result.promise, looped]) {
        expect(error.code ?? error.name).toMatch(/^PERMISSIONS_VIOLATION$|^PermissionViolationError$/);
      }
      expect(await fixture.samples()).toEqual({
        'nats_permission_violations_total{operation="subscription",subject="secret.a"}': 1,
        'nats_permission_violations_total{operation="subscription",subject="secret.b"}': 1,
        'nats_connection_errors_total{error="permissions_violation"}': 2,
        ...UP,
      });
      expect(endedSpans(fixture)).toEqual([]);
    });

    it("fails like the client on a closed or draining connection, and without a subject", async () => {
      await using fixture = await instrumentClient(client, server);
      const { connection, raw } = fixture;
      const failures = (one: typeof connection) =>
        ["", undefined, "x"].map((subject) => {
          try {
            one.subscribe(subject).unsubscribe();
            return "nothing";
          } catch (error) {
            const { name, message, code } = error as Error & { code?: string };
            return [name, message, code];
          }
        });
      expect(failures(connection)).toEqual(failures(raw));
      const drained = [connection.drain(), raw.drain()];
      expect(failures(connection)).toEqual(failures(raw));
      await Promise.all(drained);
      expect(failures(connection)).toEqual(failures(raw));
    });
  });
});

let server: RunningNatsServer;
beforeAll(async () => {
  server = await runNatsServer();
});
afterAll(() => server.stop());

describeEachClient("a callback", (client) => {
  it("affects the client as without instrumentation when it throws", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection } = fixture;
    const raw = await client.connect({ servers: server.clientUrl });
    const after: number[][] = [];
    const log = console.log;
    const printed: unknown[] = [];
    console.log = (...line: unknown[]) => printed.push(line[0]);
    try {
      for (const one of [connection, raw]) {
        const seen: number[] = [];
        let count = 0;
        one.subscribe("thrown", {
          callback: () => {
            count++;
            seen.push(count);
            if (count === 2) throw new Error("on purpose");
          },
        });
        await one.flush();
        after.push(seen);
      }
      for (let i = 0; i < 4; i++) fixture.raw.publish("thrown", "x");
      await fixture.raw.flush();
      await until("both have stopped", () => (printed.length >= 2 ? true : undefined));
    } finally {
      console.log = log;
    }
    // Both clients stop reading when a callback throws: a mistake that the application has to notice.
    expect(after).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(printed).toEqual(["reader closed", "reader closed"]);
    expect(endedSpans(fixture)).toEqual([
      processSpan("thrown"),
      processSpan("thrown", { more: { "error.type": "Error" }, failed: true }),
    ]);
    expect(fixture.spans.ended.length).toBe(2);
    await raw.close();
  });

  it("leaves the rejection of its promise unhandled, once", async () => {
    for (const tracing of [true, false]) {
      await using fixture = await instrumentClient(client, server, tracing ? {} : { tracer: false });
      const { connection, raw } = fixture;
      const reasons: unknown[] = [];
      const before = process.listeners("unhandledRejection");
      process.removeAllListeners("unhandledRejection");
      process.on("unhandledRejection", (reason) => reasons.push(reason));
      const [ours, theirs] = [new Error("ours"), new Error("theirs")];
      try {
        connection.subscribe("rejected", { callback: () => Promise.reject(ours) });
        raw.subscribe("rejected", { callback: () => Promise.reject(theirs) });
        await Promise.all([connection.flush(), raw.flush()]);
        raw.publish("rejected", "x");
        await until("both", () => (reasons.length >= 2 ? true : undefined));
      } finally {
        process.removeAllListeners("unhandledRejection");
        for (const listener of before) process.on("unhandledRejection", listener);
      }
      expect(new Set(reasons)).toEqual(new Set([ours, theirs]));
      expect(await fixture.samples()).toEqual({
        ...received("rejected", 1, 1),
        'nats_message_processing_errors_total{subject="rejected"}': 1,
        nats_active_subscriptions: 1,
        ...UP,
      });
      expect(endedSpans(fixture)).toEqual(
        tracing ? [processSpan("rejected", { more: { "error.type": "Error" }, failed: true })] : [],
      );
    }
  });

  it("is called with the subscription as this, as by the client", async () => {
    for (const tracer of [undefined, false] as const) {
      await using fixture = await instrumentClient(client, server, tracer === false ? { tracer } : {});
      const { connection, raw } = fixture;
      const selves: unknown[] = [];
      const callback = function (this: unknown) {
        selves.push(this);
      };
      const subscriptions = [connection, raw].map((one) => one.subscribe("self", { callback }));
      await Promise.all([connection.flush(), raw.flush()]);
      raw.publish("self", "x");
      await until("both", () => (selves.length === 2 ? true : undefined));
      expect(new Set(selves)).toEqual(new Set(subscriptions));
    }
  });

  it("replies under the span of the message, wherever it calls respond", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection, raw } = fixture;
    const kept = Promise.withResolvers<{ respond(data: string): boolean }>();
    connection.subscribe("ask", { callback: ((_, message) => kept.resolve(message)) satisfies Callback });
    await connection.flush();
    const reply = raw.request("ask", "?");
    const message = await kept.promise;
    await within(fixture.spans, () => expect(message.respond("!")).toBe(true));
    const answer = await reply;
    expect(answer.string()).toBe("!");
    const [respond] = fixture.spans.named("respond");
    expect(answer.headers.get("traceparent")).toContain(respond?.spanContext().spanId);
    expect(endedSpans(fixture)).toEqual([
      processSpan("ask"),
      {
        name: "respond",
        kind: "PRODUCER",
        attributes: operation("respond", "send", undefined, TO_AN_INBOX),
        parent: "process ask",
      },
      { name: "test", kind: "INTERNAL", attributes: {} },
    ]);
    expect(await fixture.samples()).toEqual({
      ...received("ask", 1, 1),
      ...published("_INBOX", 1, 1),
      nats_active_subscriptions: 1,
      ...UP,
    });
  });

  it("gets false if it responds to a message without a reply subject", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection } = fixture;
    const result = Promise.withResolvers<boolean>();
    connection.subscribe("ask", {
      callback: ((_, message) => result.resolve(message.respond("!"))) satisfies Callback,
    });
    connection.publish("ask", "?");
    expect(await result.promise).toBe(false);
    expect(fixture.spans.named("respond")).toEqual([]);
  });

  it("replies also through an object that inherits from the message", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection, raw } = fixture;
    connection.subscribe("ask", {
      callback: ((_, message) => {
        const own = Object.create(message, { tenant: { value: "a" } });
        expect(own.respond(`${own.string()}!`)).toBe(true);
      }) satisfies Callback,
    });
    await connection.flush();
    expect((await raw.request("ask", "?")).string()).toBe("?!");
    expect(fixture.spans.named("respond")).toHaveLength(1);
    expect(await fixture.samples()).toMatchObject({
      'nats_messages_published_total{subject="_INBOX"}': 1,
    });
  });

  it("is called in the order in which the client received the messages", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection, raw } = fixture;
    const orders = [connection, raw].map((one) => {
      // The server chooses the order in which two subscriptions receive one message.
      const [some, all, looped]: [string[], string[], string[]] = [[], [], []];
      one.subscribe("order.a", { callback: ((_, { data }) => void some.push(`${data}`)) satisfies Callback });
      one.subscribe("order.>", {
        callback: ((_, { subject, data }) => void all.push(`${subject} ${data}`)) satisfies Callback,
      });
      (async () => {
        for await (const message of one.subscribe("order.b")) looped.push(message.string());
      })();
      return [some, all, looped];
    });
    await Promise.all([connection.flush(), raw.flush()]);
    for (let i = 0; i < 50; i++) raw.publish(i % 3 === 0 ? "order.a" : "order.b", String(i));
    const isAll = (lists: readonly string[][]) => lists.flat().length === 100;
    await until("all", () => (orders.every(isAll) ? true : undefined));
    expect(orders[0]).toEqual(orders[1]);
  });
});
