/**
 * The result line and the CSV of `nats bench` (natscli 0.3 and newer), for scripts that read those. Rates are the
 * achieved rate of the measurement window, as everywhere in a report; latencies are service times.
 */

import { bytes, count } from "../../text/quantity.ts";
import { visible } from "../../text/visible.ts";
import { summaryOf } from "../measure/hdr.ts";
import { copiesOf } from "../result/figures.ts";
import { recorded } from "../result/histograms.ts";
import type { ClientResult, Result } from "../result/schema.ts";
import { workloadOf } from "../workloads/workloads.ts";
import type { Shown } from "./sections.ts";

/** `NATS Core NATS publisher stats: 1,234 msgs/sec ~ 154 KiB/sec ~ min: ...` */
export function natsBenchLine({ result, figures }: Shown): string {
  const { label } = workloadOf(result.scenario.workload);
  const { rate, bytesRate, stages } = figures;
  const service = stages.service;
  const clients = result.scenario.clients > 1 ? " aggregated" : "";
  const rates = `${count(rate)} msgs/sec ~ ${bytes(bytesRate)}/sec`;
  if (!service || service.count === 0) return `NATS ${label}${clients} stats: ${rates}`;
  const named = [
    ["min", service.min],
    ["avg", service.mean],
    ["max", service.max],
    ["P50", service.p50],
    ["P90", service.p90],
    ["P99", service.p99],
    ["P99.9", service["p99.9"]],
  ] as const;
  const parts = named.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${micros(value)}us`],
  );
  return `NATS ${label}${clients} stats: ${rates} ~ ${parts.join(" ~ ")}`;
}

const COLUMNS = [
  "RunID",
  "ClientID",
  "MsgCount",
  "MsgBytes",
  "MsgsPerSec",
  "BytesPerSec",
  "DurationSecs",
  "MinLatencyMicroSecs",
  "AvgLatencyMicroSecs",
  "MaxLatencyMicroSecs",
  "P50LatencyMicroSecs",
  "P90LatencyMicroSecs",
  "P99LatencyMicroSecs",
  "P99.9LatencyMicroSecs",
  "StdDevLatencyMicroSecs",
] as const;

/**
 * One row for each client. Counts and duration are of the client's whole run; the rates of all senders add up to the
 * achieved rate, and so do those of the receivers if each message goes to one of them. Latencies are those of all
 * clients together, and empty if nothing was timed.
 */
export function natsBenchCsv(result: Result, shown: readonly Shown[]): string {
  const rows = shown.flatMap((one, run) => {
    const latencies = latenciesOf(one).map((value) => (value === undefined ? "" : micros(value)));
    return one.result.clients.map((client) => {
      const { id, messages, bytes: size, seconds } = client;
      const rate = rateOf(client, one);
      const bytesRate = messages > 0 ? rate * (size / messages) : 0;
      return [
        `${result.environment.fingerprint}-${run}`,
        id,
        messages,
        size,
        rate.toFixed(2),
        bytesRate.toFixed(2),
        seconds.toFixed(6),
        ...latencies,
      ]
        .map((cell) => visible(`${cell}`).replaceAll(/[\s,"#]+/g, "_"))
        .join(",");
    });
  });
  return `#${COLUMNS.join(",")}\n${rows.map((row) => `${row}\n`).join("")}`;
}

/** A client's part of the achieved rate: its part of the messages of all senders, or of all receivers. */
function rateOf({ id, messages }: ClientResult, { result, figures }: Shown): number {
  const isReceiver = id.startsWith("S");
  const all = result.clients.filter((one) => one.id.startsWith("S") === isReceiver);
  const total = all.reduce((sum, one) => sum + one.messages, 0);
  const copies = isReceiver ? copiesOf(result.scenario) : 1;
  return total > 0 ? figures.rate * copies * (messages / total) : 0;
}

/** In the order of the columns. */
function latenciesOf({ result, figures }: Shown): readonly (number | undefined)[] {
  const { service } = figures.stages;
  const histogram = recorded(result.measured.service);
  const stddev = histogram && summaryOf(histogram)?.stddev;
  return service
    ? [
        service.min,
        service.mean,
        service.max,
        service.p50,
        service.p90,
        service.p99,
        service["p99.9"],
        stddev,
      ]
    : Array.from({ length: 8 });
}

function micros(nanos: number): string {
  return (nanos / 1000).toFixed(2);
}
