/** The values for the official Helm chart result in objects that natscope and Kubernetes accept. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { IContainer } from "kubernetes-models/v1/Container";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { packageVersion } from "../../src/cli/version.ts";
import { parseExporterArguments } from "../../src/exporter/prometheus-nats-exporter/arguments.ts";
import { readSettingFlags } from "../../src/exporter/settings/command-line.ts";
import { findPrograms } from "../../tools/nats-server/command.ts";
import { problemsOf } from "./kubernetes-schema.ts";
import { containerOf, KNOWN, type PromExporter, podMonitorOf, rendered } from "./official-chart.ts";
import { PROJECT_RULES, RESTRICTED } from "./pod-security.ts";

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

  it("use only keys that the chart has", () => {
    expect(others).toEqual({});
    expect(KNOWN.promExporter).toEqual(expect.arrayContaining(Object.keys(promExporter)));
    expect(KNOWN.image).toEqual(expect.arrayContaining(Object.keys(promExporter.image)));
    expect(KNOWN.podMonitor).toEqual(expect.arrayContaining(Object.keys(promExporter.podMonitor ?? {})));
  });

  it("result in a container that Kubernetes accepts with arguments that natscope accepts", async () => {
    const container = containerOf(promExporter);
    expect(container.image).toBe(`natscope:${packageVersion()}`);
    const monitor = podMonitorOf(promExporter);
    expect(await problemsOf([podWith(container), ...(monitor ? [monitor] : [])])).toEqual([]);
    const argv = argumentsOf(container);
    if (form === "full") {
      expect(argv[0]).toBe("serve");
      expect(readSettingFlags("natscope serve", argv.slice(1)).problems).toEqual([]);
    } else expect(parseExporterArguments(argv)).toMatchObject({ kind: "settings" });
  });
});

it("the drop-in changes only the image", () => {
  expect(Object.keys(valuesOf("drop-in").promExporter)).toEqual(["enabled", "image"]);
});

it("the full form is confined, has probes, and is scraped", () => {
  const { promExporter } = valuesOf("full");
  const pod = { ...podWith(containerOf(promExporter)).spec, automountServiceAccountToken: false };
  for (const { name, violations } of [...RESTRICTED, ...PROJECT_RULES])
    expect(violations(pod), name).toEqual([]);
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
describe.skipIf(!helm || !existsSync(chart))("the chart rendered by helm (NATS_CHART is its folder)", () => {
  it.each(["drop-in", "full"])("renders %s to the same objects as the substitute", (form) => {
    const objects = rendered(helm as string, chart, fileOf(form));
    const { promExporter } = valuesOf(form);
    const { spec } = objects.find(({ kind }) => kind === "StatefulSet")?.spec.template ?? {};
    const container = spec.containers.find(({ name }: IContainer) => name === "prom-exporter");
    expect(container).toEqual(containerOf(promExporter));
    const monitor = objects.find(({ kind }) => kind === "PodMonitor");
    expect(monitor?.spec.podMetricsEndpoints).toEqual(podMonitorOf(promExporter)?.spec.podMetricsEndpoints);
  });
});
