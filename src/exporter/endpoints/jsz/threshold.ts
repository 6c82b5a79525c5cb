/**
 * Thresholds that teams write into the metadata of their streams and consumers. The keys are those of `nats server
 * check` (jsm.go, package monitor). An alert can compare an asset with them.
 */
import { parseGoDuration } from "../../../time/go-time.ts";
import type { Table } from "../../collect/table.ts";
import { at, object } from "../../sources/json.ts";
import type { Asset } from "./asset.ts";

const PREFIX = "io.nats.monitor.";

const STREAM_THRESHOLDS = [
  "enabled",
  "lag-critical",
  "seen-critical",
  "min-sources",
  "max-sources",
  "peer-expect",
  "peer-lag-critical",
  "peer-seen-critical",
  "msgs-warn",
  "msgs-critical",
  "subjects-warn",
  "subjects-critical",
] as const;

const CONSUMER_THRESHOLDS = [
  "enabled",
  "outstanding-ack-critical",
  "waiting-critical",
  "unprocessed-critical",
  "last-delivery-critical",
  "last-ack-critical",
  "redelivery-critical",
  "pinned",
] as const;

/** A threshold set by an asset; `names` are the asset's and the threshold's. */
export interface Threshold {
  readonly names: readonly string[];
  readonly value: number;
}

/**
 * Thresholds of streams or of consumers: one series each, labelled by asset and threshold key.
 *
 * @param labels label names of the asset, by position of its names
 */
export function thresholdTable(item: "stream" | "consumer", labels: readonly string[]): Table<Threshold> {
  return {
    item: `${item} threshold`,
    endpoint: "/jsz",
    labels: [...labels, "threshold"],
    identify: ({ names }) => names,
    rows: [
      {
        name: `nats_${item}_threshold`,
        type: "gauge",
        help: `Threshold from the ${item}'s metadata: a count, seconds, or 1 and 0 for true and false.`,
        field: `${item}_detail[].config.metadata.${PREFIX}*`,
        read: ({ value }) => value,
      },
    ],
  };
}

/** The thresholds that an asset sets and that can be parsed. */
export function* thresholdsOf(item: "stream" | "consumer", { names, json }: Asset): Generator<Threshold> {
  const metadata = object(at(json, ["config", "metadata"]));
  for (const threshold of item === "stream" ? STREAM_THRESHOLDS : CONSUMER_THRESHOLDS) {
    const written = metadata[PREFIX + threshold];
    const value = typeof written === "string" ? parseThreshold(written) : undefined;
    if (value !== undefined) yield { names: [...names, threshold], value };
  }
}

function parseThreshold(written: string): number | undefined {
  if (written === "true") return 1;
  if (written === "false") return 0;
  const count = written.trim() === "" ? Number.NaN : Number(written);
  return Number.isFinite(count) ? count : parseGoDuration(written);
}
