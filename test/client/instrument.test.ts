import * as transport from "@nats-io/transport-node";
import * as nats from "nats";
import { register as defaultRegistry, Registry } from "prom-client";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { errorType, outcomeOf } from "../../src/client/errors/failure.ts";
import type { InstrumentOptions } from "../../src/client/options.ts";
import { instrument } from "../../src/client.ts";
import { type RunningNatsServer, runNatsServer } from "../../tools/nats-server/run.ts";
import { describeEachClient, instrumentClient, keepContexts, samplesOf } from "./clients.ts";

keepContexts();

let server: RunningNatsServer;
let guarded: RunningNatsServer;
beforeAll(async () => {
  server = await runNatsServer();
  guarded = await runNatsServer({ config: 'authorization { user: "u", password: "p" }' });
});
afterAll(() => Promise.all([server.stop(), guarded.stop()]));
afterEach(() => defaultRegistry.clear());

describeEachClient("instrument", (client) => {
  it("returns a connection of the same class, and the same wrapper the second time", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection, raw } = fixture;
    expect(Object.getPrototypeOf(connection).constructor).toBe(raw.constructor);
    expect(connection).toBeInstanceOf(raw.constructor);
    expect(instrument(connection)).toBe(connection);
    const other = await client.connect({ servers: server.clientUrl });
    const front = instrument(other, { registry: false, tracer: false });
    expect(instrument(other)).toBe(front);
    expect(front).not.toBe(other);
    await front.close();
    expect(other.isClosed()).toBe(true);
  });

  it("returns a wrapper with every member of the client's connection, bound to it", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection, raw } = fixture;
    const names = (of: object) => Object.getOwnPropertyNames(Object.getPrototypeOf(of)).sort();
    for (const name of names(raw)) {
      expect(typeof connection[name], name).toBe(typeof raw[name]);
    }
    const { publish, flush, rtt, getServer, stats } = connection;
    publish("a", "x");
    await flush();
    expect(await rtt()).toBeGreaterThanOrEqual(0);
    expect(getServer()).toBe(raw.getServer());
    expect(stats().outMsgs).toBe(1);
    expect(connection.flush).toBe(flush);
  });

  it("uses the default registry of prom-client if there is no option", async () => {
    const connection = instrument(await client.connect({ servers: server.clientUrl }), { tracer: false });
    const subject = `default.${client.name.at(-1)}.x`.replace(/\d/, "v$&");
    connection.publish(subject, "x");
    expect(await samplesOf(defaultRegistry)).toMatchObject({
      [`nats_messages_published_total{subject="${subject}"}`]: 1,
    });
    await connection.close();
  });

  it("aggregates two connections of a registry, and forgets a closed one", async () => {
    const registry = new Registry();
    await using first = await instrumentClient(client, server, { registry, tracer: false });
    await using second = await instrumentClient(client, server, { registry, tracer: false });
    for (const { connection } of [first, second]) {
      connection.publish("both", "x");
      connection.subscribe("both");
    }
    expect(await samplesOf(registry)).toMatchObject({
      'nats_messages_published_total{subject="both"}': 2,
      nats_active_subscriptions: 2,
      nats_connection_status: 1,
    });
    await second.connection.close();
    expect(await samplesOf(registry)).toMatchObject({
      nats_active_subscriptions: 1,
      nats_connection_status: 1,
    });
    await first.connection.close();
    expect(await samplesOf(registry)).toEqual({
      'nats_messages_published_total{subject="both"}': 2,
      'nats_published_bytes_total{subject="both"}': 2,
    });
  });

  it("accepts a connection that is already closed", async () => {
    const closed = await client.connect({ servers: server.clientUrl });
    await closed.close();
    const registry = new Registry();
    const connection = instrument(closed, { registry, tracer: false });
    expect(() => connection.publish("a", "x")).toThrow();
    expect(await samplesOf(registry)).toEqual({
      'nats_publish_errors_total{subject="a",error="connection_closed"}': 1,
    });
  });

  it("records nothing for a connection that failed, and names its error", async () => {
    const names: string[] = [];
    for (const options of [
      { servers: "127.0.0.1:1", reconnect: false, timeout: 2000 },
      { servers: guarded.clientUrl, user: "u", pass: "wrong", reconnect: false },
    ]) {
      await client.connect(options).then(
        () => expect.unreachable(),
        (error) => names.push(errorType(error)),
      );
    }
    expect(names).toEqual(["connection_refused", "authorization_violation"]);
    expect(await samplesOf(defaultRegistry)).toEqual({});
  });
});

describe("instrument", () => {
  it("reports all invalid options at once", () => {
    const wrong = {
      registry: {},
      tracer: {},
      subjects: { templates: ["a..b", "a.>.b", 5], limit: 0 },
      boundaries: { seconds: [2, 1], deliveries: [] },
      consumerParent: "child",
      requestSpanKind: "server",
      settleSpans: "some",
      spanSubjects: "hash",
      hooks: { publish: 5 },
    } as unknown as InstrumentOptions;
    let message = "";
    try {
      instrument({}, wrong);
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
      message = (error as Error).message;
    }
    for (const part of [
      "`registry` has no registerMetric()",
      "`tracer` has no startSpan()",
      '`subjects.templates` has "a..b"',
      '"a.>.b"',
      "has 5",
      "`subjects.limit` is 0",
      "`boundaries.seconds`",
      "`boundaries.deliveries`",
      '`consumerParent` is "child": expected parent or link',
      "`requestSpanKind`",
      "`settleSpans`",
      "`spanSubjects`",
      "`hooks.publish` is 5: expected a function",
    ]) {
      expect(message).toContain(part);
    }
  });

  it("refuses anything that is not a connection", () => {
    for (const what of [{}, null, undefined, 5, { publish() {} }]) {
      expect(() => instrument(what as object, { registry: false })).toThrow(/expected a connection/);
    }
  });
});

describe("the type of an error", () => {
  const named = (name: string, more: object = {}) => Object.assign(new Error("x"), { name, ...more });

  it("is one word for both generations", () => {
    const types: [unknown, string][] = [
      [nats.NatsError.errorForCode(nats.ErrorCode.Timeout), "timeout"],
      [nats.NatsError.errorForCode(nats.ErrorCode.NoResponders), "no_responders"],
      [nats.NatsError.errorForCode(nats.ErrorCode.ConnectionClosed), "connection_closed"],
      [nats.NatsError.errorForCode(nats.ErrorCode.ConnectionDraining), "connection_draining"],
      [nats.NatsError.errorForCode(nats.ErrorCode.Disconnect), "disconnected"],
      [nats.NatsError.errorForCode(nats.ErrorCode.ProtocolError), "protocol_error"],
      [new transport.errors.TimeoutError(), "timeout"],
      [new transport.errors.NoRespondersError("s"), "no_responders"],
      [
        new transport.errors.RequestError("x", { cause: new transport.errors.NoRespondersError("s") }),
        "no_responders",
      ],
      [new transport.errors.RequestError("connection closed"), "connection_closed"],
      [new transport.errors.RequestError("connection disconnected"), "disconnected"],
      [new transport.errors.RequestError("something else"), "request_error"],
      [new transport.errors.ClosedConnectionError(), "connection_closed"],
      [new transport.errors.ProtocolError("x"), "protocol_error"],
      [named("JetStreamApiError", { code: 10071 }), "jetstream_10071"],
      [Object.assign(new Error("x"), { api_error: { err_code: 10059 } }), "jetstream_10059"],
      [new RangeError("mine"), "RangeError"],
      ["a string", "error"],
      [undefined, "error"],
      [{ code: "whatever" }, "error"],
      [Object.create(null), "error"],
    ];
    expect(types.map(([error]) => errorType(error))).toEqual(types.map(([, type]) => type));
  });

  it(`is "error" for an object whose members throw`, () => {
    const hostile = new Proxy(
      {},
      {
        get() {
          throw new Error("on purpose");
        },
      },
    );
    expect(errorType(hostile)).toBe("error");
    const circular = named("RequestError") as Error;
    circular.cause = circular;
    expect(errorType(circular)).toBe("request_error");
  });

  it("determines the outcome of a request", () => {
    expect(outcomeOf(new transport.errors.TimeoutError())).toBe("timeout");
    expect(outcomeOf(nats.NatsError.errorForCode(nats.ErrorCode.NoResponders))).toBe("no_responders");
    expect(outcomeOf(new Error("mine"))).toBe("error");
  });
});
