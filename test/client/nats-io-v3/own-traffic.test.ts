import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { instrument } from "../../../src/client/instrument.ts";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { CLIENTS, type ClientGeneration, instrumentClient, keepContexts } from "../clients.ts";

keepContexts();
const modern = CLIENTS.find(({ name }) => name === "@nats-io 3") as ClientGeneration;
const require = createRequire(import.meta.url);

/** A copy of @nats-io/jetstream that cannot be recognised, as in a bundled application. */
let bundled: typeof import("@nats-io/jetstream");
let folder: string;
let server: RunningNatsServer;

beforeAll(async () => {
  server = await runNatsServer();
  folder = mkdtempSync(join(tmpdir(), "natscope-bundled-"));
  symlinkSync(fileURLToPath(new URL("../../../node_modules", import.meta.url)), join(folder, "node_modules"));
  cpSync(dirname(require.resolve("@nats-io/jetstream")), join(folder, "bundle"), { recursive: true });
  bundled = require(join(folder, "bundle", "mod.js"));
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

it("requests of a bundled JetStream client to the server are neither counted nor traced", async () => {
  await using fixture = await instrumentClient(modern, server);
  const { connection } = fixture;
  const manager = await bundled.jetstreamManager(connection);
  await manager.streams.add({ name: "BUNDLED", subjects: ["bundled"] });
  await manager.consumers.add("BUNDLED", { durable_name: "one", ack_policy: bundled.AckPolicy.Explicit });
  await fixture.raw.request("bundled", "1", { timeout: 5000 });
  const message = await (await bundled.jetstream(connection).consumers.get("BUNDLED", "one")).next();
  expect(await message?.ackAck()).toBe(true);
  expect(await fixture.samples()).toEqual({ nats_connection_status: 1 });
  expect(fixture.spans.ended).toEqual([]);
  await manager.streams.delete("BUNDLED");
});

it("a bundled JetStream client is instrumented if passed to instrument", async () => {
  await using fixture = await instrumentClient(modern, server);
  const { connection } = fixture;
  const manager = await bundled.jetstreamManager(connection);
  await manager.streams.add({ name: "BUNDLED", subjects: ["bundled"] });
  const client = instrument(bundled.jetstream(connection));
  await client.publish("bundled", "1");
  const message = await (await client.consumers.get("BUNDLED")).next();
  expect(message?.string()).toBe("1");
  expect(await fixture.samples()).toMatchObject({
    'nats_jetstream_publish_ack_seconds_count{subject="bundled",outcome="ok"}': 1,
    'nats_messages_received_total{subject="bundled"}': 1,
  });
  expect(Object.keys(await fixture.samples()).filter((name) => /\$JS|_INBOX/.test(name))).toEqual([]);
  await manager.streams.delete("BUNDLED");
});

it("an application's own inboxes and advisories are recorded", async () => {
  await using fixture = await instrumentClient(modern, server);
  const { connection, raw } = fixture;
  connection.subscribe("_INBOX.mine", { callback: () => {} });
  connection.subscribe("$JS.EVENT.ADVISORY.>", { callback: () => {} });
  await connection.flush();
  raw.publish("_INBOX.mine", "x");
  raw.publish("$JS.EVENT.ADVISORY.TEST", "x");
  await raw.flush();
  await connection.flush();
  expect(await fixture.samples()).toMatchObject({
    nats_active_subscriptions: 2,
    'nats_messages_received_total{subject="_INBOX"}': 1,
    'nats_messages_received_total{subject="$JS"}': 1,
  });
});
