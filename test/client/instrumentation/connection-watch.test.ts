import { createServer } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { describeEachServer } from "../../outside-programs.ts";
import { until } from "../../rig/until.ts";
import { describeEachClient, type InstrumentedFixture, instrumentClient, keepContexts } from "../clients.ts";

keepContexts();

const UP = { nats_connection_status: 1 };

/** The result of a call, in a form that can be compared. */
const endOf = async (run: () => unknown) => {
  try {
    return ["resolved", await run()];
  } catch (error) {
    const { name, message, code, constructor: made } = error as Error & { code?: unknown };
    return [made, name, message, code];
  }
};

let server: RunningNatsServer;
beforeAll(async () => {
  server = await runNatsServer();
});
afterAll(() => server.stop());

/** These would end the drain, or wait for it; and `info` tells the two connections apart. */
const NOT_WHILE_DRAINING = ["close", "closed", "flush", "info", "reconnect", "rtt"];

describeEachClient("a connection that is closed or drained", (client) => {
  const actions: [string, (connection: InstrumentedFixture["raw"]) => unknown][] = [
    ["publish", (one) => one.publish("a", "x")],
    ["publishMessage", (one) => one.publishMessage({ subject: "a", data: new Uint8Array() })],
    ["respondMessage", (one) => one.respondMessage({ subject: "a", reply: "b", data: new Uint8Array() })],
    ["subscribe", (one) => one.subscribe("a").getSubject()],
    ["request", (one) => one.request("a", "x", { timeout: 50 })],
    ["requestMany", (one) => one.requestMany("a", "x", { maxWait: 50 }).then(() => "asked")],
    ["flush", (one) => one.flush()],
    ["drain", (one) => one.drain()],
    ["close", (one) => one.close()],
    ["reconnect", (one) => one.reconnect()],
    ["rtt", (one) => one.rtt().then(() => "measured")],
    ["isClosed", (one) => one.isClosed()],
    ["isDraining", (one) => one.isDraining()],
    ["info", (one) => one.info],
    ["closed", (one) => one.closed()],
  ];

  for (const state of ["closed", "drained", "draining"] as const) {
    it(`behaves like the client's own when ${state}`, async () => {
      await using fixture = await instrumentClient(client, server);
      const { connection, raw } = fixture;
      const ends = await Promise.all(
        [connection, raw].map(async (one) => {
          const ended = state === "closed" ? one.close() : one.drain();
          if (state !== "draining") await ended;
          // All in one turn of the event loop: a moment later the drain has ended.
          const asked = actions
            .filter(([name]) => state !== "draining" || !NOT_WHILE_DRAINING.includes(name))
            .map(([name, act]) => [name, endOf(() => act(one))] as const);
          const found = [];
          for (const [name, end] of asked) found.push([name, await end]);
          await ended;
          return found;
        }),
      );
      expect(ends[0]).toEqual(ends[1]);
    });
  }

  it("is closed in the same turn as the client's own", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection, raw } = fixture;
    const states = [connection, raw].map((one) => {
      const closing = one.close();
      return [one.isClosed(), closing];
    });
    expect(states[0]?.[0]).toBe(states[1]?.[0]);
    await Promise.all(states.map(([, closing]) => closing));
  });

  it("has no gauges, and keeps its counters", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection } = fixture;
    connection.subscribe("a", { callback() {} });
    connection.subscribe("b");
    connection.publish("a", "x");
    await connection.flush();
    expect(await fixture.samples()).toMatchObject({ nats_active_subscriptions: 2, ...UP });
    await connection.close();
    expect(Object.keys(await fixture.samples())).toEqual([
      'nats_messages_published_total{subject="a"}',
      'nats_published_bytes_total{subject="a"}',
      'nats_messages_received_total{subject="a"}',
      'nats_received_bytes_total{subject="a"}',
      'nats_message_processing_seconds_count{subject="a"}',
    ]);
  });

  it("drains the messages that it holds first", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection, raw } = fixture;
    const seen: string[] = [];
    const loop = (async () => {
      for await (const message of connection.subscribe("drained")) seen.push(message.string());
    })();
    await connection.flush();
    for (let i = 0; i < 100; i++) raw.publish("drained", String(i));
    await raw.flush();
    await connection.drain();
    await loop;
    expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => String(i)));
    expect(fixture.spans.named("process drained").length).toBe(100);
  });
});

describeEachServer("a connection's life", ({ version }) => {
  const flaky = { reconnectTimeWait: 20, maxReconnectAttempts: -1 };
  describeEachClient("of a client", (client) => {
    it("counts each outage once, and dropped messages exactly", async () => {
      await using own = await runNatsServer({ version });
      await using fixture = await instrumentClient(client, own, { connect: flaky, tracer: false });
      const { connection } = fixture;
      let [sent, arrived] = [0, 0];
      // From itself: it must be connected to receive.
      connection.subscribe("flow", { callback: () => void arrived++ });
      const publish = () => {
        connection.publish("flow", "x");
        sent++;
      };
      for (let i = 0; i < 10; i++) publish();
      await connection.flush();
      await until("the first", () => (arrived === 10 ? true : undefined));
      for (let outage = 1; outage <= 2; outage++) {
        await own.stop();
        await until("the outage", async () =>
          (await fixture.samples()).nats_connection_status === undefined ? true : undefined,
        );
        // Through several attempts to connect, each of which drops the buffered messages.
        for (let i = 0; i < 30; i++) {
          publish();
          await new Promise((resolve) => setTimeout(resolve, 3));
        }
        await own.restart();
        await until("the connection", async () => {
          publish();
          return (await fixture.samples()).nats_connection_status;
        });
        await connection.flush();
      }
      const samples = await fixture.samples();
      expect(samples).toMatchObject({
        nats_disconnects_total: 2,
        nats_reconnects_total: 2,
        nats_connection_status: 1,
        'nats_messages_published_total{subject="flow"}': sent,
        'nats_messages_received_total{subject="flow"}': arrived,
      });
      expect(samples.nats_messages_dropped_total).toBe(sent - arrived);
      expect(samples.nats_messages_dropped_total).toBeGreaterThanOrEqual(60);
      expect(samples.nats_messages_published_disconnected_total).toBeGreaterThanOrEqual(
        samples.nats_messages_dropped_total as number,
      );
    });

    it("counts buffered messages as dropped if it closes while disconnected", async () => {
      await using own = await runNatsServer({ version });
      await using fixture = await instrumentClient(client, own, {
        connect: { ...flaky, reconnectTimeWait: 60_000 },
      });
      const { connection } = fixture;
      await own.stop();
      await until("the outage", () => (connection.protocol.connected ? undefined : true));
      for (let i = 0; i < 5; i++) connection.publish("lost", "x");
      await connection.close();
      expect(await fixture.samples()).toEqual({
        'nats_messages_published_total{subject="lost"}': 5,
        'nats_published_bytes_total{subject="lost"}': 5,
        nats_messages_published_disconnected_total: 5,
        nats_messages_dropped_total: 5,
        nats_disconnects_total: 1,
      });
    });

    it("is not connected after the client has given up, and counts buffered messages as dropped", async () => {
      await using own = await runNatsServer({ version });
      await using fixture = await instrumentClient(client, own, { connect: { reconnect: false } });
      const { connection } = fixture;
      await own.stop();
      await connection.closed();
      const samples = await fixture.samples();
      expect(samples).toEqual({ nats_disconnects_total: 1 });
    });

    it("sets the client id of the new connection on spans after a reconnect", async () => {
      await using own = await runNatsServer({ version });
      await using fixture = await instrumentClient(client, own, { connect: flaky });
      const { connection } = fixture;
      connection.publish("a", "x");
      const [first] = fixture.spans.ended;
      await own.restart();
      await until("the connection", async () => (await fixture.samples()).nats_reconnects_total);
      await connection.flush();
      connection.publish("a", "x");
      const [, second] = fixture.spans.ended;
      expect(first?.attributes["server.port"]).toBe(second?.attributes["server.port"]);
      expect(second?.attributes["messaging.client.id"]).toBe(String(connection.info.client_id));
    });

    it("delays no scrape for long if the server is frozen", async () => {
      await using own = await runNatsServer({ version });
      await using fixture = await instrumentClient(client, own);
      const [name] =
        (await fixture.registry.metrics()).match(/^nats_connection_round_trip_seconds \S+/m) ?? [];
      expect(Number(name?.split(" ")[1])).toBeGreaterThan(0);
      process.kill(own.pid, "SIGSTOP");
      try {
        // A process stops some time after the signal.
        const text = await until("a scrape without an answer", async () => {
          const scraped = await fixture.registry.metrics();
          return /^nats_connection_round_trip_seconds \S+/m.test(scraped) ? undefined : scraped;
        });
        expect(text).toMatch(/^nats_connection_status 1$/m);
      } finally {
        process.kill(own.pid, "SIGCONT");
      }
      expect(await fixture.registry.metrics()).toMatch(/^nats_connection_round_trip_seconds \S+/m);
    });
  });
});

describeEachClient("a connection's status events", (client) => {
  it("reach the application's own listeners as without instrumentation", async () => {
    await using own = await runNatsServer();
    const connect = { reconnectTimeWait: 20, maxReconnectAttempts: -1 };
    await using fixture = await instrumentClient(client, own, { connect });
    const raw = await client.connect({ servers: own.clientUrl, ...connect });
    const events = [fixture.connection, raw].map((one) => {
      const types: string[] = [];
      (async () => {
        for await (const { type } of one.status()) types.push(type);
      })();
      return types;
    });
    await own.restart();
    await until("both", () => (events.every((types) => types.includes("reconnect")) ? true : undefined));
    // The number of attempts depends on time.
    const kinds = events.map((types) => [...new Set(types)].sort());
    expect(kinds[0]).toEqual(kinds[1]);
    await raw.close();
  });

  it("do not affect the count of publishes if they are late", async () => {
    await using fixture = await instrumentClient(client, server, { tracer: false });
    const { connection } = fixture;
    // As in the moment between the reconnect and its status event.
    connection.protocol.dispatchStatus({ type: "disconnect" });
    connection.publish("a", "x");
    expect(await fixture.samples()).toEqual({
      'nats_messages_published_total{subject="a"}': 1,
      'nats_published_bytes_total{subject="a"}': 1,
      nats_disconnects_total: 1,
    });
  });

  it("count one outage with a server that closes every connection", async () => {
    // The client waits this long for a reply, also from a server that has closed the connection.
    const connect = { reconnectTimeWait: 20, maxReconnectAttempts: -1, timeout: 200 };
    await using own = await runNatsServer();
    await using fixture = await instrumentClient(client, own, { connect });
    const { connection } = fixture;
    await own.stop();
    let attempts = 0;
    // Sends INFO as a server does, and closes the connection after CONNECT: each time a disconnect for the
    // client.
    const closing = createServer((socket) => {
      socket.on("error", () => {});
      socket.write('INFO {"server_id":"R","version":"2.10.0","max_payload":1024,"headers":true}\r\n');
      socket.once("data", () => {
        attempts++;
        socket.destroy();
      });
    });
    closing.listen(Number(new URL(own.clientUrl).port), "127.0.0.1");
    await until("some attempts", () => (attempts >= 3 ? true : undefined));
    await new Promise((resolve) => closing.close(resolve));
    await own.restart();
    await until("the connection", async () => (await fixture.samples()).nats_connection_status);
    await connection.flush();
    expect(await fixture.samples()).toEqual({
      nats_disconnects_total: 1,
      nats_reconnects_total: 1,
      ...UP,
    });
  });

  it.skipIf(client.name === "nats 2")("count slow consumers by the subject of the subscription", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection, raw } = fixture;
    const subscription = connection.subscribe("slow.*", { slow: 3 });
    await connection.flush();
    for (let i = 0; i < 10; i++) raw.publish(`slow.${i}`, "x");
    await until("the messages", () => (subscription.getReceived() === 10 ? true : undefined));
    expect(await fixture.samples()).toMatchObject({
      'nats_slow_consumers_total{subject="slow.*"}': 1,
      'nats_subscription_pending_messages{subject="slow.*"}': 10,
    });
  });

  it("count a requested reconnect as one outage", async () => {
    await using fixture = await instrumentClient(client, server, { connect: { reconnectTimeWait: 20 } });
    const { connection } = fixture;
    await connection.flush();
    await connection.reconnect();
    await until("the connection", async () => (await fixture.samples()).nats_reconnects_total);
    expect(await fixture.samples()).toEqual({ nats_disconnects_total: 1, nats_reconnects_total: 1, ...UP });
  });
});
