/**
 * End-to-end test with a real Prometheus and the real command, in both formats and with both sets of names:
 * Prometheus must accept everything, and its query results must match the servers.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startNatscope } from "../cli/natscope.ts";
import { describeWithProgram, SERVER_VERSIONS } from "../outside-programs.ts";
import { Exposition } from "../rig/exposition.ts";
import { populate, type Realm } from "../rig/populate.ts";
import { Prometheus, textOnlyProxy } from "../rig/prometheus.ts";
import { Rig } from "../rig/rig.ts";
import { until } from "../rig/until.ts";

/** Scrapes of each job before the checks. */
const SCRAPES = 4;

const JOBS = ["openmetrics", "text", "both_names"] as const;

describeWithProgram("prometheus", "a Prometheus that scrapes natscope", (binary) => {
  const [server] = SERVER_VERSIONS;
  describe.skipIf(!server)(`with a cluster of nats-server ${server?.version}`, () => {
    let rig: Rig;
    let realms: Realm[];
    let prometheus: Prometheus;
    let exporterUrl: string;

    beforeAll(async () => {
      rig = await Rig.start({ version: server?.version ?? "", nodes: ["n1", "n2", "n3", "solo"] });
      realms = await populate(rig);
      exporterUrl = await startExporter();
      const text = await textOnlyProxy(exporterUrl);
      rig.onStop(() => text.close());
      prometheus = await Prometheus.start(binary, {
        openmetrics: new URL(exporterUrl).host,
        text: text.address,
        both_names: new URL(await startExporter("--names", "both")).host,
      });
      rig.onStop(() => prometheus.stop());
      await trafficForever();
      await until(`${SCRAPES} scrapes of each job`, async () => {
        const counts = await prometheus.query(`count_over_time(up[1h])`);
        return (counts.length === JOBS.length && counts.every(({ value }) => value >= SCRAPES)) || undefined;
      });
    });
    afterAll(() => rig?.stop());

    it("reports no errors or warnings", async () => {
      expect(await prometheus.targets()).toEqual(
        expect.arrayContaining(JOBS.map((job) => ({ job, health: "up", lastError: "" }))),
      );
      expect(prometheus.complaints()).toEqual([]);
      const ups = await prometheus.query("min_over_time(up[1h])");
      expect(ups.map(({ value }) => value)).toEqual([1, 1, 1]);
      expect(
        await prometheus.query("scrape_samples_scraped != scrape_samples_post_metric_relabeling"),
      ).toEqual([]);
    });

    it("stores every sample, with the same series in both formats", async () => {
      const own = `__name__!~"up|scrape_.*"`;
      // A garbage collection adds a family, possibly between the scrapes of two jobs.
      const steady = `__name__!~"up|scrape_.*|nodejs_.*"`;
      await until("the stored series to match the scraped ones", async () => {
        for (const job of JOBS) {
          const scraped = await prometheus.value(`scrape_samples_scraped{job="${job}"}`);
          expect(await prometheus.value(`count({job="${job}",${own}})`), job).toBe(scraped);
        }
        const count = (job: string): string => `count({job="${job}",${steady}}) by (__name__)`;
        const differing = `${count("openmetrics")} != on (__name__) ${count("text")}`;
        expect(await prometheus.query(differing)).toEqual([]);
        const missing = `${count("text")} unless on (__name__) {job="openmetrics"}`;
        expect(await prometheus.query(missing)).toEqual([]);
        return true;
      });
    });

    it("has counters typed as counters", async () => {
      const { families } = new Exposition(await (await fetch(`${exporterUrl}/metrics`)).text());
      const counters = [...families.values()]
        .filter(({ type }) => type === "counter")
        .map(({ name }) => name);
      expect(counters.length).toBeGreaterThan(20);
      const overText = await prometheus.types("text");
      const overOpenMetrics = await prometheus.types("openmetrics");
      for (const name of counters) {
        expect(overText.get(name), name).toBe("counter");
        expect(overOpenMetrics.get(name.replace(/_total$/, "")), name).toBe("counter");
      }
    });

    it("computes rates", async () => {
      for (const job of JOBS) {
        await until(`a rate in ${job}`, async () => {
          const rate = await prometheus.value(
            `rate(nats_server_received_messages_total{job="${job}",server="solo"}[10s])`,
          );
          return (rate ?? 0) > 0 || undefined;
        });
      }
    });

    it("sums lag to the value of the JetStream API", async () => {
      const consumers = (await Promise.all(realms.map(({ api }) => api.consumers()))).flat();
      const truth = consumers.reduce((sum, { num_pending }) => sum + num_pending, 0);
      const all = (job: string): string =>
        `sum(nats_consumer_pending{job="${job}"}) + sum(nats_ephemeral_consumers_pending{job="${job}"})`;
      for (const job of JOBS) expect(await prometheus.value(all(job)), job).toBe(truth);
      const slow = { job: "text", account: "APP", stream: "ORDERS", consumer: "slow" };
      const selector = Object.entries(slow).map(([label, value]) => `${label}="${value}"`);
      expect(await prometheus.value(`sum(nats_consumer_pending{${selector},server!="solo"})`)).toBe(193);
    });

    it("stores prometheus-nats-exporter's names too", async () => {
      for (const node of ["n1", "n2", "n3", "solo"] as const) {
        const { cores } = (await rig.server(node).monitor("/varz")) as { cores: number };
        const { origin } = rig.server(node).monitorUrl;
        expect(await prometheus.value(`gnatsd_varz_cores{job="both_names",server_id="${origin}"}`)).toBe(
          cores,
        );
      }
      expect(await prometheus.value(`count(nats_up{job="both_names"} == 1)`)).toBe(4);
    });

    it("marks the series of a stopped server as stale at the next scrape", async () => {
      const alive = (job: string): string => `{job="${job}",server="solo",__name__=~"nats_.*"}`;
      await rig.server("solo").stop();
      for (const job of JOBS) {
        await until(`solo to be stale in ${job}`, async () => {
          // Within the five minutes for which Prometheus would return a series without a stale marker.
          const left = await prometheus.query(alive(job));
          return (
            (left.length === 1 && left[0]?.metric.__name__ === "nats_up" && left[0].value === 0) || undefined
          );
        });
        expect(await prometheus.value(`up{job="${job}"}`)).toBe(1);
        expect(await prometheus.value(`nats_up{job="${job}",server="n1"}`)).toBe(1);
      }
      // prometheus-nats-exporter reports a dead server as unreachable, and so do its names here, with no other
      // series.
      const { origin } = rig.server("solo").monitorUrl;
      const left = await prometheus.query(`{__name__=~"(gnatsd|jetstream)_.*",server_id="${origin}"}`);
      expect(left).toMatchObject([{ metric: { __name__: "gnatsd_healthz_status_value" }, value: 0 }]);
      expect(prometheus.complaints()).toEqual([]);
    });

    /** Starts the command with all servers of the rig and resolves with its address. Stops with the test. */
    async function startExporter(...flags: string[]): Promise<string> {
      const monitors = rig.targets().flatMap(({ name, url }) => ["--monitor", `${name}=${url.origin}`]);
      const argv = ["serve", "--listen", "127.0.0.1:0", ...monitors, ...flags];
      return startNatscope(argv, {}, (end) => rig.onStop(end)).address();
    }

    async function trafficForever(): Promise<void> {
      const writer = await rig.connect("solo", "plain", { name: "steady-writer" });
      const timer = setInterval(() => writer.publish("steady"), 100);
      rig.onStop(() => clearInterval(timer));
    }
  });
});
