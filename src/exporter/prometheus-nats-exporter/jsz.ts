/**
 * `jsz`: JetStream of this server, its accounts, streams, sources, mirrors and consumers. Leaders are labels, and
 * values of followers appear among the others; filter by `is_consumer_leader="true"` for correct ones.
 *
 * Differences from prometheus-nats-exporter:
 *
 * - Metadata labels also work on sources and mirrors; prometheus-nats-exporter crashes.
 * - A missing leader or description is empty; prometheus-nats-exporter repeats the previous consumer's.
 * - If a server before 2.10 reports no time with a consumer, ages are computed from the time of the reply;
 *   prometheus-nats-exporter reports -9223372036.
 * - Accounts beyond the first 1,024 are included.
 */
import type { Ask, Collector, ScrapeContext } from "../collect/collector.ts";
import { isSelected } from "../collect/selection.ts";
import type { SampleSink, Table } from "../collect/table.ts";
import { isObject, type JsonObject, list, object, text } from "../sources/json.ts";
import type { Document } from "../sources/monitoring-port/document.ts";
import { objects, replyObject } from "./decoding.ts";
import { type Item, type JetStreamTables, jetStreamTables } from "./jetstream-tables.ts";
import { labelNamePart, type Naming } from "./naming.ts";

/** Level of JetStream detail. Each level includes the ones before it. */
export type JetStreamDetail = "accounts" | "streams" | "consumers";

/** Values of `-jsz`, `-jsz_stream_meta_keys` and `-jsz_consumer_meta_keys`. */
export interface JetStreamOptions {
  readonly detail: JetStreamDetail;
  /** Keys of stream metadata exposed as labels `stream_meta_<key>`. */
  readonly streamMetadataKeys?: readonly string[];
  /** Keys of consumer metadata exposed as labels `consumer_meta_<key>`. */
  readonly consumerMetadataKeys?: readonly string[];
}

const PATH: Readonly<Record<JetStreamDetail, string>> = {
  accounts: "/jsz?accounts=true",
  streams: "/jsz?streams=true",
  consumers: "/jsz?consumers=true&config=true&raft=true",
};

/** Accounts per page; the server's default. */
const ACCOUNTS_PER_PAGE = 1024;
/** A server with more pages than this ignores the offset. */
const MAX_PAGES = 64;

/** Replies of one collection; `varz` identifies the server. */
type Replies = readonly [varz: Document, ...pages: Document[]];

/** The collector of `-jsz`, with the level of detail and the metadata keys in `options`. */
export function jsz(options: JetStreamOptions, naming: Naming): Collector<Replies> {
  const { detail } = options;
  const streamKeys = distinctKeys(options.streamMetadataKeys ?? []);
  const consumerKeys = distinctKeys(options.consumerMetadataKeys ?? []);
  const tables = jetStreamTables(naming, streamKeys, consumerKeys);
  return {
    name: "jsz",
    summary: `JetStream, down to ${detail}`,
    tables: Object.values(tables),
    async fetch(ask) {
      const [varz, pages] = await Promise.all([ask({ path: "/varz" }), accountPages(ask, detail)]);
      return [varz, ...pages];
    },
    *read([varz, ...pages], context, sink) {
      const serverId = naming.serverId(context);
      if (serverId === undefined) return;
      const serverName = text(replyObject(varz, "/varz").server_name);
      for (const [i, document] of pages.entries()) {
        const json = replyObject(document, PATH[detail]);
        const labels = serverLabels(serverId, serverName, json);
        if (i === 0) sink.add(tables.server, { labels, json });
        const page = { document, serverName, now: text(json.now) };
        yield* readAccounts({ page, context, sink, tables, streamKeys, consumerKeys }, { labels, json });
      }
    },
  };
}

async function accountPages(ask: Ask, detail: JetStreamDetail): Promise<Document[]> {
  const cut = detail === "accounts" ? [] : ["stream_detail", "consumer_detail"];
  const pages: Document[] = [];
  do {
    const offset = pages.length * ACCOUNTS_PER_PAGE;
    pages.push(await ask({ path: PATH[detail] + (offset > 0 ? `&offset=${offset}` : ""), cut }));
  } while (
    pages.length < MAX_PAGES &&
    list(object(pages.at(-1)?.root).account_details).length >= ACCOUNTS_PER_PAGE
  );
  return pages;
}

/** One page, and the facts that everything on it shares. */
interface Page {
  readonly document: Document;
  readonly serverName: string;
  /** Time of the reply, RFC 3339. */
  readonly now: string;
}

/** A page with the tables and the sink that it is read into. */
interface Reading {
  readonly page: Page;
  readonly context: ScrapeContext;
  readonly sink: SampleSink;
  readonly tables: JetStreamTables;
  readonly streamKeys: readonly string[];
  readonly consumerKeys: readonly string[];
}

function* readAccounts(reading: Reading, server: Item): Generator<void> {
  const { page, context, sink, tables } = reading;
  for (const json of objects(page.document, server.json.account_details)) {
    const name = text(json.name);
    const id = text(json.id);
    if (!isSelected(id || name, context.selection.accounts)) continue;
    const account = { labels: [...server.labels, name, name, id], json };
    sink.add(tables.account, account);
    yield* readStreams(reading, account);
  }
}

function* readStreams(reading: Reading, account: Item): Generator<void> {
  const { page, context, sink, tables, streamKeys } = reading;
  for (const json of objects(page.document, account.json.stream_detail)) {
    if (!isSelected(text(json.name), context.selection.streams)) continue;
    const config = isObject(json.config) ? json.config : undefined;
    const labels = [
      ...account.labels,
      text(json.name),
      leaderOf(json.cluster),
      isLedBy(page.serverName, json.cluster),
      text(json.stream_raft_group),
      ...metadata(config, streamKeys),
    ];
    sink.add(tables.stream, { labels, json, state: object(json.state), config });
    for (const source of list(json.sources)) addOrigin(tables.source, labels, source, sink);
    addOrigin(tables.mirror, labels, json.mirror, sink);
    yield* readConsumers(reading, { labels, json });
    yield;
  }
}

function* readConsumers(reading: Reading, stream: Item): Generator<void> {
  const { page, context, sink, tables, consumerKeys } = reading;
  for (const json of objects(page.document, stream.json.consumer_detail)) {
    if (!isSelected(text(json.name), context.selection.consumers)) continue;
    const config = isObject(json.config) ? json.config : undefined;
    const labels = [
      ...stream.labels,
      text(json.name),
      leaderOf(json.cluster),
      isLedBy(page.serverName, json.cluster),
      text(config?.description),
      ...metadata(config, consumerKeys),
    ];
    sink.add(tables.consumer, {
      labels,
      json,
      delivered: object(json.delivered),
      ackFloor: object(json.ack_floor),
      at: text(json.ts) || page.now,
    });
    yield;
  }
}

function serverLabels(serverId: string, serverName: string, jetStream: JsonObject): string[] {
  const meta = object(jetStream.meta_cluster);
  return [
    serverId,
    serverName,
    text(meta.name),
    text(object(jetStream.config).domain),
    text(meta.leader),
    isLedBy(serverName, jetStream.meta_cluster),
  ];
}

function leaderOf(cluster: unknown): string {
  return text(object(cluster).leader);
}

/** An asset without a cluster is led by this server. */
function isLedBy(serverName: string, cluster: unknown): "true" | "false" {
  return !isObject(cluster) || text(cluster.leader) === serverName ? "true" : "false";
}

function metadata(config: JsonObject | undefined, keys: readonly string[]): string[] {
  if (keys.length === 0) return [];
  const values = object(config?.metadata);
  return keys.map((key) => (Object.hasOwn(values, key) ? text(values[key]) : ""));
}

/** Keys that map to the same label name would repeat the label; only the first is used. */
function distinctKeys(keys: readonly string[]): string[] {
  const byLabel = new Map<string, string>();
  for (const key of keys) if (!byLabel.has(labelNamePart(key))) byLabel.set(labelNamePart(key), key);
  return [...byLabel.values()];
}

function addOrigin(
  table: Table<Item>,
  streamLabels: readonly string[],
  json: unknown,
  sink: SampleSink,
): void {
  if (!isObject(json)) return;
  const external = object(json.external);
  sink.add(table, {
    labels: [...streamLabels, text(json.name), text(external.api), text(external.deliver)],
    json,
  });
}
