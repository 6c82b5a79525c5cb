/**
 * Families as text: Prometheus text format 0.0.4 and OpenMetrics 1.0.
 *
 * A pure generator of UTF-8 chunks: the caller decides when to ask for the next one, so a large scrape
 * neither exists as one string nor holds the event loop.
 *
 * Sources: https://prometheus.io/docs/instrumenting/exposition_formats/ and the OpenMetrics 1.0 specification.
 */
import type { Family, Metric, MetricType } from "./family.ts";

export type ExpositionFormat = "prometheus-text" | "openmetrics";

/** Prometheus 3 refuses a scrape without a valid Content-Type. */
export const CONTENT_TYPE: Readonly<Record<ExpositionFormat, string>> = {
  "prometheus-text": "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** Large enough that encoding is cheap, small enough that one chunk takes well under a millisecond. */
const CHUNK_CHARACTERS = 64 * 1024;

const encoder = new TextEncoder();

/** Renders families in the order given; each must appear once (see `merge`). Families without samples are left out. */
export function* render(families: Iterable<Family>, format: ExpositionFormat): Generator<Uint8Array> {
  let text = "";
  for (const { metric, columns } of families) {
    if (!columns.some((samples) => samples.length > 0)) continue;
    text += format === "openmetrics" ? openMetricsHead(metric) : prometheusHead(metric);
    for (const { suffix, labels, values } of columns) {
      const name = metric.name + suffix;
      for (let i = 0; i < values.length; i++) {
        const label = labels[i] as string;
        const value = formatValue(values[i] as number);
        text += label === "" ? `${name} ${value}\n` : `${name}{${label}} ${value}\n`;
        if (text.length >= CHUNK_CHARACTERS) {
          yield encoder.encode(text);
          text = "";
        }
      }
    }
  }
  if (format === "openmetrics") text += "# EOF\n";
  if (text !== "") yield encoder.encode(text);
}

/** A float as Go's parser reads it. */
export function formatValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  if (value === Number.NEGATIVE_INFINITY) return "-Inf";
  return String(value);
}

const PROMETHEUS_TYPE: Readonly<Record<MetricType, string>> = {
  counter: "counter",
  gauge: "gauge",
  histogram: "histogram",
  summary: "summary",
  info: "gauge",
  unknown: "untyped",
};

function prometheusHead({ name, type, help }: Metric): string {
  const escaped = help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return `# HELP ${name} ${escaped}\n# TYPE ${name} ${PROMETHEUS_TYPE[type]}\n`;
}

function openMetricsHead(metric: Metric): string {
  const type = openMetricsType(metric);
  const name = openMetricsFamilyName(metric, type);
  const escaped = metric.help.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  const unit = /_(seconds|bytes|ratio)$/.exec(name)?.[1];
  const unitLine = unit && type !== "info" ? `# UNIT ${name} ${unit}\n` : "";
  return `# TYPE ${name} ${type}\n${unitLine}# HELP ${name} ${escaped}\n`;
}

/**
 * OpenMetrics insists on `_total` for counters and `_info` for info, and Prometheus would rename a sample
 * that lacks them. A metric whose name is somebody else's (compatibility) is `unknown` instead of renamed.
 */
function openMetricsType({ name, type }: Metric): MetricType {
  if (type === "counter" && !name.endsWith("_total")) return "unknown";
  if (type === "info" && !name.endsWith("_info")) return "gauge";
  return type;
}

function openMetricsFamilyName({ name }: Metric, type: MetricType): string {
  if (type === "counter") return name.slice(0, -"_total".length);
  if (type === "info") return name.slice(0, -"_info".length);
  return name;
}
