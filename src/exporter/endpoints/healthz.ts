/**
 * `/healthz`: the server's own health check, and the streams and consumers that fail it.
 *
 * A single request answers everything: `details=true` (since 2.10) checks the server, then JetStream and its meta
 * group, then every stream and consumer assigned to this server, and stops at the first of these levels that fails.
 * The narrower checks (`js-server-only`, `js-enabled-only`, `js-meta-only`) cover parts of that, differ between
 * releases and write another warning each into the server's log, so natscope does not request them. A Kubernetes
 * probe walks all assets by default too. If that costs the server too much, disable this collector.
 *
 * Release 2.9 ignores `details`: it walks the assets up to the first fault and reports it as text. So "ok" means
 * the same in every release. For a fault, 2.9 reports only whether the server itself failed; everything else is
 * absent instead of guessed. Error texts are never a label.
 *
 * Source: healthz() in nats-server's server/monitor.go.
 */
import type { Collector } from "../collect/collector.ts";
import { isSelected, type Selection } from "../collect/selection.ts";
import type { Table } from "../collect/table.ts";
import { at, list, text } from "../sources/json.ts";
import type { Document } from "../sources/monitoring-port/document.ts";
import { CollectionFailure } from "../sources/monitoring-port/failure.ts";

const health: Table<unknown> = {
  item: "server",
  endpoint: "/healthz?details=true",
  labels: [],
  identify: () => [],
  rows: [
    {
      name: "nats_healthy",
      type: "gauge",
      help: "Whether the server reports itself and its JetStream as healthy (1) or has found a fault (0).",
      field: "status",
      read: (answer) => Number(text(at(answer, ["status"])) === "ok"),
    },
  ],
};

/** The levels, in the order in which a server checks them. */
type Level = "server" | "jetstream" | "assets";

interface Check {
  readonly level: Level;
  readonly ok: boolean;
}

const healthCheck: Table<Check> = {
  item: "check",
  endpoint: "/healthz?details=true",
  labels: ["check"],
  identify: ({ level }) => [level],
  rows: [
    {
      name: "nats_health_check_ok",
      type: "gauge",
      help:
        "Whether the check passed (1) or failed (0). Absent if the server did not run it, for example after an earlier check failed." +
        "Checks: server (accepts connections), jetstream (enabled, current with its meta leader)," +
        "assets (all streams and consumers on this server recovered and current).",
      field: "errors[].type",
      read: ({ ok }) => Number(ok),
    },
  ],
};

const ASSET_TYPES = ["account", "stream", "consumer"] as const;
type AssetType = (typeof ASSET_TYPES)[number];

interface FailingCount {
  readonly type: AssetType;
  readonly count: number;
}

const failingAssets: Table<FailingCount> = {
  item: "type of asset",
  endpoint: "/healthz?details=true",
  labels: ["type"],
  identify: ({ type }) => [type],
  rows: [
    {
      name: "nats_health_failing_assets",
      type: "gauge",
      help: "Accounts, streams and consumers that are not recovered or not current on this server, selected or not. Absent if the server did not check them.",
      field: "errors[].type",
      read: ({ count }) => count,
    },
  ],
};

interface Failing {
  readonly type: AssetType;
  /** Account, stream, consumer; empty if the fault concerns something larger. */
  readonly names: readonly [string, string, string];
}

const failingAsset: Table<Failing> = {
  item: "failing asset",
  endpoint: "/healthz?details=true",
  labels: ["type", "account", "stream", "consumer"],
  identify: ({ type, names }) => [type, ...names],
  rows: [
    {
      name: "nats_health_asset_failing",
      type: "gauge",
      help: "Account, stream or consumer that is not recovered or not current on this server (1). Absent if healthy.",
      field: "errors[]",
      since: "2.10.0",
      read: () => 1,
    },
  ],
};

interface Replies {
  readonly healthz: Document;
  /** Shows whether the server has JetStream; undefined if the request failed. */
  readonly varz: Document | undefined;
}

export const healthz: Collector<Replies> = {
  name: "healthz",
  summary: "health of the server and of JetStream; each stream and consumer that is not healthy",
  tables: [health, healthCheck, failingAssets, failingAsset],

  async fetch(ask) {
    const [healthz, varz] = await Promise.all([
      ask({ path: "/healthz?details=true", cut: ["errors"], statuses: [200, 500, 503] }),
      ask({ path: "/varz" }).catch(() => undefined), // The varz collector reports the failure.
    ]);
    return { healthz, varz };
  },

  *read({ healthz, varz }, { selection, target }, sink) {
    if (text(at(healthz.root, ["status"])) === "") {
      throw new CollectionFailure(
        "body",
        `GET /healthz from ${target.name} returned JSON without a status: check that the URL is a NATS monitoring port`,
      );
    }
    sink.add(health, healthz.root);
    const errors = at(healthz.root, ["errors"]);
    const types = new Set<string>();
    const counts: Record<AssetType, number> = { account: 0, stream: 0, consumer: 0 };
    for (const error of healthz.elements(errors)) {
      const type = text(at(error, ["type"])).toLowerCase();
      types.add(type);
      if (isAssetType(type)) {
        counts[type]++;
        const names = [nameIn(error, "account"), nameIn(error, "stream"), nameIn(error, "consumer")] as const;
        if (isWanted(names, selection)) sink.add(failingAsset, { type, names });
      }
      yield;
    }
    const checks = checksMade(healthz.root, types, varz);
    for (const check of checks) sink.add(healthCheck, check);
    if (checks.some(({ level }) => level === "assets")) {
      for (const type of ASSET_TYPES) sink.add(failingAssets, { type, count: counts[type] });
    }
  },
};

/** The checks whose result follows from the reply. */
function checksMade(answer: unknown, types: ReadonlySet<string>, varz: Document | undefined): Check[] {
  const status = text(at(answer, ["status"]));
  if (status === "ok") {
    const server: Check = { level: "server", ok: true };
    // A server without JetStream also reports "ok".
    const hasJetStream = at(varz?.root, ["jetstream", "config"]) !== undefined;
    if (!hasJetStream) return [server];
    return [server, { level: "jetstream", ok: true }, { level: "assets", ok: true }];
  }
  if (list(at(answer, ["errors"])).length === 0) {
    // Release 2.9: "error" is a fault of the server, "unavailable" a fault of JetStream or of any asset.
    if (status !== "error" && status !== "unavailable") return [];
    return [{ level: "server", ok: status === "unavailable" }];
  }
  if (types.has("connection")) return [{ level: "server", ok: false }];
  if (types.has("jetstream")) {
    return [
      { level: "server", ok: true },
      { level: "jetstream", ok: false },
    ];
  }
  if (!ASSET_TYPES.some((type) => types.has(type))) return [];
  return [
    { level: "server", ok: true },
    { level: "jetstream", ok: true },
    { level: "assets", ok: false },
  ];
}

function isAssetType(type: string): type is AssetType {
  return (ASSET_TYPES as readonly string[]).includes(type);
}

function nameIn(error: unknown, field: string): string {
  return text(at(error, [field]));
}

/** A fault of an account, or of a stream without a consumer, passes the narrower filters. */
function isWanted([account, stream, consumer]: Failing["names"], selection: Selection): boolean {
  return (
    isSelected(account, selection.accounts) &&
    (stream === "" || isSelected(stream, selection.streams)) &&
    (consumer === "" || isSelected(consumer, selection.consumers))
  );
}
