/** The variables of the dashboards. One that has the same name and offers the same is carried from board to board. */
import type { Variable } from "../grafana/dashboard.ts";

const job = (series: string, description: string): Variable => ({
  name: "job",
  description,
  series,
  allValue: ".+",
});
const instance = (series: string, description: string): Variable => ({
  name: "instance",
  description,
  series: `${series}{job=~"$job"}`,
  allValue: ".+",
});

/** Of boards about servers: the server's configured name is its identity, whichever natscope watches it. */
export const SERVERS: readonly Variable[] = [
  job("nats_up", "Jobs of Prometheus that scrape natscope."),
  {
    name: "cluster",
    description:
      "Clusters, as the servers call them. Streams of the same name in two clusters are one line: choose one.",
    series: 'nats_server_info{job=~"$job"}',
    allValue: ".*", // a server without a cluster has no such label
  },
  {
    name: "server",
    description: "Servers of these clusters, as natscope's configuration names them.",
    series: 'nats_server_info{job=~"$job", cluster=~"$cluster"}',
  },
];

const account: Variable = {
  name: "account",
  description: "Accounts that have streams.",
  series: 'nats_stream_messages{job=~"$job", server=~"$server"}',
  allValue: ".+",
};
const stream: Variable = {
  name: "stream",
  description: "Streams of these accounts.",
  series: 'nats_stream_messages{job=~"$job", server=~"$server", account=~"$account"}',
  allValue: ".+",
};
const consumer: Variable = {
  name: "consumer",
  description: "Consumers of these streams.",
  series: 'nats_consumer_pending{job=~"$job", server=~"$server", account=~"$account", stream=~"$stream"}',
  allValue: ".+",
};

/** Of the board about streams and consumers. */
export const ASSETS: readonly Variable[] = [...SERVERS, account, stream, consumer];

/** Of the board about instrumented applications. */
export const APPLICATIONS: readonly Variable[] = [
  job("nats_connection_status", "Jobs of Prometheus that scrape instrumented applications."),
  instance("nats_connection_status", "Instances of these applications."),
];

/** Of the board about benchmarks. */
export const BENCHMARKS: readonly Variable[] = [
  job("natscope_bench_info", "Jobs of Prometheus that scrape a running benchmark."),
  instance("natscope_bench_info", "Processes that run, or ran, a benchmark."),
  {
    name: "scenario",
    description: "Scenarios of these benchmarks.",
    series: 'natscope_bench_info{job=~"$job", instance=~"$instance"}',
    allValue: ".+",
  },
];

/** Of the board about natscope itself. */
export const NATSCOPE_PROCESSES: readonly Variable[] = [
  job("natscope_build_info", "Jobs of Prometheus that scrape natscope."),
  instance("natscope_build_info", "Processes of natscope."),
];
