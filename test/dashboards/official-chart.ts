/**
 * What the official NATS Helm chart (2.14.2) makes of the values under `promExporter`: the container beside each
 * server, and the PodMonitor. Written down from its templates, since no registry of ours has the chart. With a `helm`
 * and the chart's folder in NATS_CHART the real thing is rendered instead.
 *
 * Source: https://github.com/nats-io/k8s/tree/main/helm/charts/nats
 */
import { execFileSync } from "node:child_process";
import type { IContainer } from "kubernetes-models/v1/Container";
import { parseAllDocuments } from "yaml";
import type { KubernetesObject } from "./kubernetes-schema.ts";

/** An operation of RFC 6902, of those that are used. */
interface Operation {
  readonly op: "add" | "replace";
  readonly path: string;
  readonly value: unknown;
}

/** The chart's own names, each with what may be under it; a value under another is passed over without a word. */
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

/** Every name that the chart knows there. */
export const KNOWN = {
  promExporter: ["enabled", "image", "port", "monitorDomain", "env", "merge", "patch", "podMonitor"],
  image: ["repository", "tag", "pullPolicy", "registry", "digest", "fullImageName"],
  podMonitor: ["enabled", "merge", "patch", "name"],
} as const;

/** The chart merges before it patches. */
function mergedAndPatched<T>(made: T, { merge = {}, patch = [] }: Pick<PromExporter, "merge" | "patch">): T {
  const object = merged(made, merge);
  for (const { op, path, value } of patch) {
    const keys = path.split("/").slice(1);
    const last = keys.pop() as string;
    // biome-ignore lint/suspicious/noExplicitAny: any object, by a path
    const parent = keys.reduce((at: any, key) => at[key], object);
    if (op === "replace" && !(last in parent)) throw new Error(`there is no ${path} to replace`);
    parent[last] = value;
  }
  return object;
}

function merged<T>(made: T, change: object): T {
  const result = structuredClone(made) as Record<string, unknown>;
  for (const [key, value] of Object.entries(change)) {
    const both = [result[key], value].every((one) => one && typeof one === "object" && !Array.isArray(one));
    result[key] = both ? merged(result[key], value) : value;
  }
  return result as T;
}

/** Of a chart with JetStream. */
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

/** Undefined where the values want none. */
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

/** The chart itself, rendered by helm with a file of values. */
export function rendered(helm: string, chart: string, values: string): readonly KubernetesObject[] {
  const argv = ["template", "nats", chart, "--values", values, "--set", "config.jetstream.enabled=true"];
  const text = execFileSync(helm, argv, { encoding: "utf8" });
  return parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);
}
