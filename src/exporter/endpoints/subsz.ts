/**
 * `/subsz`: the subject index that matches every message, summed over all accounts.
 *
 * Requested without the list of subscriptions, which grows with the server and exposes subjects.
 */
import type { Collector } from "../collect/collector.ts";
import { from, type Table } from "../collect/table.ts";
import type { Document } from "../sources/monitoring-port/document.ts";

/** The counters are sums over accounts: they drop if a reload removes an account. */
const subjectIndex: Table<unknown> = {
  item: "subject index",
  endpoint: "/subsz",
  labels: [],
  identify: () => [],
  rows: [
    {
      name: "nats_sublist_subscriptions",
      type: "gauge",
      help: "Subscriptions in the subject index.",
      ...from("num_subscriptions"),
    },
    {
      name: "nats_sublist_inserts_total",
      type: "counter",
      help: "Subscriptions added to the subject index.",
      ...from("num_inserts"),
    },
    {
      name: "nats_sublist_removes_total",
      type: "counter",
      help: "Subscriptions removed from the subject index.",
      ...from("num_removes"),
    },
    {
      name: "nats_sublist_matches_total",
      type: "counter",
      help: "Subject lookups in the index.",
      ...from("num_matches"),
    },
    {
      name: "nats_sublist_cache_entries",
      type: "gauge",
      help: "Subjects with cached matches.",
      ...from("num_cache"),
    },
    {
      name: "nats_sublist_cache_hit_ratio",
      type: "gauge",
      help: "Fraction of all lookups since the start that the cache answered, 0 to 1.",
      ...from("cache_hit_rate"),
    },
    {
      name: "nats_sublist_fanout_max",
      type: "gauge",
      help: "Maximum number of subscriptions matched by one cached subject.",
      ...from("max_fanout"),
    },
    {
      name: "nats_sublist_fanout_average",
      type: "gauge",
      help: "Average number of subscriptions matched by one cached subject.",
      ...from("avg_fanout"),
    },
  ],
};

export const subsz: Collector<{ subsz: Document }> = {
  name: "subsz",
  summary: "subject index: size, lookups, cache and fan-out",
  tables: [subjectIndex],
  async fetch(ask) {
    return { subsz: await ask({ path: "/subsz" }) };
  },
  read({ subsz }, _context, sink) {
    sink.add(subjectIndex, subsz.root);
    return undefined;
  },
};
