import { expect, test } from "vitest";
import { EVERYTHING, type Selection } from "../../../src/exporter/collect/selection.ts";
import { healthz } from "../../../src/exporter/endpoints/healthz.ts";
import { CollectionFailure } from "../../../src/exporter/sources/monitoring-port/failure.ts";
import { readCollector, sample, seriesKey } from "../saved-replies.ts";

const PATH = "/healthz?details=true";
const WITH_JETSTREAM = { jetstream: { config: {} } };

async function read(
  answer: Buffer | object | string,
  varz: Buffer | object | undefined = WITH_JETSTREAM,
  selection: Selection = EVERYTHING,
): Promise<Record<string, number>> {
  const replies = { [PATH]: answer, ...(varz && { "/varz": varz }) };
  return Object.fromEntries((await readCollector(healthz, replies, { selection })).series);
}

const check = (level: string): string => seriesKey("nats_health_check_ok", { check: level });
const failing = (type: string): string => seriesKey("nats_health_failing_assets", { type });
const NONE_FAILING = { [failing("account")]: 0, [failing("stream")]: 0, [failing("consumer")]: 0 };

test.each(["2.9.10", "2.10.27", "2.15.1"])(
  "reports a healthy server with JetStream, of %s",
  async (version) => {
    const answer = sample(version, "n1", "healthz_details");
    expect(await read(answer, sample(version, "n1", "varz"))).toEqual({
      "nats_healthy{}": 1,
      [check("server")]: 1,
      [check("jetstream")]: 1,
      [check("assets")]: 1,
      ...NONE_FAILING,
    });
  },
);

test("does not report JetStream as healthy on a server without it", async () => {
  const answer = sample("2.9.10", "n1", "healthz_details");
  const serverAlone = { "nats_healthy{}": 1, [check("server")]: 1 };
  expect(await read(answer, sample("2.9.10", "plain", "varz"))).toEqual(serverAlone);
  expect(await read(answer, sample("2.15.1", "plain", "varz"))).toEqual(serverAlone);
  const { series } = await readCollector(healthz, { [PATH]: answer }); // Without /varz it is unknown whether the server has JetStream.
  expect(Object.fromEntries(series)).toEqual(serverAlone);
});

test("names a consumer that is not current, without the error text", async () => {
  const exposed = await read(sample("2.15.1", "n1", "healthz_stream"));
  expect(exposed).toEqual({
    "nats_healthy{}": 0,
    [check("server")]: 1,
    [check("jetstream")]: 1,
    [check("assets")]: 0,
    ...NONE_FAILING,
    [failing("consumer")]: 1,
    'nats_health_asset_failing{type="consumer",account="APP",stream="ORDERS",consumer="eph1"}': 1,
  });
});

test("names a stream that is not recovered", async () => {
  const exposed = await read(sample("2.10.27", "n2", "healthz_missing_stream"));
  expect(exposed[failing("stream")]).toBe(1);
  expect(exposed['nats_health_asset_failing{type="stream",account="APP",stream="NOPE",consumer=""}']).toBe(1);
});

test("counts assets that are not selected without naming them", async () => {
  const consumers = { include: [], exclude: [/^eph/] };
  const exposed = await read(sample("2.15.1", "n1", "healthz_stream"), WITH_JETSTREAM, {
    ...EVERYTHING,
    consumers,
  });
  expect(exposed[failing("consumer")]).toBe(1);
  expect(Object.keys(exposed).filter((key) => key.startsWith("nats_health_asset_failing"))).toEqual([]);
});

test("reports no check after one that failed", async () => {
  // The reply of a 2.15.2 after its meta group lost the quorum.
  const error = "JetStream has not established contact with a meta leader";
  expect(await read({ status: "error", errors: [{ type: "JETSTREAM", error }] })).toEqual({
    "nats_healthy{}": 0,
    [check("server")]: 1,
    [check("jetstream")]: 0,
  });
  const notReady = [{ type: "CONNECTION", error: "not ready for connections" }];
  expect(await read({ status: "error", errors: notReady })).toEqual({
    "nats_healthy{}": 0,
    [check("server")]: 0,
  });
});

test("reports only the level of a fault on 2.9", async () => {
  const stream = { status: "unavailable", error: "JetStream stream 'APP > ORDERS' is not current" };
  expect(await read(stream)).toEqual({ "nats_healthy{}": 0, [check("server")]: 1 });
  const server = { status: "error", error: "not ready for connections" };
  expect(await read(server)).toEqual({ "nats_healthy{}": 0, [check("server")]: 0 });
});

test("uses the valid part of a malformed reply", async () => {
  const errors = [
    null,
    7,
    { type: 3 },
    { type: "NOVEL", stream: "S" },
    { type: "STREAM", account: 7, stream: {} },
    { type: "STREAM" },
  ];
  expect(await read({ status: "error", errors })).toEqual({
    "nats_healthy{}": 0,
    [check("server")]: 1,
    [check("jetstream")]: 1,
    [check("assets")]: 0,
    ...NONE_FAILING,
    [failing("stream")]: 2,
    'nats_health_asset_failing{type="stream",account="",stream="",consumer=""}': 1,
  });
  expect(await read({ status: "degraded" })).toEqual({ "nats_healthy{}": 0 });
  expect(await read({ status: "error", errors: [{ type: "NOVEL" }] })).toEqual({ "nats_healthy{}": 0 });
  for (const reply of ["{}", "[]", "null", '{"status":1}']) {
    await expect(read(reply), reply).rejects.toThrow(CollectionFailure);
  }
});
