/**
 * Output of prometheus-nats-exporter for saved replies. Each case has an argument list and replies; `golden/` has
 * the program's output for it. To write that again: `PNE=<program> UPDATE_GOLDEN=1 vitest run
 * test/exporter/prometheus-nats-exporter`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { ExporterOptions } from "../../../src/exporter/prometheus-nats-exporter/prometheus-nats-exporter.ts";
import { EXPORTER_COLLECTOR_NAMES } from "../../../src/exporter/prometheus-nats-exporter/prometheus-nats-exporter.ts";
import { Exposition } from "../../rig/exposition.ts";
import { type Replies, savedReplies } from "./replay.ts";

export interface GoldenCase {
  readonly name: string;
  readonly replies: Replies;
  /** Flags of prometheus-nats-exporter before the URL. */
  readonly flags: readonly string[];
  /** The same as options of natscope. */
  readonly options: ExporterOptions;
  /** Id before the URL (`id,`), and `serverId` of the target. */
  readonly serverId?: string;
}

const EVERY_FLAG = EXPORTER_COLLECTOR_NAMES.map((name) => `-${name}`);

function everything(name: string, replies: Replies): GoldenCase {
  return {
    name,
    replies,
    flags: [...EVERY_FLAG, "-jsz=all", "-use_internal_server_name"],
    options: { collect: EXPORTER_COLLECTOR_NAMES, jsz: { detail: "consumers" }, serverId: "server-name" },
  };
}

/** An unlimited account with the number that servers write and JSON.stringify cannot. */
const withUnlimited = (value: unknown): string =>
  JSON.stringify(value).replaceAll('"2^64 - 1"', "18446744073709551615");

/** Replies with missing common fields and with rare fields. */
const ODD: Replies = {
  "/varz": withUnlimited({
    server_id: "NODD",
    server_name: 'odd "name" \\ 名',
    version: "2.99.0",
    start: "2026-11-23T08:00:00.123456789+01:00",
    config_load_time: "0001-01-01T00:00:00Z",
    http_req_stats: { "/": 1, "/varz": 2, "//deep/path/": 3 },
    nested: { a: { b: { name: "text", start: "not a time", other: "left out", n: 1.5 } } },
    numbers: { largest: "2^64 - 1", negative: -1, tiny: 1e-9, zero: 0 },
    leaf: { port: 7422 },
    cluster: { name: "C", tls_timeout: 2, cluster_port: 6222 },
    gateway: { name: "G", port: 7222, tls_timeout: 2, connect_retries: 3 },
    list: [1, 2, 3],
    nothing: null,
    truth: true,
  }),
  "/routez": "{}",
  "/subsz": '{"num_subscriptions":7,"cache_hit_rate":0.3333333333333333}',
  "/healthz": '{"status":"error","error":"no"}',
  "/connz": JSON.stringify({
    num_connections: 4,
    total: 4,
    connections: [
      { cid: 1 },
      { cid: 2, uptime: "1y2d3h4m5s", idle: "59s", rtt: "1.5µs", name: 'quote " back \\ line\n 😀' },
      { cid: 3, uptime: "400d0h0m1s", idle: "soon", rtt: "soon", start: "soon", last_activity: "soon" },
      { cid: 4, in_msgs: 9007199254740992, rtt: "1m0.000001999s", port: 4222, tls_version: "1.3" },
    ],
  }),
  "/gatewayz": JSON.stringify({
    name: "C",
    outbound_gateways: {
      D: { configured: true, connection: { cid: 9, uptime: "2d1h0m0s", rtt: "soon" } },
      E: {},
    },
    inbound_gateways: {
      D: [
        { connection: { cid: 10, idle: "0s" } },
        { configured: false, connection: { cid: 11, start: "2026-11-23T08:00:00.9Z" } },
      ],
    },
  }),
  "/leafz": JSON.stringify({ leafnodes: 2, leafs: [{}, { account: "A", port: 1, rtt: "10.429029ms" }] }),
  "/accstatz?unused=1": JSON.stringify({ account_statz: [{ acc: "A" }, { acc: "B", sent: { msgs: 5 } }] }),
  "/accountz": '{"accounts":["A","gone"]}',
  "/accountz?acc=A": '{"account_detail":{"account_name":"A","name_tag":"Team A","expired":true}}',
  "/jsz?consumers=true&config=true&raft=true": withUnlimited({
    now: "2026-11-23T08:00:00Z",
    config: { domain: "hub" },
    meta_cluster: { name: "C", leader: "elsewhere" },
    account_details: [
      {
        name: "Team A",
        id: "A",
        reserved_storage: "2^64 - 1",
        stream_detail: [
          {
            name: "S",
            cluster: { leader: "elsewhere" },
            state: { messages: 5 },
            config: { max_msgs: -1, max_bytes: -1, metadata: { team: "shop", "io.x": "y" } },
            stream_raft_group: "S-R3",
            consumer_detail: [
              {
                name: "c1",
                ts: "2026-11-23T08:00:01.123456789Z",
                delivered: { consumer_seq: 1, stream_seq: 2, last_active: "2026-11-23T07:59:59.987654321Z" },
                ack_floor: { consumer_seq: 1, stream_seq: 2, last_active: "2026-01-01T00:00:00Z" },
                config: { description: 'says "hi"', metadata: { owner: "me" } },
                cluster: { leader: "elsewhere" },
              },
              {
                name: "c2",
                ts: "2026-11-23T09:00:01+01:00",
                config: {},
                cluster: { leader: "" },
                num_pending: 3,
              },
            ],
          },
          { name: "T", cluster: {} },
        ],
      },
      {},
    ],
  }),
};

export const GOLDEN_CASES: readonly GoldenCase[] = [
  ...["2.9.10", "2.10.27", "2.15.1"].flatMap((version) =>
    ["n1", "solo"].map((node) => everything(`${version}-${node}`, savedReplies(version, node))),
  ),
  {
    name: "2.15.1-n1-prefix-streams",
    replies: savedReplies("2.15.1", "n1"),
    flags: ["-connz", "-routez", "-subz", "-varz", "-prefix=nats", "-use_internal_server_id", "-jsz=streams"],
    options: {
      prefix: "nats",
      collect: ["connz", "routez", "subz", "varz"],
      jsz: { detail: "streams" },
      serverId: "server-id",
    },
  },
  {
    name: "2.15.1-n1-accounts",
    replies: savedReplies("2.15.1", "n1"),
    flags: ["-jsz=accounts", "-accstatz"],
    options: { collect: ["accstatz"], jsz: { detail: "accounts" } },
    serverId: "my,id",
  },
  {
    name: "2.15.2-operator",
    replies: savedReplies("2.15.2", "oper"),
    flags: ["-accountz", "-accstatz"],
    options: { collect: ["accountz", "accstatz"] },
    serverId: "operator",
  },
  {
    name: "odd",
    replies: ODD,
    flags: [...EVERY_FLAG, "-jsz=all", "-jsz_stream_meta_keys=team,io.x", "-jsz_consumer_meta_keys=owner"],
    options: {
      collect: EXPORTER_COLLECTOR_NAMES,
      jsz: {
        detail: "consumers",
        streamMetadataKeys: ["team", "io.x"],
        consumerMetadataKeys: ["owner"],
      },
    },
    serverId: "odd",
  },
];

const fileOf = ({ name }: GoldenCase): URL => new URL(`./golden/${name}.prom`, import.meta.url);

export function golden(goldenCase: GoldenCase): Exposition {
  return new Exposition(readFileSync(fileOf(goldenCase), "utf8"));
}

export function writeGolden(goldenCase: GoldenCase, text: string): void {
  writeFileSync(fileOf(goldenCase), text);
}
