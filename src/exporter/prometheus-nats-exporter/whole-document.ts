/**
 * `varz`, `routez` and `subsz`: every number in the reply is a gauge named by its path. So is the text of a few
 * keys: an instant as milliseconds since 1970, other text as the label `value` of a constant 1. Other texts, and
 * everything inside arrays, are left out.
 *
 * The server chooses the names, so they are not trusted: invalid characters are replaced, two fields with the same
 * resulting name give one series, and a path that is too deep or a name that is too long is dropped and counted.
 */
import type { Collector } from "../collect/collector.ts";
import type { SampleSink, Table } from "../collect/table.ts";
import { isObject, type JsonObject } from "../sources/json.ts";
import type { Document } from "../sources/monitoring-port/document.ts";
import { parseInstantMilliseconds, replyObject } from "./decoding.ts";
import { type Naming, nameOfPath } from "./naming.ts";

/** Paths, by their metric name, that prometheus-nats-exporter omits together with everything below them. */
const OMITTED_PATHS: ReadonlySet<string> = new Set([
  "leaf",
  "trusted_operators_claim",
  "cluster_tls_timeout",
  "cluster_cluster_port",
  "cluster_auth_timeout",
  "gateway_port",
  "gateway_auth_timeout",
  "gateway_tls_timeout",
  "gateway_connect_retries",
]);

/** Keys whose text is reported, at any depth. */
const TEXT_KEYS: ReadonlySet<string> = new Set([
  "server_id",
  "server_name",
  "version",
  "domain",
  "leader",
  "name",
  "start",
  "config_load_time",
]);

/**
 * Replies of real servers are 4 levels deep with names of up to 50 characters. Anything beyond these limits is a
 * fault or an attack.
 */
const MAX_PATH_DEPTH = 16;
const MAX_NAME_LENGTH = 200;

/** One field of the reply. */
interface Fact {
  readonly serverId: string;
  readonly value: number;
  /** Label `value` of a text. */
  readonly text?: string;
}

export function wholeDocument(
  endpoint: "varz" | "routez" | "subsz",
  summary: string,
  naming: Naming,
): Collector<{ reply: Document }> {
  const path = `/${endpoint}`;
  return {
    name: endpoint,
    summary,
    tables: [],
    async fetch(ask) {
      return { reply: await ask({ path }) };
    },
    *read({ reply }, context, sink) {
      const serverId = naming.serverId(context);
      if (serverId === undefined) return;
      const tables = new Map<string, Table<Fact>>();
      for (const { fieldPath, name, value, text } of facts(replyObject(reply, path), [], sink)) {
        let table = tables.get(name);
        if (!table) {
          table = tableOf(naming.core(endpoint, name), path, fieldPath, text !== undefined);
          tables.set(name, table);
        }
        sink.add(table, { serverId, value, ...(text !== undefined && { text }) });
        yield;
      }
    },
  };
}

interface NamedFact extends Omit<Fact, "serverId"> {
  readonly fieldPath: readonly string[];
  readonly name: string;
}

function* facts(object: JsonObject, parents: readonly string[], sink: SampleSink): Generator<NamedFact> {
  for (const [key, value] of Object.entries(object)) {
    const isExposed = typeof value === "number" || (typeof value === "string" && TEXT_KEYS.has(key));
    if (!isExposed && !isObject(value)) continue;
    const fieldPath = [...parents, key];
    const name = nameOfPath(fieldPath);
    if (OMITTED_PATHS.has(name)) continue;
    if (fieldPath.length > MAX_PATH_DEPTH || name.length > MAX_NAME_LENGTH || name === "") {
      sink.dropped.limit++;
    } else if (isObject(value)) {
      yield* facts(value, fieldPath, sink);
    } else if (typeof value === "number") {
      if (Number.isFinite(value)) yield { fieldPath, name, value };
    } else {
      const instant = parseInstantMilliseconds(value as string);
      if (instant === undefined) yield { fieldPath, name, value: 1, text: value as string };
      else yield { fieldPath, name, value: instant };
    }
  }
}

function tableOf(
  metric: string,
  endpoint: string,
  fieldPath: readonly string[],
  hasText: boolean,
): Table<Fact> {
  const field = fieldPath.join(".");
  return {
    item: "server",
    endpoint,
    labels: hasText ? ["server_id", "value"] : ["server_id"],
    identify: ({ serverId, text }) => (hasText ? [serverId, text ?? ""] : [serverId]),
    rows: [
      {
        name: metric,
        type: "gauge",
        help: "Value of this field in the server's reply.",
        field,
        read: ({ value }) => value,
      },
    ],
  };
}
