/** Rules for every metric and every request of all collectors. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { COLLECTOR_NAMES } from "../../src/exporter/collect/collector.ts";
import { EVERYTHING } from "../../src/exporter/collect/selection.ts";
import { helpOf, type Row, type Table } from "../../src/exporter/collect/table.ts";
import { COLLECTORS } from "../../src/exporter/collectors.ts";
import {
  EXPORTER_COLLECTOR_NAMES,
  exporterCollectors,
} from "../../src/exporter/prometheus-nats-exporter/prometheus-nats-exporter.ts";
import { SELF_METRICS } from "../../src/exporter/scrape/self-report.ts";
import { Document } from "../../src/exporter/sources/monitoring-port/document.ts";
import type { Request } from "../../src/exporter/sources/monitoring-port/monitor.ts";
import type { Metric } from "../../src/metrics/family.ts";
import { EndpointAbsent } from "../../src/nats/monitoring/errors.ts";

const tables = COLLECTORS.flatMap((collector) => collector.tables.map((table) => ({ collector, table })));
const rows = tables.flatMap(({ table }) => table.rows.map((row) => ({ table, row: row as Row<never> })));
const metrics: readonly Metric[] = [...rows.map(({ row }) => row), ...SELF_METRICS];

const namesThat = (look: (metric: Metric) => boolean): string[] =>
  metrics.filter(look).map(({ name }) => name);
const repeated = (names: readonly string[]): string[] => names.filter((name, i) => names.indexOf(name) !== i);

it("the list of collectors contains every collector once", () => {
  expect(COLLECTORS.map(({ name }) => name).sort()).toEqual([...COLLECTOR_NAMES].sort());
});

describe("a metric name", () => {
  it("starts with natscope's prefixes and has valid characters", () => {
    expect(namesThat(({ name }) => !/^(?:nats|natscope)_[a-z0-9]+(?:_[a-z0-9]+)*$/.test(name))).toEqual([]);
    expect(rows.map(({ row }) => row.name).filter((name) => !name.startsWith("nats_"))).toEqual([]);
  });

  it("is unique, also in OpenMetrics", () => {
    expect(repeated(metrics.map(({ name }) => name))).toEqual([]);
    expect(repeated(metrics.map(({ name }) => name.replace(/_(?:total|info)$/, "")))).toEqual([]);
  });

  it("has the suffix of its type", () => {
    expect(namesThat(({ name, type }) => name.endsWith("_total") !== (type === "counter"))).toEqual([]);
    expect(namesThat(({ name, type }) => name.endsWith("_info") !== (type === "info"))).toEqual([]);
    expect(namesThat(({ name }) => /_(?:count|sum|bucket|created)$/.test(name))).toEqual([]);
  });

  it("ends in a base unit if it has a unit", () => {
    const UNIT = /_(?:seconds|bytes|ratio)(?=_|$)/;
    const otherUnits =
      /_(?:ms|us|ns|millis|nanos|milliseconds|microseconds|nanoseconds|minutes|hours|days|kb|mb|gb|percent)(?:_|$)/;
    expect(namesThat(({ name }) => otherUnits.test(name))).toEqual([]);
    expect(
      namesThat(({ name }) => UNIT.test(name) && !/_(?:seconds|bytes|ratio)(?:_total)?$/.test(name)),
    ).toEqual([]);
    expect(
      namesThat(({ name }) => name.includes("timestamp") && !name.endsWith("_timestamp_seconds")),
    ).toEqual([]);
  });

  it("differs from all names of prometheus-nats-exporter, so that both can be served", () => {
    const file = new URL("./prometheus-nats-exporter/names.json", import.meta.url);
    const { gnatsd, jetstream } = JSON.parse(readFileSync(file, "utf8")) as Record<string, string[]>;
    const taken = new Set([...(gnatsd ?? []), ...(jetstream ?? [])].map((rest) => `nats_${rest}`));
    expect(taken.size).toBeGreaterThan(200);
    expect(
      namesThat(({ name }) => taken.has(name) || taken.has(name.replace(/_(?:total|info)$/, ""))),
    ).toEqual([]);
  });
});

describe("a help text", () => {
  it("consists of sentences", () => {
    expect(namesThat(({ help }) => !/^[A-Z0-9`/].*[^.]\.$/.test(help) || /\s{2}|\n/.test(help))).toEqual([]);
  });

  it("names the server's field", () => {
    const served = rows.map(({ table, row }) => helpOf(table as Table<never>, row));
    expect(served.filter((help) => !/Server field: \/[a-z/]+(?:\?\S*)? .*\S\.$/.test(help))).toEqual([]);
  });

  it("gives the release that introduced a field", () => {
    const bad = rows.filter(
      ({ row: { since = "2.10.0" } }) => !/^\d+\.\d+\.\d+(?:, \d+\.\d+\.\d+)*$/.test(since),
    );
    expect(bad.map(({ row }) => row.name)).toEqual([]);
  });
});

describe("labels", () => {
  const labels = tables.flatMap(({ table }) => table.labels.map((label) => ({ label, table })));

  it("have names that Prometheus accepts and does not reserve", () => {
    const bad = labels.filter(
      ({ label }) =>
        !/^[a-z][a-z0-9_]*$/.test(label) || ["le", "quantile", "job", "instance"].includes(label),
    );
    expect(bad.map(({ label }) => label)).toEqual([]);
  });

  it("are distinct from each other and from `server`", () => {
    expect(tables.filter(({ table }) => repeated(["server", ...table.labels]).length > 0)).toEqual([]);
  });

  it("never change with an election, a restart or an upgrade", () => {
    const PASSING = [
      "leader",
      "server_id",
      "server_name",
      "version",
      "id",
      "cid",
      "rid",
      "start",
      "raft_group",
    ];
    const bad = labels.filter(
      ({ label, table }) =>
        PASSING.includes(label) &&
        table.rows.some(({ type }) => type !== "info") &&
        !isOfClients(label, table),
    );
    expect(bad.map(({ label, table }) => `${label} of ${table.item}`)).toEqual([]);
  });
});

/** The version of a client library identifies the client and does not change during its life. */
function isOfClients(label: string, { endpoint }: Table<never>): boolean {
  return label === "version" && endpoint === "/connz";
}

it("all collectors request a reply with the same options, so that it is fetched once", async () => {
  const asked = new Map<string, Set<string>>();
  const collectors = [
    ...COLLECTORS,
    ...exporterCollectors({ collect: EXPORTER_COLLECTOR_NAMES, jsz: { detail: "consumers" } }),
    ...exporterCollectors({ collect: ["connz"], jsz: { detail: "streams" } }),
  ];
  const ask = async ({
    path,
    cut = [],
    statuses = [200],
    mayBeAbsent = false,
  }: Request): Promise<Document> => {
    const how = JSON.stringify({ cut: [...cut].sort(), statuses: [...statuses].sort(), mayBeAbsent });
    asked.set(path, (asked.get(path) ?? new Set()).add(how));
    if (path.startsWith("/healthz")) return Document.of({ status: "ok" });
    if (path === "/accountz") return Document.of({ accounts: ["A"] });
    return Document.of({ accounts: [], connections: [], server_id: "N" });
  };
  for (const collector of collectors) {
    await collector
      .fetch(ask, { selection: { ...EVERYTHING, raftGroups: "all" } })
      .catch((error: unknown) => {
        expect(error).toBeInstanceOf(EndpointAbsent);
      });
  }
  expect(asked.size).toBeGreaterThan(12);
  expect([...asked].filter(([, ways]) => ways.size > 1).map(([path, ways]) => [path, ...ways])).toEqual([]);
});
