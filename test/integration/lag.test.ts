/**
 * Consumer lag: one scraper over all servers of a cluster, a leaf and a standalone server reports for every
 * consumer the values of the JetStream API, in one series, with any leader.
 */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Scraper } from "../../src/exporter/scrape/scraper.ts";
import { describeEachServer } from "../outside-programs.ts";
import { assetsByApi, assetsByNatscope } from "../rig/asset-states.ts";
import type { Exposition } from "../rig/exposition.ts";
import { populate, type Realm } from "../rig/populate.ts";
import { Rig } from "../rig/rig.ts";
import { createScraper, scrape } from "../rig/scraping.ts";
import { until } from "../rig/until.ts";

describeEachServer("consumer lag over all servers", ({ version }) => {
  let rig: Rig;
  let realms: Realm[];
  let scraper: Scraper;
  let atFirst: Exposition;

  beforeAll(async () => {
    rig = await Rig.start({ version });
    realms = await populate(rig);
    scraper = createScraper(rig.targets(), { ephemeralConsumers: "each" });
  });
  afterAll(async () => {
    scraper?.close();
    await rig?.stop();
  });

  /** Waits until both agree as a whole, because leaders change and replicas catch up. Returns the scrape. */
  async function untilAgreement(exists?: (key: string) => boolean): Promise<Exposition> {
    return until("natscope and the JetStream API to agree", async () => {
      const exposition = await scrape(scraper);
      expect(assetsByNatscope(realms, exposition)).toEqual(await assetsByApi(realms, exists));
      return exposition;
    });
  }

  it("matches the JetStream API, with one series per consumer", async () => {
    atFirst = await untilAgreement();
    const { consumers } = assetsByNatscope(realms, atFirst);
    expect(consumers["n1 APP ORDERS slow"]).toMatchObject([{ pending: 193, ackPending: 7, redelivered: 0 }]);
    expect(consumers["n1 APP ORDERS stuck"]).toMatchObject([{ pending: 190, ackPending: 10 }]);
    expect(consumers["n1 APP ORDERS redelivered"]).toMatchObject([{ pending: 96, redelivered: 4 }]);
    expect(consumers["n1 APP ORDERS healthy"]).toMatchObject([{ pending: 0, ackPending: 0 }]);
    expect(consumers["n2 ANALYTICS EVENTS slow"]).toMatchObject([{ pending: 23, ackPending: 7 }]);
    expect(Object.keys(consumers["n1 APP ORDERS slow"]?.[0]?.replicas ?? {})).toHaveLength(2);
    expect(Object.keys(consumers["n1 APP ORDERS single"]?.[0]?.replicas ?? {})).toHaveLength(0);
  });

  it("is unchanged after the consumers change leaders", async () => {
    const before = await leaders();
    const { api } = realmOf("n1");
    const moved = ["slow", "stuck", "redelivered", "unbound", "healthy"];
    await Promise.all(moved.map((name) => api.request(`CONSUMER.LEADER.STEPDOWN.ORDERS.${name}`)));
    for (const name of moved) await newLeader("n1", `ORDERS ${name}`, before);
    expectSameSeries(await untilAgreement(), atFirst);
  });

  it("is unchanged after the streams change leaders", async () => {
    const before = await leaders();
    await realmOf("n1").api.request("STREAM.LEADER.STEPDOWN.ORDERS");
    await realmOf("n2").api.request("STREAM.LEADER.STEPDOWN.EVENTS");
    await newLeader("n1", "ORDERS", before);
    await newLeader("n2", "EVENTS", before);
    expectSameSeries(await untilAgreement(), atFirst);
  });

  describe("after a server is killed", () => {
    const dead = "n3";

    it("continues if a majority is left, without series of lost assets", async () => {
      const before = assetsByNatscope(realms, await scrape(scraper));
      const lost = Object.entries({ ...before.consumers, ...before.streams })
        .filter(([, [state]]) => state?.server === dead && Object.keys(state.replicas).length === 0)
        .map(([key]) => key);
      await rig.server(dead).kill();
      await until("the leaders to detect the lost peer", async () => {
        const exposition = await untilAgreement((key) => !lost.includes(key));
        const { consumers } = assetsByNatscope(realms, exposition);
        expect(consumers["n1 APP ORDERS slow"]?.[0]?.replicas[dead]).toMatch(/^not current/);
        const ofDead = [...exposition.families.values()]
          .flatMap(({ samples }) => samples)
          .filter(({ name, labels }) => name.startsWith("nats_") && labels.server === dead);
        expect(ofDead).toEqual([{ name: "nats_up", labels: { server: dead }, value: 0 }]);
        return true;
      });
    });

    it("reduces the quorum margin long before the servers report the peer offline", async () => {
      await until("the margins to fall", async () => {
        const exposition = await scrape(scraper);
        const margins = (name: string): number[] => exposition.samples(name).map(({ value }) => value);
        expect(
          exposition.samples("nats_stream_quorum_margin", { account: "APP", stream: "ORDERS" }),
        ).toMatchObject([{ value: 0 }]);
        expect(new Set(margins("nats_consumer_quorum_margin"))).toEqual(new Set([0]));
        expect(margins("nats_jetstream_meta_quorum_margin")).toEqual([0]);
        return true;
      });
    });

    it("is complete again after the server restarts", async () => {
      await rig.server(dead).restart();
      await rig.ready();
      const exposition = await untilAgreement();
      expect(exposition.value("nats_up", { server: dead })).toBe(1);
      expectSameSeries(exposition, atFirst);
    });
  });

  it("counts an account's usage once, not once per server", async () => {
    await until("account totals to agree", async () => {
      const exposition = await scrape(scraper);
      for (const { api, account, nodes } of realms) {
        const { memory, storage } = await api.account();
        const total = (metric: string): number =>
          exposition
            .samples(metric, { account })
            .filter(({ labels }) => (nodes as readonly string[]).includes(labels.server ?? ""))
            .reduce((sum, { value }) => sum + value, 0);
        expect(total("nats_jetstream_account_storage_used_bytes"), `${account} on ${nodes}`).toBe(storage);
        expect(total("nats_jetstream_account_memory_used_bytes"), `${account} on ${nodes}`).toBe(memory);
      }
      return true;
    });
  });

  it("folds ephemeral consumers into one series per stream, with any leader", async () => {
    const folding = createScraper(rig.targets());
    onTestFinished(() => folding.close());
    const { api } = realmOf("n1");
    await until("natscope and the JetStream API to agree", async () => {
      const exposition = await scrape(folding);
      const ofCluster = (metric: string): number =>
        exposition
          .samples(metric, { account: "APP", stream: "ORDERS" })
          .filter(({ labels }) => labels.server !== "solo")
          .reduce((sum, { value }) => sum + value, 0);
      const infos = await Promise.all(
        ["ephemeral1", "ephemeral2"].map((name) => api.consumer("ORDERS", name)),
      );
      const truth = (field: "num_pending" | "num_ack_pending"): number =>
        infos.reduce((sum, info) => sum + info[field], 0);
      expect(truth("num_pending")).toBeGreaterThanOrEqual(298); // More if a kill lost the delivery state.
      expect(ofCluster("nats_ephemeral_consumers")).toBe(infos.length);
      expect(ofCluster("nats_ephemeral_consumers_pending")).toBe(truth("num_pending"));
      expect(ofCluster("nats_ephemeral_consumers_ack_pending")).toBe(truth("num_ack_pending"));
      expect(exposition.samples("nats_consumer_pending", { consumer: "ephemeral1" })).toEqual([]);
      return true;
    });
  });

  function realmOf(node: "n1" | "n2"): Realm {
    return realms.find((realm) => realm.node === node) as Realm;
  }

  /** Leaders by stream or consumer. */
  async function leaders(): Promise<Record<string, string | undefined>> {
    const { consumers, streams } = await assetsByApi(realms);
    return Object.fromEntries(
      Object.entries({ ...consumers, ...streams }).map(([key, [state]]) => [key, state?.server]),
    );
  }

  async function newLeader(node: "n1" | "n2", names: string, before: Record<string, string | undefined>) {
    const { api, account } = realmOf(node);
    const [stream = "", consumer] = names.split(" ");
    await until(`another leader of ${names}`, async () => {
      const { cluster } = await (consumer ? api.consumer(stream, consumer) : api.stream(stream));
      const leader = cluster?.leader;
      return (leader && leader !== before[`${node} ${account} ${names}`]) || undefined;
    });
  }
});

/** Metrics that a new leader does not report at once, because it knows no time before its election. */
const SINCE_LEADING = /^nats_consumer_last_(delivery|ack)_timestamp_seconds\{/;

/** Expects the same series of streams and consumers as before, possibly from another server and about other peers. */
function expectSameSeries(now: Exposition, before: Exposition): void {
  const assetSeries = (exposition: Exposition): string[] =>
    exposition
      .identities(["server", "peer"])
      .filter((series) => /^nats_(stream|consumer)_/.test(series) && !SINCE_LEADING.test(series));
  expect(assetSeries(now)).toEqual(assetSeries(before));
  const servers = ({ families }: Exposition): string[] =>
    (families.get("nats_up")?.samples ?? []).map(({ labels }) => labels.server ?? "");
  expect(servers(now)).toEqual(servers(before));
}
