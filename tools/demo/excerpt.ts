/**
 * Excerpt of two scrapes for a reader: health, consumer lag, rates. Pure: no clock, no network, no console.
 *
 * Every value is from `/metrics`; a missing value is a dash.
 */
import { changePerSecond, type Reading, type Sample, samplesOf, sampleValue } from "./exposition-reader.ts";

/** How text is highlighted. The plain style returns it unchanged. */
export interface Style {
  readonly heading: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly bad: (text: string) => string;
}

type Readings = readonly [Reading, Reading];

/** Returns lines of at most 80 columns. */
export function excerpt(readings: Readings, style: Style): string[] {
  const [first, second] = readings;
  const apart = (second.atSeconds - first.atSeconds).toFixed(1);
  const { bytes, series, tookSeconds } = second;
  return [
    `One scrape: ${series} series, ${kilobytes(bytes)}, ${Math.ceil(tookSeconds * 1000)} ms. ` +
      `Rates: two scrapes, ${apart} s apart.`,
    "",
    style.heading("Health"),
    ...health(readings, style),
    "",
    style.heading("Consumers"),
    ...consumers(readings, style),
    "",
    style.heading("Streams"),
    ...streams(readings, style),
    "",
    style.heading("Server"),
    ...server(readings),
    "",
    style.heading("Some lines of it") + style.dim("  (without the labels server and account)"),
    ...rawLines(second, style),
  ];
}

function health([, reading]: Readings, style: Style): string[] {
  const verdict = (name: string, yes: string, no: string): string => {
    const value = sampleValue(reading, name);
    if (value === undefined) return style.bad(`${name} is not reported`);
    return value === 1 ? style.good(yes) : style.bad(no);
  };
  const collectors = samplesOf(reading, "natscope_collector_success");
  const failed = collectors.filter(({ value }) => value !== 1).map(({ labels }) => labels.collector);
  const collected =
    failed.length === 0
      ? style.good(`all ${collectors.length} succeeded`)
      : style.bad(`${failed.join(", ")} failed`);
  const { version = "?", server_name: name = "?" } = samplesOf(reading, "nats_server_info")[0]?.labels ?? {};
  return [
    row("nats_up", `${verdict("nats_up", "up", "DOWN")}, version ${version}, named ${name}`),
    row("nats_healthy", verdict("nats_healthy", "healthy", "NOT HEALTHY")),
    row("natscope_collector_success", collected),
  ];
}

/** Columns of the consumer table; its first line names the metric of each. */
const CONSUMER_COLUMNS = [22, 9, 13, 9] as const;

function consumers(readings: Readings, style: Style): string[] {
  const [, reading] = readings;
  const lines = [
    style.dim(columns(CONSUMER_COLUMNS, ["", "lag", "unacked/max", "per s"]).trimEnd()),
    ...samplesOf(reading, "nats_consumer_pending").map(({ labels }) => consumer(readings, labels, style)),
  ];
  for (const { labels, value } of samplesOf(reading, "nats_ephemeral_consumers")) {
    if (value === 0) continue;
    const lag = sampleValue(reading, "nats_ephemeral_consumers_pending", { stream: labels.stream ?? "" });
    const name = `${labels.stream} / ${value} ephemeral`;
    lines.push(`${columns(CONSUMER_COLUMNS, [name, count(lag), "-", "-"])}  as one series`);
  }
  return lines;
}

function consumer(readings: Readings, labels: Sample["labels"], style: Style): string {
  const [, reading] = readings;
  const { account = "", stream = "", consumer: name = "" } = labels;
  const own = { account, stream, consumer: name };
  const lag = sampleValue(reading, "nats_consumer_pending", own);
  const unacked = sampleValue(reading, "nats_consumer_ack_pending", own);
  const ratio = sampleValue(reading, "nats_consumer_ack_pending_ratio", own);
  const most =
    unacked !== undefined && ratio !== undefined && ratio > 0 ? Math.round(unacked / ratio) : undefined;
  const acks = most === undefined ? count(unacked) : `${count(unacked)}/${count(most)}`;
  const deliveries = changePerSecond(readings, "nats_consumer_deliveries_total", own);
  const cells = [`${stream} / ${name}`, count(lag), acks, rate(deliveries)];
  return `${columns(CONSUMER_COLUMNS, cells)}  ${judge(readings, own, style)}`;
}

/** Growth below this is jitter. */
const NOTABLE_GROWTH_PER_SECOND = 5;

function judge(readings: Readings, own: Readonly<Record<string, string>>, style: Style): string {
  const [, reading] = readings;
  const growth = changePerSecond(readings, "nats_consumer_pending", own) ?? 0;
  const ratio = sampleValue(reading, "nats_consumer_ack_pending_ratio", own) ?? 0;
  const lag = sampleValue(reading, "nats_consumer_pending", own) ?? 0;
  const threshold = sampleValue(reading, "nats_consumer_threshold", {
    ...own,
    threshold: "unprocessed-critical",
  });
  if (ratio >= 1) return style.bad("STUCK: no acks");
  if (threshold !== undefined && lag > threshold) return style.warning(`BEHIND: limit is ${threshold}`);
  if (growth > NOTABLE_GROWTH_PER_SECOND) return style.warning(`BEHIND: lag +${rate(growth)}/s`);
  return style.good("keeps up");
}

const STREAM_COLUMNS = [22, 9, 13, 9] as const;

function streams(readings: Readings, style: Style): string[] {
  const [, reading] = readings;
  return [
    style.dim(columns(STREAM_COLUMNS, ["", "messages", "size", "per s"])),
    ...samplesOf(reading, "nats_stream_messages").map(({ labels, value }) => {
      const { account = "", stream = "" } = labels;
      const bytes = sampleValue(reading, "nats_stream_bytes", { account, stream });
      const appended = changePerSecond(readings, "nats_stream_appended_messages_total", { account, stream });
      const size = bytes === undefined ? "-" : kilobytes(bytes);
      return columns(STREAM_COLUMNS, [stream, count(value), size, rate(appended)]);
    }),
  ];
}

function server(readings: Readings): string[] {
  const [, reading] = readings;
  const perSecond = (name: string): string => rate(changePerSecond(readings, name));
  const received = perSecond("nats_server_received_messages_total");
  const sent = perSecond("nats_server_sent_messages_total");
  const connections = count(sampleValue(reading, "nats_server_connections"));
  const subscriptions = count(sampleValue(reading, "nats_server_subscriptions"));
  const memory = sampleValue(reading, "nats_server_memory_bytes");
  const slow = count(sampleValue(reading, "nats_server_slow_consumers_total"));
  return [
    row("messages", `${received}/s received, ${sent}/s sent`),
    row("clients", `${connections} connections, ${subscriptions} subscriptions, ${slow} slow consumers`),
    row("memory", memory === undefined ? "-" : `${(memory / 1e6).toFixed(1)} MB`),
  ];
}

/** One line of each is enough to recognize the format. */
const RAW = [
  { name: "nats_consumer_pending", labels: { consumer: "warehouse" } },
  { name: "nats_consumer_ack_pending_ratio", labels: { consumer: "email" } },
  { name: "nats_consumer_deliveries_total", labels: { consumer: "billing" } },
  { name: "nats_stream_appended_messages_total", labels: { stream: "ORDERS" } },
  { name: "nats_server_received_messages_total", labels: {} },
] as const;

const LEFT_OUT: ReadonlySet<string> = new Set(["server", "account"]);

function rawLines(reading: Reading, style: Style): string[] {
  return RAW.map(({ name, labels }) => {
    const sample = samplesOf(reading, name, labels)[0];
    if (!sample) return `  ${style.bad(`${name} is missing`)}`;
    const shown = Object.entries(sample.labels)
      .filter(([label]) => !LEFT_OUT.has(label))
      .map(([label, value]) => `${label}="${value}"`);
    return `  ${name}${shown.length > 0 ? `{${shown.join(",")}}` : ""} ${sample.value}`;
  });
}

/** Indented; the first cell left-aligned, the others right-aligned. */
function columns(widths: readonly number[], cells: readonly string[]): string {
  const [first = "", ...rest] = cells.map((cell, i) =>
    i === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[i] ?? 0),
  );
  return `  ${first}${rest.join("")}`;
}

function row(title: string, text: string): string {
  return `  ${title.padEnd(28)}${text}`;
}

function count(value: number | undefined): string {
  return value === undefined ? "-" : value.toLocaleString("en-US");
}

function rate(perSecond: number | undefined): string {
  return perSecond === undefined ? "-" : perSecond.toFixed(perSecond < 100 ? 1 : 0);
}

function kilobytes(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
