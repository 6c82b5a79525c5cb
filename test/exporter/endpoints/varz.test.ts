import { describe, expect, test } from "vitest";
import { varz } from "../../../src/exporter/endpoints/varz/varz.ts";
import { readCollector, type Series, sample } from "../saved-replies.ts";

const of = async (reply: Buffer | object): Promise<Series> =>
  (await readCollector(varz, { "/varz": reply })).series;

/** Series from a reply, with no other fact known about the server. */
async function exposed(reply: object): Promise<Series> {
  const series = new Map(await of({ server_id: "N", ...reply }));
  for (const key of series.keys()) if (key.startsWith("nats_server_info{")) series.delete(key);
  return series;
}

describe("the varz collector", () => {
  test("exposes the server's counters", async () => {
    const series = await of(sample("2.15.1", "n1", "varz"));
    expect(series.get("nats_server_received_messages_total{}")).toBe(5112);
    expect(series.get("nats_server_sent_bytes_total{}")).toBe(1465576);
    expect(series.get("nats_server_client_received_messages_total{}")).toBe(404);
    expect(series.get("nats_server_accepted_connections_total{}")).toBe(7);
    expect(series.get('nats_server_slow_consumers_by_kind_total{kind="leaf"}')).toBe(0);
    expect(series.get('nats_server_monitoring_requests_total{path="/healthz"}')).toBe(1);
  });

  test("converts to base units", async () => {
    const series = await of(sample("2.15.1", "n1", "varz"));
    expect(series.get("nats_server_cpu_ratio{}")).toBe(0.02);
    expect(series.get("nats_server_ping_interval_seconds{}")).toBe(120);
    expect(series.get("nats_server_write_deadline_seconds{}")).toBe(10);
    expect(series.get("nats_jetstream_sync_interval_seconds{}")).toBe(120);
    expect(series.get('nats_server_listener_authentication_timeout_seconds{listener="cluster"}')).toBe(2);
    expect(series.get("nats_server_start_timestamp_seconds{}")).toBe(1795406274.388);
    expect(series.get("nats_server_clock_timestamp_seconds{}")).toBe(1795406386.67);
    const waited = await exposed({
      disk_io_wait_stats: { waits: 3, wait_time: 1_500_000_000, max_wait_time: 1e9 },
    });
    expect([...waited]).toEqual([
      ["nats_server_disk_io_waits_total{}", 3],
      ["nats_server_disk_io_wait_seconds_total{}", 1.5],
      ["nats_server_disk_io_wait_max_seconds{}", 1],
    ]);
  });

  test("identifies the server in info metrics only", async () => {
    const series = await of(sample("2.15.1", "n1", "varz"));
    const id = "NCGZ23MBAY6ANNBJT6SMDYBKTEU52F5EKIJJVIC6UTIYZ45TX2FXXVY4";
    expect([...series.keys()].filter((key) => key.includes(id))).toEqual([
      `nats_server_info{server_name="n1",server_id="${id}",version="2.15.1",git_commit="",go="go1.27.2",protocol="1",cluster="C1",gateway="C1",domain="",tags="region:eu,az:1"}`,
    ]);
    const digest = "sha256:190271e0db9d41da7071f85c93710dd6a56558cbe04efda4450a59c5962f8842";
    expect(series.get(`nats_server_config_info{digest="${digest}"}`)).toBe(1);
  });

  test("omits fields that an older release does not report", async () => {
    const old = await of(sample("2.9.10", "n1", "varz"));
    expect(old.get("nats_server_received_messages_total{}")).toBe(4409);
    expect(old.get("nats_server_slow_consumers_total{}")).toBe(0);
    const names = new Set([...old.keys()].map((key) => key.split("{", 1)[0]));
    expect(names).not.toContain("nats_server_slow_consumers_by_kind_total");
    expect(names).not.toContain("nats_server_stalls_total");
    expect(names).not.toContain("nats_server_route_pool_size");
    expect(names).not.toContain("nats_server_config_info");
    expect(names).not.toContain("nats_server_client_sent_bytes_total");
    const newer = await of(sample("2.10.27", "n1", "varz"));
    expect(newer.get("nats_server_route_pool_size{}")).toBe(3);
    expect(newer.get('nats_server_slow_consumers_by_kind_total{kind="client"}')).toBe(0);
  });

  test("lists the enabled listeners", async () => {
    const ports = async (reply: Buffer): Promise<unknown> =>
      [...(await of(reply))].filter(([key]) => key.startsWith("nats_server_listener_port"));
    expect(await ports(sample("2.15.1", "plain", "varz"))).toEqual([
      ['nats_server_listener_port{listener="client"}', 14707],
      ['nats_server_listener_port{listener="monitoring"}', 14717],
    ]);
    expect(await ports(sample("2.15.1", "n1", "varz"))).toHaveLength(7);
  });

  test("reports certificate expiry, also for disabled listeners", async () => {
    const series = await exposed({
      port: 4222,
      tls_required: true,
      tls_cert_not_after: "2027-01-01T00:00:00Z",
      leaf: { tls_cert_not_after: "2027-01-02T00:00:00Z" },
      mqtt: { tls_cert_not_after: "0001-01-01T00:00:00Z" },
    });
    expect([...series]).toEqual([
      ['nats_server_listener_port{listener="client"}', 4222],
      ['nats_server_listener_tls_required{listener="client"}', 1],
      ['nats_server_listener_certificate_expiry_timestamp_seconds{listener="client"}', 1798761600],
      ['nats_server_listener_certificate_expiry_timestamp_seconds{listener="leaf"}', 1798848000],
    ]);
  });

  test("lists the remote gateways in the configuration without the server's own", async () => {
    const series = await of(sample("2.9.10", "n1", "varz"));
    const remotes = [...series.keys()].filter((key) => key.startsWith("nats_server_gateway_remote"));
    expect(remotes).toEqual(['nats_server_gateway_remote_configured{gateway="C2"}']);
  });

  test("omits limits that are not set", async () => {
    expect((await of(sample("2.15.1", "n1", "varz"))).get("nats_server_connections_limit{}")).toBe(65536);
    for (const unlimited of [0, -1, 2 ** 64]) {
      const limits = { max_connections: unlimited, gomemlimit: unlimited, max_payload: unlimited };
      expect(await exposed(limits)).toEqual(new Map());
    }
  });

  test.each([
    ["nothing", {}],
    [
      "wrong types",
      {
        cpu: "2",
        in_msgs: null,
        start: 5,
        cluster: [],
        gateway: { gateways: [null, 3, { name: 4 }, {}] },
        leaf: "x",
        http_req_stats: { "/varz": "1" },
        feature_flags: [true],
        tags: 4,
        slow_consumer_stats: 3,
        config_digest: {},
        tls_cert_not_after: "soon",
      },
    ],
  ])("reports nothing for %s", async (_, reply) => {
    expect(await exposed(reply)).toEqual(new Map());
  });

  test.each([
    ["null", Buffer.from("null")],
    ["a list", []],
    ["an object without an id", { cpu: 2, in_msgs: 3 }],
    ["an id that is no string", { server_id: 7 }],
    ["an empty id", { server_id: "" }],
  ])("rejects %s", async (_, reply) => {
    const reading = of(reply);
    await expect(reading).rejects.toThrow("GET /varz from n1 returned JSON without a server_id");
    await expect(reading).rejects.toMatchObject({ reason: "body" });
  });
});
