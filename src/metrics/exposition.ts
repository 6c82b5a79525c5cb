/**
 * Rendering of families in the Prometheus text format 0.0.4 and OpenMetrics 1.0.
 *
 * A pure generator of UTF-8 chunks. The caller decides when to request the next one, so a large scrape never exists
 * as one string and does not block the event loop.
 *
 * Sources: https://prometheus.io/docs/instrumenting/exposition_formats/ and the OpenMetrics 1.0 specification.
 */
import type { Family, Metric, MetricType } from "./family.ts";

/** Text format 0.0.4 of Prometheus, or OpenMetrics 1.0. */
export type ExpositionFormat = "prometheus-text" | "openmetrics";

/** Content-Type by format. Prometheus 3 rejects a scrape without a valid one. */
export const CONTENT_TYPE: Readonly<Record<ExpositionFormat, string>> = {
  "prometheus-text": "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** Large enough for few chunks, small enough to render each in well under a millisecond. */
const CHUNK_BYTES = 256 * 1024;

/** Maximum bytes of UTF-8 per UTF-16 code unit. */
const BYTES_PER_CHARACTER = 3;

/**
 * Renders families in the given order as UTF-8 chunks of about 256 KiB. Each metric must appear once (see `merge`).
 * Families without samples are left out. A chunk is valid only until the next one is requested: all chunks share memory,
 * so that rendering allocates little. Copy a chunk before storing it or passing it to an asynchronous write.
 */
export function* render(families: Iterable<Family>, format: ExpositionFormat): Generator<Uint8Array> {
  const chunk = new Chunk();
  for (const { metric, columns } of families) {
    if (!columns.some((samples) => samples.length > 0)) continue;
    chunk.write(format === "openmetrics" ? openMetricsHead(metric) : prometheusHead(metric));
    for (const { suffix, labels, values } of columns) {
      const name = metric.name + suffix;
      const opening = `${name}{`;
      for (let i = 0; i < values.length; i++) {
        const label = labels[i] as string;
        const value = formatValue(values[i] as number);
        if (label === "") {
          chunk.write(`${name} ${value}\n`);
        } else {
          chunk.write(opening);
          chunk.write(label);
          chunk.write(`} ${value}\n`);
        }
        if (chunk.length >= CHUNK_BYTES) yield chunk.take();
      }
    }
  }
  if (format === "openmetrics") chunk.write("# EOF\n");
  if (chunk.length > 0) yield chunk.take();
}

/** A reusable buffer for chunks. */
class Chunk {
  length = 0;
  #memory = Buffer.allocUnsafe(2 * CHUNK_BYTES);

  write(text: string): void {
    const needed = this.length + text.length * BYTES_PER_CHARACTER;
    if (needed > this.#memory.length) {
      const larger = Buffer.allocUnsafe(2 * needed);
      this.#memory.copy(larger, 0, 0, this.length);
      this.#memory = larger;
    }
    this.length += this.#memory.write(text, this.length, "utf8");
  }

  /** The bytes written since the last call. */
  take(): Uint8Array {
    const taken = this.#memory.subarray(0, this.length);
    this.length = 0;
    return taken;
  }
}

/** A float in the syntax of Go's parser. */
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
 * OpenMetrics requires `_total` for counters and `_info` for info metrics, and Prometheus would rename a sample
 * without it. Metrics named by another exporter become `unknown` instead of being renamed.
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
