/** Comparison of natscope and prometheus-nats-exporter on the same running servers. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXPORTER_COLLECTOR_NAMES } from "../../../src/exporter/prometheus-nats-exporter/prometheus-nats-exporter.ts";
import { describeEachServer } from "../../outside-programs.ts";
import { Exposition } from "../../rig/exposition.ts";
import { populate } from "../../rig/populate.ts";
import { Rig } from "../../rig/rig.ts";
import { ExporterProcess, findExporter } from "./exporter-process.ts";
import { exporterWatch, scrapeExporter, typesOf, valuesOf } from "./scraping.ts";

const program = findExporter();

/** Metrics that change on idle servers, because of requests and time. */
const MOVING = [
  /^gnatsd_varz_(?:http_req_stats_|mem|cpu|in_|out_|total_connections|connections|subscriptions)/,
  /^gnatsd_varz_(?:disk_io_wait_stats_|jetstream_stats_|jetstream_meta_snapshot_|jetstream_meta_pending)/,
  /^gnatsd_(?:accstatz|subsz|gatewayz|leafz)_/,
  /^gnatsd_connz_(?:rtt|uptime|idle|last_activity|pending_bytes|in_|out_|limit)/,
  /^gnatsd_accountz_subscriptions/,
  /_active_duration_ns|_last_(?:ack|delivery)_seconds/,
];

if (program === undefined) {
  describe.skip("prometheus-nats-exporter not found: set $PNE or put it on the PATH", () => {
    it("is compared on the same servers", () => {});
  });
} else {
  describeEachServer("names of prometheus-nats-exporter", ({ version }) => {
    let rig: Rig;
    beforeAll(async () => {
      rig = await Rig.start({ version, nodes: ["n1", "n2", "n3", "g1", "leaf1"] });
      await populate(rig);
    });
    afterAll(() => rig?.stop());

    it.each(["n1", "n2", "g1", "leaf1"] as const)("give the same series for %s", async (node) => {
      const url = rig.server(node).monitorUrl;
      const flags = EXPORTER_COLLECTOR_NAMES.map((name) => `-${name}`);
      const exporter = await ExporterProcess.start(program, [...flags, "-jsz=all", url.origin]);
      const scraper = exporterWatch([{ name: node, url }], {
        collect: EXPORTER_COLLECTOR_NAMES,
        jsz: { detail: "consumers" },
      });
      try {
        const theirs = new Exposition(await exporter.scrape());
        const ours = await scrapeExporter(scraper);
        expect(ours.identities()).toEqual(theirs.identities());
        expect(typesOf(ours)).toEqual(typesOf(theirs));
        const resting = (exposition: Exposition): [string, number][] =>
          [...valuesOf(exposition)]
            .filter(([series]) => !MOVING.some((moving) => moving.test(series)))
            .sort();
        expect(resting(ours).length).toBeGreaterThan(50);
        expect(resting(ours)).toEqual(resting(theirs));
      } finally {
        scraper.close();
        await exporter.stop();
      }
    });
  });
}
