/**
 * Dashboards and alerts on a live installation: a real Prometheus scrapes natscope (which watches real servers), an
 * instrumented application and a benchmark. No panel may be empty, no rule may fail, and injected faults must fire
 * their alerts.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ALERT_GROUPS } from "../../dashboards/sources/alerts/alerts.ts";
import { DASHBOARDS } from "../../dashboards/sources/boards/dashboards.ts";
import { queriesOf } from "../../dashboards/sources/grafana/dashboard.ts";
import { describeWithProgram, SERVER_VERSIONS } from "../outside-programs.ts";
import type { AlertState } from "../rig/prometheus.ts";
import { until } from "../rig/until.ts";
import { COMMUNITY_NAMES } from "./community-names.ts";
import { withValues } from "./promql.ts";
import { INTERVAL, RATE_INTERVAL, type Stage, startStage } from "./stage.ts";

const MINUTES = 60_000;

describeWithProgram("prometheus", "dashboards and alerts on a live installation", (binary) => {
  const [server] = SERVER_VERSIONS;
  describe.skipIf(!server)(`over nats-server ${server?.version}`, () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await startStage(binary, server?.version ?? "");
    }, 5 * MINUTES);
    afterAll(() => stage?.[Symbol.asyncDispose]());

    const panels = DASHBOARDS.flatMap(({ title, rows }) =>
      rows.flatMap((row) => row.panels.map((panel) => [`${title}: ${panel.title}`, panel] as const)),
    );

    it("evaluate every rule without an error", async () => {
      const rules = await until("every rule to be evaluated", async () => {
        const all = await stage.prometheus.rules();
        return (all.length > 0 && all.every(({ health }) => health !== "unknown") && all) || undefined;
      });
      expect(rules.filter(({ health, lastError }) => health !== "ok" || lastError)).toEqual([]);
    });

    it.each(panels)(
      "%s is not empty",
      async (_, panel) => {
        for (const { expr, legend } of queriesOf(panel)) {
          const query = withValues(expr, { interval: RATE_INTERVAL, range: "1m" });
          await until(
            `data for ${legend}: ${query}`,
            async () => {
              const now = Date.now() / 1000;
              const drawn = await stage.prometheus.draw(query, { from: now - 30, to: now, step: INTERVAL });
              expect(drawn.complaints).toEqual([]);
              return (
                drawn.lines.some(({ points }) => points.some(([, value]) => !Number.isNaN(value))) ||
                undefined
              );
            },
            2 * MINUTES,
          );
        }
      },
      5 * MINUTES,
    );

    it("link slow requests to traces by exemplars", async () => {
      const now = Date.now() / 1000;
      const found = await stage.prometheus.exemplars("nats_request_seconds_bucket", {
        from: now - 600,
        to: now,
      });
      expect(found.length).toBeGreaterThan(0);
      expect(JSON.stringify(found[0])).toContain("trace_id");
    });

    it("serve the metrics that dashboards of prometheus-nats-exporter query", async () => {
      const served = await stage.prometheus.query('count by (__name__) ({job="nats"})');
      const names = new Set(served.map(({ metric }) => metric.__name__));
      const missing = COMMUNITY_NAMES.filter((name) => !name.startsWith("nats_") && !names.has(name));
      expect(missing).toEqual([]);
    });

    it(
      "fire the alerts of injected faults",
      async () => {
        await fires("NatsCertificateExpires", { server: "small", listener: "websocket" });
        await fires("NatsSlowConsumers", { server: "solo" });
        await fires("NatsConsumerStalled", { stream: "ORDERS", consumer: "slow" });
        await fires("NatsConsumerThresholdCrossed", {}, "NatsStreamThresholdCrossed");
        await fires("NatsConsumerLagGrowing", { stream: "BACKLOG", consumer: "behind", cluster: "C1" });
        await fires("NatsJetStreamStorageFilling", { server: "small" });
      },
      15 * MINUTES,
    );

    it("fire no other alert", async () => {
      const firing = new Set((await alerts()).map(({ labels }) => labels.alertname));
      expect([...firing].filter((name) => !EXPECTED_ALERTS.has(name as string))).toEqual([]);
    });

    it(
      "fire the alerts of a killed server and its replicas",
      async () => {
        await stage.rig.server("n3").kill();
        await fires("NatsServerDown", { server: "n3" });
        await fires("NatsReplicaLost", { peer: "n3", cluster: "C1" });
      },
      10 * MINUTES,
    );

    it("use only label values in matchers that exist", async () => {
      const selectors = ALERT_GROUPS.flatMap((group) => group.alerts)
        .flatMap(({ expr }) => [...expr.matchAll(/\b([a-z_:]+)\{([^}]+)\}/g)])
        .map(([selector, metric = "", matchers = ""]) => ({ selector, metric, matchers }))
        .filter(({ metric, matchers }) => !WITHOUT_DATA.test(`${metric}{${matchers}}`));
      expect(selectors.length).toBeGreaterThan(5);
      const missing: string[] = [];
      for (const { selector } of new Map(selectors.map((one) => [one.selector, one])).values()) {
        const found = await stage.prometheus.query(`count(last_over_time(${selector}[10m]))`);
        if (found.length === 0) missing.push(selector);
      }
      expect(missing).toEqual([]);
    });

    it("expand every template in the annotations", async () => {
      for (const { labels, annotations } of await alerts()) {
        expect(JSON.stringify(annotations), labels.alertname).not.toMatch(/no value|error expanding|\{\{/);
      }
    });

    async function alerts(): Promise<AlertState[]> {
      const all = (await stage.prometheus.rules()).flatMap((rule) => rule.alerts ?? []);
      return all.filter(({ state }) => state === "firing");
    }

    /** Resolves when the alert `name` (or the alert `or`) fires with these labels. */
    async function fires(name: string, labels: Readonly<Record<string, string>>, or = name): Promise<void> {
      expect(ALERT_GROUPS.flatMap((group) => group.alerts.map((alert) => alert.name))).toContain(name);
      await until(
        `${name} to fire for ${JSON.stringify(labels)}`,
        async () =>
          (await alerts()).find(
            (alert) =>
              [name, or].includes(alert.labels.alertname as string) &&
              Object.entries(labels).every(([label, value]) => alert.labels[label] === value),
          ),
        4 * MINUTES,
      );
    }
  });
});

/** Alerts about the deliberate faults of the stage. */
const EXPECTED_ALERTS = new Set([
  "NatsClientRequestsFailing",
  "NatsClientPermissionsDenied",
  "NatsConsumerAcksMissing",
  "NatsCertificateExpires",
  "NatsCertificateExpiresSoon",
  "NatsSlowConsumers",
  "NatsConsumerStalled",
  "NatsConsumerLagGrowing",
  "NatsConsumerThresholdCrossed",
  "NatsStreamThresholdCrossed",
  "NatsJetStreamStorageFilling",
]);

/** Selectors without data here: close reasons and thresholds that nothing triggers, and native histograms. */
const WITHOUT_DATA = /reason=~"Max|_threshold\{|^nats_request_seconds\{/;
