/**
 * A substitute for the official NATS Helm chart (2.14.2): the exporter's container and the PodMonitor that its templates
 * create from the values under `promExporter`. If `helm` exists and NATS_CHART is the folder of the chart, a test
 * compares the substitute with the real chart.
 *
 * Source: https://github.com/nats-io/k8s/tree/main/helm/charts/nats
 */
import { execFileSync } from "node:child_process";
import type { IContainer } from "kubernetes-models/v1/Container";
import { parseAllDocuments } from "yaml";
import type { KubernetesObject } from "./kubernetes-schema.ts";

/** A JSON Patch operation (RFC 6902). */
interface Operation {
  readonly op: "add" | "replace";
  readonly path: string;
  readonly value: unknown;
}

/** Values under `promExporter`. The chart ignores unknown keys without an error. */
export interface PromExporter {
  readonly enabled: boolean;
  readonly image: { readonly repository: string; readonly tag: string };
  readonly env?: Readonly<Record<string, object>>;
  readonly merge?: object;
  readonly patch?: readonly Operation[];
  readonly podMonitor?: {
    readonly enabled: boolean;
    readonly merge?: object;
    readonly patch?: readonly Operation[];
  };
}

/** Every key that the chart has under `promExporter`. */
export const KNOWN = {
  promExporter: ["enabled", "image", "port", "monitorDomain", "env", "merge", "patch", "podMonitor"],
  image: ["repository", "tag", "pullPolicy", "registry", "digest", "fullImageName"],
  podMonitor: ["enabled", "merge", "patch", "name"],
} as const;

/** Applies a merge, then a patch, in the order of the chart. */
function mergedAndPatched<T>(
  original: T,
  { merge = {}, patch = [] }: Pick<PromExporter, "merge" | "patch">,
): T {
  const object = merged(original, merge);
  for (const { op, path, value } of patch) {
    const keys = path.split("/").slice(1);
    const last = keys.pop() as string;
    // biome-ignore lint/suspicious/noExplicitAny: a path through any object
    const parent = keys.reduce((at: any, key) => at[key], object);
    if (op === "replace" && !(last in parent)) throw new Error(`cannot replace ${path}: not found`);
    parent[last] = value;
  }
  return object;
}

function merged<T>(original: T, change: object): T {
  const result = structuredClone(original) as Record<string, unknown>;
  for (const [key, value] of Object.entries(change)) {
    const both = [result[key], value].every((one) => one && typeof one === "object" && !Array.isArray(one));
    result[key] = both ? merged(result[key], value) : value;
  }
  return result as T;
}

/** The exporter's container, for a chart with JetStream enabled. */
export function containerOf(values: PromExporter): IContainer {
  const flags = [
    "-connz",
    "-routez",
    "-subz",
    "-varz",
    "-prefix=nats",
    "-use_internal_server_id",
    "-jsz=all",
  ];
  const container: IContainer = {
    name: "prom-exporter",
    image: `${values.image.repository}:${values.image.tag}`,
    ports: [{ name: "prom-metrics", containerPort: 7777 }],
    ...(values.env && { env: Object.entries(values.env).map(([name, value]) => ({ name, ...value })) }),
    args: ["-port=7777", ...flags, "http://localhost:8222/"],
  };
  return mergedAndPatched(container, values);
}

/** The PodMonitor, or undefined if the values disable it. */
export function podMonitorOf({ podMonitor }: PromExporter): KubernetesObject | undefined {
  if (!podMonitor?.enabled) return undefined;
  const labels = { "app.kubernetes.io/name": "nats", "app.kubernetes.io/component": "nats" };
  const object = {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PodMonitor",
    metadata: { name: "nats", labels },
    spec: { selector: { matchLabels: labels }, podMetricsEndpoints: [{ port: "prom-metrics" }] },
  };
  return mergedAndPatched(object, podMonitor);
}

/** The objects of the real chart, rendered by helm with a values file. */
export function rendered(helm: string, chart: string, values: string): readonly KubernetesObject[] {
  const argv = ["template", "nats", chart, "--values", values, "--set", "config.jetstream.enabled=true"];
  const text = execFileSync(helm, argv, { encoding: "utf8" });
  return parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);
}
