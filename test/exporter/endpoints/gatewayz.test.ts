import { expect, test } from "vitest";
import { gatewayz } from "../../../src/exporter/endpoints/gatewayz.ts";
import { readCollector, type Series, sample } from "../saved-replies.ts";

const of = async (reply: Buffer | object): Promise<Series> =>
  (await readCollector(gatewayz, { "/gatewayz": reply })).series;

test("labels an outbound connection with the remote gateway's name", async () => {
  const series = await of(sample("2.15.1", "n1", "gatewayz"));
  expect([...series]).toEqual([
    ['nats_gateway_outbound_connected{gateway="C2"}', 1],
    ['nats_gateway_outbound_configured{gateway="C2"}', 1],
    ['nats_gateway_outbound_rtt_seconds{gateway="C2"}', 0.00037],
    ['nats_gateway_outbound_pending_bytes{gateway="C2"}', 0],
    ['nats_gateway_outbound_subscriptions{gateway="C2"}', 53],
    ['nats_gateway_outbound_sent_messages_total{gateway="C2"}', 129],
    ['nats_gateway_outbound_sent_bytes_total{gateway="C2"}', 109328],
    ['nats_gateway_outbound_received_messages_total{gateway="C2"}', 0],
    ['nats_gateway_outbound_received_bytes_total{gateway="C2"}', 0],
    ['nats_gateway_outbound_start_timestamp_seconds{gateway="C2"}', 1795406275.421],
    ['nats_gateway_outbound_last_activity_timestamp_seconds{gateway="C2"}', 1795406384.414],
  ]);
});

test.each(["2.9.10", "2.10.27", "2.15.1"])("sums inbound connections of %s by gateway", async (version) => {
  const series = await of(sample(version, "g1", "gatewayz"));
  expect(series.get('nats_gateway_inbound_connections{gateway="C1"}')).toBe(3);
  const reply = JSON.parse(sample(version, "g1", "gatewayz").toString()) as {
    inbound_gateways: { C1: { connection: { in_msgs: number; start: string } }[] };
  };
  const connections = reply.inbound_gateways.C1.map(({ connection }) => connection);
  expect(series.get('nats_gateway_inbound_received_messages{gateway="C1"}')).toBe(
    connections.reduce((sum, { in_msgs }) => sum + in_msgs, 0),
  );
  expect(series.get('nats_gateway_inbound_newest_start_timestamp_seconds{gateway="C1"}')).toBe(
    Math.max(...connections.map(({ start }) => Date.parse(start))) / 1000,
  );
});

test("reads the start time, so that uptimes of more than a day do not matter", async () => {
  const connection = { start: "2024-01-01T00:00:00Z", uptime: "2y3d4h5m6s", rtt: "0s" };
  expect([...(await of({ outbound_gateways: { C2: { configured: false, connection } } }))]).toEqual([
    ['nats_gateway_outbound_connected{gateway="C2"}', 1],
    ['nats_gateway_outbound_configured{gateway="C2"}', 0],
    ['nats_gateway_outbound_start_timestamp_seconds{gateway="C2"}', 1704067200],
  ]);
});

test.each([
  ["null", Buffer.from("null")],
  ["nothing", {}],
  ["a server without gateways", { outbound_gateways: {}, inbound_gateways: {} }],
  [
    "wrong types",
    {
      outbound_gateways: { C2: null, C3: 5, C4: { configured: "yes" } },
      inbound_gateways: { C2: {}, C3: [null, 7, {}], C4: null },
    },
  ],
])("reports nothing for %s", async (_, reply) => {
  expect(await of(reply)).toEqual(new Map());
});

test("counts a connection with fields of wrong types and reports nothing else about it", async () => {
  const connection = { rtt: 5, pending_bytes: "3", in_msgs: {}, start: "yesterday" };
  const reply = { outbound_gateways: { C2: { connection } }, inbound_gateways: { C2: [{ connection }] } };
  expect([...(await of(reply))]).toEqual([
    ['nats_gateway_outbound_connected{gateway="C2"}', 1],
    ['nats_gateway_inbound_connections{gateway="C2"}', 1],
  ]);
});
