import { expect, test } from "vitest";
import { subsz } from "../../../src/exporter/endpoints/subsz.ts";
import { readCollector, sample } from "../saved-replies.ts";

test.each([
  ["2.9.10", 493, 595, 553, 60, 2826, 0.7321302193913659, 7, 1.4201680672268908],
  ["2.10.27", 583, 283, 653, 70, 3037, 0.7471188673032598, 7, 2.0424028268551235],
  ["2.15.1", 643, 648, 702, 59, 3131, 0.7818588310443948, 7, 1.4660493827160495],
])(
  "exposes the subject index of %s",
  async (version, subscriptions, cache, inserts, removes, matches, hits, max, mean) => {
    const { series } = await readCollector(subsz, { "/subsz": sample(version, "n1", "subsz") });
    expect([...series]).toEqual([
      ["nats_sublist_subscriptions{}", subscriptions],
      ["nats_sublist_inserts_total{}", inserts],
      ["nats_sublist_removes_total{}", removes],
      ["nats_sublist_matches_total{}", matches],
      ["nats_sublist_cache_entries{}", cache],
      ["nats_sublist_cache_hit_ratio{}", hits],
      ["nats_sublist_fanout_max{}", max],
      ["nats_sublist_fanout_average{}", mean],
    ]);
  },
);

test.each([
  ["null", Buffer.from("null")],
  ["nothing", {}],
  ["wrong types", { num_subscriptions: "1", num_cache: null, num_matches: [], cache_hit_rate: true }],
])("reports nothing for %s", async (_, reply) => {
  expect((await readCollector(subsz, { "/subsz": reply })).series).toEqual(new Map());
});
