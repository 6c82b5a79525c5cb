/**
 * `/subsz`: the subject index that every message is matched against, of all accounts together.
 *
 * Asked without the list of subscriptions, which grows with the server and holds other people's subjects.
 */
import type { Collector } from "../collect/collector.ts";
import { from, type Table } from "../collect/table.ts";
import type { Document } from "../sources/monitoring-port/document.ts";

/** The counters are sums over accounts: a reload that removes an account takes its share away. */
export const subjectIndex: Table<unknown> = {
  item: "subject index",
  endpoint: "/subsz",
  labels: [],
  identify: () => [],
  rows: [
    {
      name: "nats_sublist_subscriptions",
      type: "gauge",
      help: "Subscriptions in the index.",
      ...from("num_subscriptions"),
    },
    {
      name: "nats_sublist_inserts_total",
      type: "counter",
      help: "Subscriptions ever put into the index.",
      ...from("num_inserts"),
    },
    {
      name: "nats_sublist_removes_total",
      type: "counter",
      help: "Subscriptions ever taken out of the index.",
      ...from("num_removes"),
    },
    {
      name: "nats_sublist_matches_total",
      type: "counter",
      help: "Subjects looked up in the index.",
      ...from("num_matches"),
    },
    {
      name: "nats_sublist_cache_entries",
      type: "gauge",
      help: "Subjects whose subscriptions are cached.",
      ...from("num_cache"),
    },
    {
      name: "nats_sublist_cache_hit_ratio",
      type: "gauge",
      help: "Share of all lookups since the start that the cache answered, 0 to 1.",
      ...from("cache_hit_rate"),
    },
    {
      name: "nats_sublist_fanout_max",
      type: "gauge",
      help: "Most subscriptions of one cached subject.",
      ...from("max_fanout"),
    },
    {
      name: "nats_sublist_fanout_average",
      type: "gauge",
      help: "Subscriptions of a cached subject, on average.",
      ...from("avg_fanout"),
    },
  ],
};

export const subsz: Collector<{ subsz: Document }> = {
  name: "subsz",
  summary: "the subject index: its size, lookups, cache and fan-out",
  tables: [subjectIndex],
  async fetch(ask) {
    return { subsz: await ask({ path: "/subsz" }) };
  },
  read({ subsz }, _context, sink) {
    sink.add(subjectIndex, subsz.root);
    return undefined;
  },
};
