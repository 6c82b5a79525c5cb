/** Variables of the dashboards. A link keeps the selection of a variable if both dashboards have it with the same series. */
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

/** Variables of dashboards about servers. A server's identity is the name in natscope's configuration. */
export const SERVERS: readonly Variable[] = [
  job("nats_up", "Prometheus jobs that scrape natscope."),
  {
    name: "cluster",
    description:
      "Clusters by the name that the servers report. Streams with the same name in two clusters share one line: select one cluster.",
    series: 'nats_server_info{job=~"$job"}',
    allValue: ".*", // a server outside a cluster lacks the label
  },
  {
    name: "server",
    description: "Servers of the selected clusters, by their names in natscope's configuration.",
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
  description: "Streams of the selected accounts.",
  series: 'nats_stream_messages{job=~"$job", server=~"$server", account=~"$account"}',
  allValue: ".+",
};
const consumer: Variable = {
  name: "consumer",
  description: "Consumers of the selected streams.",
  series: 'nats_consumer_pending{job=~"$job", server=~"$server", account=~"$account", stream=~"$stream"}',
  allValue: ".+",
};

/** Variables of the dashboard about streams and consumers. */
export const ASSETS: readonly Variable[] = [...SERVERS, account, stream, consumer];

/** Variables of the dashboard about instrumented applications. */
export const APPLICATIONS: readonly Variable[] = [
  job("nats_connection_status", "Prometheus jobs that scrape instrumented applications."),
  instance("nats_connection_status", "Instances of these applications."),
];

/** Variables of the dashboard about benchmarks. */
export const BENCHMARKS: readonly Variable[] = [
  job("natscope_bench_info", "Prometheus jobs that scrape a running benchmark."),
  instance("natscope_bench_info", "Processes that run or ran a benchmark."),
  {
    name: "scenario",
    description: "Scenarios of these benchmarks.",
    series: 'natscope_bench_info{job=~"$job", instance=~"$instance"}',
    allValue: ".+",
  },
];

/** Variables of the dashboard about natscope itself. */
export const NATSCOPE_PROCESSES: readonly Variable[] = [
  job("natscope_build_info", "Prometheus jobs that scrape natscope."),
  instance("natscope_build_info", "natscope processes."),
];
