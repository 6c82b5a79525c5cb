/**
 * Metrics that the dashboards in prometheus-nats-exporter's walkthrough query. Most public dashboards descend from them
 * (grafana.com 2279, 14725, 14862), so they must work with `--names prometheus-nats-exporter`.
 */
const SERVER = [
  "connections",
  "cpu",
  "in_bytes",
  "in_msgs",
  "mem",
  "out_bytes",
  "out_msgs",
  "slow_consumers",
  "subscriptions",
];
const LIMITS = ["config_max_memory", "config_max_storage", "stats_memory", "stats_storage"];
const JETSTREAM = [
  "consumer_delivered_consumer_seq",
  "consumer_num_ack_pending",
  "consumer_num_pending",
  "server_total_consumers",
  "server_total_streams",
  "stream_last_seq",
  "stream_total_bytes",
  "stream_total_messages",
];

/** Their names with the exporter's default prefixes, and with `-prefix=nats` as in the Helm chart. */
export const COMMUNITY_NAMES: readonly string[] = [
  ...SERVER.flatMap((name) => [`gnatsd_varz_${name}`, `nats_varz_${name}`]),
  ...LIMITS.flatMap((name) => [`gnatsd_varz_jetstream_${name}`, `nats_varz_jetstream_${name}`]),
  ...JETSTREAM.flatMap((name) => [`jetstream_${name}`, `nats_${name}`]),
];
