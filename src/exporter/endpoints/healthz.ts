/**
 * `/healthz`: what the server says of its own health, and which streams and consumers are the reason.
 *
 * One request says everything: `details=true` (since 2.10) goes from the server over JetStream and its meta
 * group to every stream and consumer assigned to this server, and stops at the first of these levels that is
 * not well. The narrower questions (`js-server-only`, `js-enabled-only`, `js-meta-only`) ask parts of that,
 * mean other things in other releases and write one more warning each into the server's log, so they are not
 * asked. The walk over all assets is what a Kubernetes probe does by default; where it is too much, leave
 * this collector out.
 *
 * A 2.9 ignores `details` without a word and makes the same walk up to the first fault, which it reports as
 * text. So "ok" means the same in every release; of a fault a 2.9 says only whether the server itself is at
 * fault, and the rest is absent instead of guessed. Texts of errors are never a label.
 *
 * Source: healthz() in nats-server's server/monitor.go.
 */
import type { Collector } from "../collect/collector.ts";
import { isSelected, type Selection } from "../collect/selection.ts";
import type { Table } from "../collect/table.ts";
import { at, list, text } from "../sources/json.ts";
import type { Document } from "../sources/monitoring-port/document.ts";
import { CollectionFailure } from "../sources/monitoring-port/failure.ts";

export const health: Table<unknown> = {
  item: "server",
  endpoint: "/healthz?details=true",
  labels: [],
  identify: () => [],
  rows: [
    {
      name: "nats_healthy",
      type: "gauge",
      help: "1 if the server calls itself and all of JetStream on it healthy, 0 if it finds any fault.",
      field: "status",
      read: (answer) => Number(text(at(answer, ["status"])) === "ok"),
    },
  ],
};

/** The levels that a server checks one after the other. */
type Level = "server" | "jetstream" | "assets";

interface Check {
  readonly level: Level;
  readonly ok: boolean;
}

export const healthCheck: Table<Check> = {
  item: "check",
  endpoint: "/healthz?details=true",
  labels: ["check"],
  identify: ({ level }) => [level],
  rows: [
    {
      name: "nats_health_check_ok",
      type: "gauge",
      help:
        "1 if the check passed, 0 if not, absent if it was not made, as behind one that failed: " +
        "server (takes connections), jetstream (enabled, current with its meta leader), " +
        "assets (every stream and consumer on this server recovered and current).",
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

export const failingAssets: Table<FailingCount> = {
  item: "type of asset",
  endpoint: "/healthz?details=true",
  labels: ["type"],
  identify: ({ type }) => [type],
  rows: [
    {
      name: "nats_health_failing_assets",
      type: "gauge",
      help: "Accounts, streams and consumers that this server finds not recovered or not current, selected or not. Absent where they were not checked.",
      field: "errors[].type",
      read: ({ count }) => count,
    },
  ],
};

interface Failing {
  readonly type: AssetType;
  /** Account, stream, consumer; empty where the fault is of something larger. */
  readonly names: readonly [string, string, string];
}

export const failingAsset: Table<Failing> = {
  item: "failing asset",
  endpoint: "/healthz?details=true",
  labels: ["type", "account", "stream", "consumer"],
  identify: ({ type, names }) => [type, ...names],
  rows: [
    {
      name: "nats_health_asset_failing",
      type: "gauge",
      help: "1 for each account, stream and consumer that this server finds not recovered or not current. Healthy ones are absent.",
      field: "errors[]",
      since: "2.10.0",
      read: () => 1,
    },
  ],
};

interface Answers {
  readonly healthz: Document;
  /** Tells whether there is a JetStream to be healthy; undefined where it could not be had. */
  readonly varz: Document | undefined;
}

export const healthz: Collector<Answers> = {
  name: "healthz",
  summary: "the server's health, JetStream's, and each stream and consumer that is not healthy",
  tables: [health, healthCheck, failingAssets, failingAsset],

  async fetch(ask) {
    const [healthz, varz] = await Promise.all([
      ask({ path: "/healthz?details=true", cut: ["errors"], statuses: [200, 500, 503] }),
      ask({ path: "/varz" }).catch(() => undefined), // The varz collector says why.
    ]);
    return { healthz, varz };
  },

  *read({ healthz, varz }, { selection, target }, sink) {
    if (text(at(healthz.root, ["status"])) === "") {
      throw new CollectionFailure("body", `/healthz of ${target.name} answered JSON without a status`);
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

/** The checks whose outcome the answer tells, and no others. */
function checksMade(answer: unknown, types: ReadonlySet<string>, varz: Document | undefined): Check[] {
  const status = text(at(answer, ["status"]));
  if (status === "ok") {
    const server: Check = { level: "server", ok: true };
    // "ok" also comes from a server without JetStream, which has nothing to be healthy about.
    const hasJetStream = at(varz?.root, ["jetstream", "config"]) !== undefined;
    if (!hasJetStream) return [server];
    return [server, { level: "jetstream", ok: true }, { level: "assets", ok: true }];
  }
  if (list(at(answer, ["errors"])).length === 0) {
    // A 2.9: "error" is the server's own fault, "unavailable" one of JetStream or of any asset.
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

/** A fault of something larger than a stream is of interest to whoever selects streams. */
function isWanted([account, stream, consumer]: Failing["names"], selection: Selection): boolean {
  return (
    isSelected(account, selection.accounts) &&
    (stream === "" || isSelected(stream, selection.streams)) &&
    (consumer === "" || isSelected(consumer, selection.consumers))
  );
}
