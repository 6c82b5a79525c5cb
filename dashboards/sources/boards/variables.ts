/** The variables of the dashboards. One that has the same name and offers the same is carried from board to board. */
import type { Variable } from "./dashboard.ts";

const job = (of: string, description: string): Variable => ({ name: "job", description, of, all: ".+" });
const instance = (of: string, description: string): Variable => ({
  name: "instance",
  description,
  of: `${of}{job=~"$job"}`,
  all: ".+",
});

/** Of boards about servers: the server's configured name is its identity, whichever natscope watches it. */
export const SERVERS: readonly Variable[] = [
  job("nats_up", "Jobs of Prometheus that scrape natscope."),
  {
    name: "cluster",
    description:
      "Clusters, as the servers call them. Streams of the same name in two clusters are one line: choose one.",
    of: 'nats_server_info{job=~"$job"}',
    all: ".*", // a server without a cluster has no such label
  },
  {
    name: "server",
    description: "Servers of these clusters, as natscope's configuration names them.",
    of: 'nats_server_info{job=~"$job", cluster=~"$cluster"}',
  },
];

const account: Variable = {
  name: "account",
  description: "Accounts that have streams.",
  of: 'nats_stream_messages{job=~"$job", server=~"$server"}',
  all: ".+",
};
const stream: Variable = {
  name: "stream",
  description: "Streams of these accounts.",
  of: 'nats_stream_messages{job=~"$job", server=~"$server", account=~"$account"}',
  all: ".+",
};
const consumer: Variable = {
  name: "consumer",
  description: "Consumers of these streams.",
  of: 'nats_consumer_pending{job=~"$job", server=~"$server", account=~"$account", stream=~"$stream"}',
  all: ".+",
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
    of: 'natscope_bench_info{job=~"$job", instance=~"$instance"}',
    all: ".+",
  },
];

/** Of the board about natscope itself. */
export const SIDECARS: readonly Variable[] = [
  job("natscope_build_info", "Jobs of Prometheus that scrape natscope."),
  instance("natscope_build_info", "Processes of natscope."),
];
