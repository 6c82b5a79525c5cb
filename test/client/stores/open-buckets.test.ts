import { jetstream } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { Objm } from "@nats-io/obj";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { CLIENTS, describeEachClient, instrumentClient } from "../clients.ts";
import { failureOf } from "../failures.ts";

let server: RunningNatsServer;
beforeAll(async () => {
  server = await runNatsServer();
});
afterAll(() => server.stop());

describeEachClient("opening a bucket", (client) => {
  it("records nothing for the opening itself", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection } = fixture;
    const kv = await client.keyValue(connection, "opened");
    const store = await client.objectStore(connection, "opened");
    expect((await kv.status()).bucket).toBe("opened");
    expect((await store.status()).bucket).toBe("opened");
    expect(await fixture.samples()).toEqual({ nats_connection_status: 1 });
    expect(fixture.spans.ended).toEqual([]);
  });

  it("instruments a bucket that is only bound", async () => {
    await using fixture = await instrumentClient(client, server);
    await client.keyValue(fixture.raw, "bound");
    const kv = await client.keyValue(fixture.connection, "bound", { bindOnly: true });
    await kv.put("k", "1");
    expect(fixture.spans.ended.map(({ name }) => name)).toEqual(["put KV_bound"]);
  });

  it("fails like the client's", async () => {
    await using fixture = await instrumentClient(client, server);
    const failures = [fixture.connection, fixture.raw].map((connection) =>
      failureOf(() => client.keyValue(connection, "not a bucket")),
    );
    const [own, raw] = await Promise.all(failures);
    expect(String(own)).toBe(String(raw));
    expect(fixture.spans.ended).toEqual([]);
  });
});

it("@nats-io bucket managers of a connection or a JetStream client open instrumented buckets", async () => {
  const [, modern] = CLIENTS;
  if (!modern) throw new Error("there is one generation only");
  await using fixture = await instrumentClient(modern, server);
  const { connection } = fixture;
  for (const of of [connection, jetstream(connection)]) {
    await (await new Kvm(of).create("managed")).put("k", "1");
    await (await new Kvm(of).open("managed")).get("k");
    await (await new Objm(of).create("managed")).putBlob({ name: "a" }, new Uint8Array(1));
    await (await new Objm(of).open("managed")).getBlob("a");
  }
  const once = ["put KV_managed", "get KV_managed", "put OBJ_managed", "get OBJ_managed"];
  expect(fixture.spans.ended.map(({ name }) => name)).toEqual([...once, ...once]);
  const buckets: string[] = [];
  for await (const { bucket } of new Kvm(connection).list()) buckets.push(bucket);
  expect(buckets).toContain("managed");
  expect(Object.keys(await fixture.samples()).filter((name) => !/^nats_(kv|object)_/.test(name))).toEqual([
    "nats_connection_status",
  ]);
});
