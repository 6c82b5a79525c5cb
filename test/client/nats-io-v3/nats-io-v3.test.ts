import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { Objm } from "@nats-io/obj";
import { Svcm } from "@nats-io/services";
import type { NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { instrument } from "../../../src/client/instrument.ts";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import {
  CLIENTS,
  type ClientGeneration,
  type InstrumentedFixture,
  instrumentClient,
  keepContexts,
} from "../clients.ts";

keepContexts();
const v3 = CLIENTS.find(({ name }) => name === "@nats-io 3") as ClientGeneration;

let server: RunningNatsServer;
beforeAll(async () => {
  server = await runNatsServer();
});
afterAll(() => server.stop());

/** Subjects that the packages themselves use. */
const OWN_SUBJECTS = /\$JS|\$SRV|_INBOX/;

async function expectNoNoise(fixture: InstrumentedFixture): Promise<void> {
  expect(Object.keys(await fixture.samples()).filter((name) => OWN_SUBJECTS.test(name))).toEqual([]);
  expect(fixture.spans.ended.map(({ name }) => name).filter((name) => OWN_SUBJECTS.test(name))).toEqual([]);
}

describe("API objects of an instrumented @nats-io 3 connection", () => {
  it("are instrumented: a JetStream client, its consumers, and those of its streams", async () => {
    await using fixture = await instrumentClient(v3, server);
    const connection = fixture.connection as NatsConnection;
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: "ORDERS", subjects: ["orders.>"] });
    await manager.consumers.add("ORDERS", { durable_name: "billing", ack_policy: "explicit" });
    const client = jetstream(connection);
    await client.publish("orders.new", "1");
    await client.publish("orders.new", "2");
    const first = await (await client.consumers.get("ORDERS", "billing")).next();
    await first?.ackAck();
    const stream = await client.streams.get("ORDERS");
    const second = await (await stream.getConsumer("billing")).next();
    await second?.ackAck();
    expect([first?.string(), second?.string()]).toEqual(["1", "2"]);
    expect(await fixture.samples()).toMatchObject({
      'nats_messages_published_total{subject="orders.new"}': 2,
      'nats_jetstream_publish_ack_seconds_count{subject="orders.new",outcome="ok"}': 2,
      'nats_jetstream_acks_total{stream="ORDERS",consumer="billing",ack="ack"}': 2,
    });
    await expectNoNoise(fixture);
    await manager.streams.delete("ORDERS");
  });

  it.each<[string, (connection: NatsConnection) => Kvm]>([
    ["the connection", (connection) => new Kvm(connection)],
    ["a client of it", (connection) => new Kvm(jetstream(connection))],
    ["an instrumented client of it", (connection) => new Kvm(instrument(jetstream(connection)))],
  ])("are instrumented: key-value buckets of %s", async (_, make) => {
    await using fixture = await instrumentClient(v3, server);
    const bucket = await make(fixture.connection).create("values");
    await bucket.put("key", "value");
    expect((await bucket.get("key"))?.string()).toBe("value");
    const samples = await fixture.samples();
    expect(samples).toMatchObject({
      'nats_kv_operation_seconds_count{bucket="values",operation="put",outcome="ok"}': 1,
      'nats_kv_operation_seconds_count{bucket="values",operation="get",outcome="ok"}': 1,
    });
    expect(Object.keys(samples).filter((name) => name.startsWith("nats_jetstream"))).toEqual([]);
    await expectNoNoise(fixture);
    await bucket.destroy();
  });

  it("are instrumented: object stores", async () => {
    await using fixture = await instrumentClient(v3, server);
    const store = await new Objm(fixture.connection as NatsConnection).create("files");
    await store.putBlob({ name: "a" }, new TextEncoder().encode("abc"));
    expect(await fixture.samples()).toMatchObject({
      'nats_object_operation_seconds_count{bucket="files",operation="put",outcome="ok"}': 1,
    });
    await expectNoNoise(fixture);
    await store.destroy();
  });

  it("are instrumented: services, but not the discovery client", async () => {
    await using fixture = await instrumentClient(v3, server);
    const services = new Svcm(fixture.connection);
    const service = await services.add({ name: "calc", version: "1.0.0" });
    service.addEndpoint("one", (_error, message) => void message.respond("1"));
    await fixture.connection.flush();
    await fixture.raw.request("one", "", { timeout: 5000 });
    const pongs: string[] = [];
    for await (const pong of await services.client({ strategy: "timer", maxWait: 200 }).ping()) {
      pongs.push(pong.name);
    }
    expect(pongs).toEqual(["calc"]);
    expect(await fixture.samples()).toMatchObject({
      'nats_service_request_seconds_count{service="calc",endpoint="one",outcome="ok"}': 1,
    });
    expect(Object.keys(await fixture.samples()).filter((name) => /\$SRV|nats_request_/.test(name))).toEqual(
      [],
    );
  });

  it("keep their class, connection and errors", async () => {
    await using fixture = await instrumentClient(v3, server);
    const connection = fixture.connection as NatsConnection;
    const client = jetstream(connection, { apiPrefix: "$JS.API", timeout: 1234 });
    expect(client.getOptions()).toMatchObject({ apiPrefix: "$JS.API", timeout: 1234 });
    expect((client as unknown as { nc: unknown }).nc).toBe(connection);
    await expect(client.publish("stored.nowhere")).rejects.toMatchObject({ name: "JetStreamNotEnabled" });
    await expect(client.consumers.get("NONE", "none")).rejects.toMatchObject({ name: "StreamNotFoundError" });
    expect(await fixture.samples()).toMatchObject({
      'nats_publish_errors_total{subject="stored.nowhere",error="no_responders"}': 1,
    });
    await expectNoNoise(fixture);
  });
});

describe("API objects of a connection that is not instrumented", () => {
  it("are unchanged", async () => {
    await using fixture = await instrumentClient(v3, server);
    const raw = fixture.raw as NatsConnection;
    const manager = await jetstreamManager(raw);
    await manager.streams.add({ name: "PLAIN", subjects: ["plain"] });
    await jetstream(raw).publish("plain");
    const bucket = await new Kvm(raw).create("plain");
    await bucket.put("a", "b");
    await bucket.destroy();
    await manager.streams.delete("PLAIN");
    expect(await fixture.samples()).toEqual({ nats_connection_status: 1 });
    expect(fixture.spans.ended).toEqual([]);
  });

  it("are instrumented if passed to instrument", async () => {
    await using fixture = await instrumentClient(v3, server);
    const { registry, spans } = fixture;
    const raw = fixture.raw as NatsConnection;
    const options = { registry, tracer: spans.tracer };
    await (await jetstreamManager(raw)).streams.add({ name: "GIVEN", subjects: ["given"] });
    const client = instrument(jetstream(raw), options);
    expect(instrument(client, options)).toBe(client);
    await client.publish("given");
    const bucket = await instrument(new Kvm(raw), options).create("given");
    await bucket.put("a", "b");
    const store = await instrument(new Objm(raw), options).create("given");
    await store.putBlob({ name: "a" }, new Uint8Array(3));
    const service = await instrument(new Svcm(raw as never), options).add({
      name: "given",
      version: "1.0.0",
    });
    service.addEndpoint("asked", (_error, message) => void message.respond());
    await raw.request("asked", "", { timeout: 5000 });
    expect(await fixture.samples()).toMatchObject({
      'nats_jetstream_publish_ack_seconds_count{subject="given",outcome="ok"}': 1,
      'nats_kv_operation_seconds_count{bucket="given",operation="put",outcome="ok"}': 1,
      'nats_object_operation_seconds_count{bucket="given",operation="put",outcome="ok"}': 1,
      'nats_service_request_seconds_count{service="given",endpoint="asked",outcome="ok"}': 1,
    });
    await bucket.destroy();
    await store.destroy();
    await (await instrument(await jetstreamManager(raw), options)).streams.delete("GIVEN");
  });
});

it("instrument lists what it accepts", () => {
  expect(() => instrument({})).toThrow(/expected a connection/);
  const nothing = () => {};
  expect(() => instrument({ add: nothing, client: nothing, nc: {} })).toThrow(/expected a connection/);
});
