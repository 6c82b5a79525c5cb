/** A server to scrape: its name, its monitoring port, and how to connect to it. */
import type { MonitoringPort, MonitoringTls } from "../../nats/monitoring/client.ts";

/** TLS settings for a monitoring port. PEM text instead of file names: the caller rereads changed files. */
export type TargetTls = MonitoringTls;

export interface Target extends MonitoringPort {
  /**
   * Value of the `server` label. Must be unique among the targets. It is configured rather than read from the
   * server, so that series stay the same across restarts and renames, and differ between clusters with equal server
   * names.
   */
  readonly name: string;
  /** Value of `server_id` in prometheus-nats-exporter's metrics, instead of the one its options select. */
  readonly serverId?: string;
}
