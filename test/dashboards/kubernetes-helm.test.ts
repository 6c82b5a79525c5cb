/** The values for the official chart: what it makes of them is what natscope and Kubernetes understand. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { IContainer } from "kubernetes-models/v1/Container";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readArguments } from "../../src/cli/arguments.ts";
import { packageVersion } from "../../src/cli/version.ts";
import { findPrograms } from "../../tools/nats-server/command.ts";
import { problemsOf } from "./kubernetes-schema.ts";
import { containerOf, KNOWN, type PromExporter, podMonitorOf, rendered } from "./official-chart.ts";
import { HOUSE, RESTRICTED } from "./pod-security.ts";

const fileOf = (form: string) => fileURLToPath(new URL(`../../k8s/helm/${form}.yaml`, import.meta.url));
const valuesOf = (form: string) =>
  parse(readFileSync(fileOf(form), "utf8")) as { promExporter: PromExporter };
const argumentsOf = ({ args = [] }: IContainer) =>
  args.map((text) => text.replaceAll("$(POD_NAME)", "nats-0"));
const podWith = (container: IContainer) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "nats-0" },
  spec: { containers: [container] },
});

describe.each(["drop-in", "full"])("the values of %s", (form) => {
  const { promExporter, ...others } = valuesOf(form);

  it("are all of the chart's names", () => {
    expect(others).toEqual({});
    expect(KNOWN.promExporter).toEqual(expect.arrayContaining(Object.keys(promExporter)));
    expect(KNOWN.image).toEqual(expect.arrayContaining(Object.keys(promExporter.image)));
    expect(KNOWN.podMonitor).toEqual(expect.arrayContaining(Object.keys(promExporter.podMonitor ?? {})));
  });

  it("make a container that Kubernetes takes and natscope understands", async () => {
    const container = containerOf(promExporter);
    expect(container.image).toBe(`natscope:${packageVersion()}`);
    const monitor = podMonitorOf(promExporter);
    expect(await problemsOf([podWith(container), ...(monitor ? [monitor] : [])])).toEqual([]);
    const invocation = readArguments(argumentsOf(container), packageVersion());
    expect(invocation.command).toBe(form === "full" ? "serve" : "serve-as-exporter");
    expect("problems" in invocation ? invocation.problems : []).toEqual([]);
  });
});

it("the drop-in changes nothing but the image", () => {
  expect(Object.keys(valuesOf("drop-in").promExporter)).toEqual(["enabled", "image"]);
});

it("the full form is confined, probed and scraped", () => {
  const { promExporter } = valuesOf("full");
  const pod = { ...podWith(containerOf(promExporter)).spec, automountServiceAccountToken: false };
  for (const { name, violations } of [...RESTRICTED, ...HOUSE]) expect(violations(pod), name).toEqual([]);
  expect(containerOf(promExporter)).toMatchObject({
    livenessProbe: { httpGet: { path: "/livez", port: "prom-metrics" } },
    readinessProbe: { httpGet: { path: "/readyz", port: "prom-metrics" } },
  });
  expect(podMonitorOf(promExporter)).toMatchObject({
    metadata: { labels: { "app.kubernetes.io/name": "nats", release: "kube-prometheus-stack" } },
    spec: { podMetricsEndpoints: [{ port: "prom-metrics", interval: "15s", scrapeTimeout: "10s" }] },
  });
});

const [helm] = findPrograms("helm");
const chart = process.env.NATS_CHART ?? "";
describe.skipIf(!helm || !existsSync(chart))(
  "the chart itself, by helm (NATS_CHART names its folder)",
  () => {
    it.each(["drop-in", "full"])("makes of %s what is written down here", (form) => {
      const objects = rendered(helm as string, chart, fileOf(form));
      const { promExporter } = valuesOf(form);
      const { spec } = objects.find(({ kind }) => kind === "StatefulSet")?.spec.template ?? {};
      const made = spec.containers.find(({ name }: IContainer) => name === "prom-exporter");
      expect(made).toEqual(containerOf(promExporter));
      const monitor = objects.find(({ kind }) => kind === "PodMonitor");
      expect(monitor?.spec.podMetricsEndpoints).toEqual(podMonitorOf(promExporter)?.spec.podMetricsEndpoints);
    });
  },
);
