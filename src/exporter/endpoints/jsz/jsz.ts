/**
 * `/jsz`: JetStream. One request returns all accounts, streams and consumers. It is a server's largest reply, and
 * is read one stream and one consumer at a time.
 *
 * `stream-leader-only` and `leader-only` are deliberately not used: the first drops consumers led on this server if
 * their stream is led elsewhere, and the second refers to the meta leader.
 */
import type { Collector, ScrapeContext } from "../../collect/collector.ts";
import { number } from "../../collect/conversions.ts";
import { requireServerId } from "../../collect/identity.ts";
import { isSelected } from "../../collect/selection.ts";
import type { SampleSink } from "../../collect/table.ts";
import { at, list, object, text } from "../../sources/json.ts";
import type { Document } from "../../sources/monitoring-port/document.ts";
import { CollectionFailure } from "../../sources/monitoring-port/failure.ts";
import type { Request } from "../../sources/monitoring-port/monitor.ts";
import { type Asset, isLeader, replicasOf } from "./asset.ts";
import * as consumers from "./consumer.ts";
import * as jetStream from "./jetstream.ts";
import * as streams from "./stream.ts";
import { thresholdsOf } from "./threshold.ts";

/** Accounts per page; the server's default. */
const ACCOUNTS_PER_PAGE = 1024;
/** A server with more pages than this ignores the offset. */
const MAX_PAGES = 64;

/** Request for everything about JetStream: the first page of accounts. */
const JETSTREAM_DETAILS: Request = page(0);

function page(offset: number): Request {
  const path = "/jsz?consumers=true&config=true&raft=true";
  return {
    path: offset === 0 ? path : `${path}&offset=${offset}`,
    cut: ["stream_detail", "consumer_detail"],
  };
}

export const jsz: Collector<Readonly<Record<string, Document>>> = {
  name: "jsz",
  summary: "JetStream: usage, meta group, accounts, streams, consumers and their lag",
  tables: [
    jetStream.jetstream,
    jetStream.metaPlacement,
    jetStream.metaLeadership,
    jetStream.metaReplica,
    jetStream.accountUsage,
    jetStream.accountApi,
    streams.stream,
    streams.streamPlacement,
    streams.streamInfo,
    streams.streamRaftGroup,
    streams.streamReplica,
    streams.streamOrigin,
    streams.streamThreshold,
    consumers.consumer,
    consumers.consumerPlacement,
    consumers.consumerInfo,
    consumers.consumerRaftGroup,
    consumers.consumerReplica,
    consumers.priorityGroup,
    consumers.consumerThreshold,
    consumers.ephemeralConsumers,
  ],

  async fetch(ask) {
    const pages = [await ask(JETSTREAM_DETAILS)];
    const total = number(at(pages[0]?.root, ["total"])) ?? 0;
    while (pages.length * ACCOUNTS_PER_PAGE < total) {
      if (pages.length === MAX_PAGES) {
        throw new CollectionFailure(
          "too_large",
          `GET /jsz lists accounts beyond ${MAX_PAGES} pages of ${ACCOUNTS_PER_PAGE}; natscope reads no more`,
        );
      }
      const next = await ask(page(pages.length * ACCOUNTS_PER_PAGE));
      if (list(at(next.root, ["account_details"])).length === 0) break;
      pages.push(next);
    }
    return Object.fromEntries(pages.map((document, i) => [`jsz${i}`, document]));
  },

  *read(pages, context, sink) {
    const [first, ...rest] = Object.values(pages);
    if (!first) return;
    for (const { root } of [first, ...rest]) requireServerId(`GET /jsz from ${context.target.name}`, root);
    sink.add(jetStream.jetstream, first.root);
    const leadsMeta = readMetaGroup(first.root, context, sink);
    for (const document of [first, ...rest]) {
      for (const json of list(at(document.root, ["account_details"]))) {
        const id = text(at(json, ["id"])) || text(at(json, ["name"]));
        if (!isSelected(id, context.selection.accounts)) continue;
        if (leadsMeta) sink.add(jetStream.accountUsage, { id, json });
        sink.add(jetStream.accountApi, { id, json });
        yield* readStreams(document, { id, json }, context, sink);
      }
    }
  },
};

/** Adds the meta group. Returns whether this server is the meta leader, which a server without a cluster is. */
function readMetaGroup(root: unknown, { identity }: ScrapeContext, sink: SampleSink): boolean {
  const meta = object(at(root, ["meta_cluster"]));
  if (Object.keys(meta).length === 0) return true;
  const leads = isLeader(meta, identity);
  sink.add(jetStream.metaPlacement, { leads, meta });
  if (leads) {
    sink.add(jetStream.metaLeadership, meta);
    for (const replica of replicasOf({ names: [], json: { cluster: meta } }))
      sink.add(jetStream.metaReplica, replica);
  }
  return leads;
}

function* readStreams(
  document: Document,
  account: jetStream.Account,
  context: ScrapeContext,
  sink: SampleSink,
): Generator<void> {
  for (const element of document.elements(at(account.json, ["stream_detail"]))) {
    const json = object(element);
    const name = text(json.name);
    if (!isSelected(name, context.selection.streams)) continue;
    const stream: Asset = { names: [account.id, name], json };
    const leads = isLeader(json.cluster, context.identity);
    sink.add(streams.streamPlacement, { ...stream, leads });
    if (leads) addStream(stream, sink);
    yield* readConsumers(document, stream, context, sink);
    yield;
  }
}

function addStream(stream: Asset, sink: SampleSink): void {
  sink.add(streams.stream, stream);
  sink.add(streams.streamInfo, stream);
  sink.add(streams.streamRaftGroup, stream);
  for (const replica of replicasOf(stream)) sink.add(streams.streamReplica, replica);
  for (const origin of streams.originsOf(stream)) sink.add(streams.streamOrigin, origin);
  for (const threshold of thresholdsOf("stream", stream)) sink.add(streams.streamThreshold, threshold);
}

function* readConsumers(
  document: Document,
  stream: Asset,
  context: ScrapeContext,
  sink: SampleSink,
): Generator<void> {
  const { selection, identity } = context;
  const ephemeral = new consumers.EphemeralConsumers(stream.names);
  for (const element of document.elements(stream.json.consumer_detail)) {
    const json = object(element);
    const name = text(json.name);
    if (!isSelected(name, selection.consumers)) continue;
    const consumer: Asset = { names: [...stream.names, name], json };
    const leads = isLeader(json.cluster, identity);
    if (consumers.isEphemeral(consumer) && selection.ephemeralConsumers === "fold") {
      if (leads) ephemeral.add(consumer);
    } else {
      sink.add(consumers.consumerPlacement, { ...consumer, leads });
      if (leads) addConsumer(consumer, sink);
    }
    yield;
  }
  if (ephemeral.count > 0) sink.add(consumers.ephemeralConsumers, ephemeral);
}

function addConsumer(consumer: Asset, sink: SampleSink): void {
  sink.add(consumers.consumer, consumer);
  sink.add(consumers.consumerInfo, consumer);
  sink.add(consumers.consumerRaftGroup, consumer);
  for (const replica of replicasOf(consumer)) sink.add(consumers.consumerReplica, replica);
  for (const group of consumers.pinningGroupsOf(consumer)) sink.add(consumers.priorityGroup, group);
  for (const threshold of thresholdsOf("consumer", consumer))
    sink.add(consumers.consumerThreshold, threshold);
}
