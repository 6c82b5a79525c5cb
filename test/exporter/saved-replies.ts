/** Runs a collector on saved replies of real servers. */
import { readFileSync } from "node:fs";
import type { Collector, ScrapeContext } from "../../src/exporter/collect/collector.ts";
import { identityOf } from "../../src/exporter/collect/identity.ts";
import { EVERYTHING, type Selection } from "../../src/exporter/collect/selection.ts";
import { SampleSink } from "../../src/exporter/collect/table.ts";
import { Document } from "../../src/exporter/sources/monitoring-port/document.ts";
import { labelText } from "../../src/metrics/family.ts";
import { EndpointAbsent } from "../../src/nats/monitoring/errors.ts";

/** Values by series without the `server` label: `nats_up{server="n1"}` is `nats_up{}`. */
export type Series = ReadonlyMap<string, number>;

/** Content of `test/exporter/samples/<version>/<node>/<name>.json`. */
export function sample(version: string, node: string, name: string): Buffer {
  return readFileSync(new URL(`./samples/${version}/${node}/${name}.json`, import.meta.url));
}

export interface Reading {
  readonly series: Series;
  readonly sink: SampleSink;
}

/**
 * Runs a collector on `replies`, by path and query; missing ones answer 404. `varz` identifies the server;
 * undefined means that /varz failed.
 */
export async function readCollector<Documents>(
  collector: Collector<Documents>,
  replies: Readonly<Record<string, Buffer | string | object>>,
  { varz, selection = EVERYTHING }: { varz?: unknown; selection?: Selection } = {},
): Promise<Reading> {
  const ask = async ({ path, cut }: { path: string; cut?: readonly string[] }): Promise<Document> => {
    const reply = replies[path];
    if (reply === undefined) throw new EndpointAbsent(path);
    const isText = Buffer.isBuffer(reply) || typeof reply === "string";
    return whole(Document.read(Buffer.from(isText ? reply : JSON.stringify(reply)), cut, 0));
  };
  const sink = new SampleSink("", Number.POSITIVE_INFINITY);
  const documents = await collector.fetch(ask, { selection });
  const target = { name: "n1", url: new URL("http://127.0.0.1:8222") };
  const context: ScrapeContext = { target, identity: identityOf(varz), now: 1_795_406_387, selection };
  for (const _ of collector.read(documents, context, sink) ?? []);
  return { series: seriesOf(sink), sink };
}

function whole(reading: Generator<void, Document>): Document {
  for (;;) {
    const { done, value } = reading.next();
    if (done) return value;
  }
}

function seriesOf(sink: SampleSink): Series {
  const series = new Map<string, number>();
  for (const { metric, columns } of sink.families()) {
    for (const { labels, values } of columns) {
      values.forEach((value, i) => {
        series.set(`${metric.name}{${labels[i]}}`, value);
      });
    }
  }
  return series;
}

/** Key of a series: `series("nats_stream_messages", { account: "APP" })`. */
export function seriesKey(name: string, labels: Readonly<Record<string, string>> = {}): string {
  return `${name}{${labelText(Object.keys(labels), Object.values(labels))}}`;
}
