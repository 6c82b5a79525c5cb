/** Test cases of the alerts about instrumented applications, benchmarks and natscope itself. */
import { type Cases, fires, type Series, silent } from "./case.ts";

const instance = { instance: "a:9090" };
const of = (metric: string, labels = ""): string => `${metric}{instance="a:9090"${labels && `,${labels}`}}`;
const subject = 'subject="orders.new"';
const requests = (outcome: string, values: string): Series => ({
  [of("nats_request_seconds_count", `${subject},outcome="${outcome}"`)]: values,
});
const run = 'scenario="orders"';
const scenario = { ...instance, scenario: "orders" };
const bench = (metric: string, values: string): Series => ({ [of(`natscope_bench_${metric}`, run)]: values });
const build: Series = { [of("natscope_build_info", 'version="1"')]: "1x10 stale" };
const collector = { ...instance, server: "n1", collector: "jsz" };
const COLLECTOR = 'server="n1",collector="jsz"';

export const PROCESS_CASES: Cases = {
  NatsClientDisconnected: {
    fires: [
      fires(
        { [of("nats_connection_status")]: "1x2 0x20" },
        "10m",
        instance,
        "a:9090 of nats has no connection to NATS",
      ),
    ],
    silent: [silent("a reconnect", { [of("nats_connection_status")]: "1x2 0x2 1x20" }, "6m")],
  },
  NatsClientReconnecting: {
    fires: [
      fires(
        { [of("nats_reconnects_total")]: "0+1x30" },
        "20m",
        instance,
        "a:9090 of nats reconnected to NATS 15 times in 15 minutes",
      ),
    ],
    silent: [
      silent("an upgrade of the servers", { [of("nats_reconnects_total")]: "0x5 1x3 2x3 3x20" }, "16m"),
    ],
  },
  NatsClientMessagesDropped: {
    fires: [
      fires(
        { [of("nats_messages_dropped_total")]: "0x5 9x20" },
        "10m",
        instance,
        "a:9090 of nats lost messages that it published while disconnected: 9 in 10 minutes",
      ),
    ],
    silent: [
      silent("a counter reset by a new process", { [of("nats_messages_dropped_total")]: "9x5 0x20" }, "10m"),
    ],
  },
  NatsClientPublishErrors: {
    fires: [
      fires(
        {
          [of("nats_publish_errors_total", `${subject},error="timeout"`)]: "0+6x30",
          [of("nats_messages_published_total", subject)]: "0+60x30",
        },
        "20m",
        {},
        "10% of the publishes of nats fail",
      ),
    ],
    silent: [
      silent(
        "a few errors among many publishes",
        {
          [of("nats_publish_errors_total", `${subject},error="timeout"`)]: "0+1x30",
          [of("nats_messages_published_total", subject)]: "0+600x30",
        },
        "20m",
      ),
    ],
  },
  NatsClientRequestsFailing: {
    fires: [
      fires(
        { ...requests("ok", "0+60x30"), ...requests("timeout", "0+20x30") },
        "20m",
        { subject: "orders.new" },
        "25% of the requests of nats to orders.new fail",
      ),
    ],
    silent: [
      silent("no failed request", requests("ok", "0+60x30"), "20m"),
      silent("no requests any more", { ...requests("ok", "60x30"), ...requests("timeout", "20x30") }, "20m"),
    ],
  },
  NatsClientHandlersFailing: {
    fires: [
      fires(
        {
          [of("nats_message_processing_errors_total", subject)]: "0+30x30",
          [of("nats_message_processing_seconds_count", subject)]: "0+60x30",
        },
        "20m",
        { subject: "orders.new" },
        "50% of the messages that nats gets on orders.new make its handler fail",
      ),
    ],
    silent: [
      silent(
        "one error in a hundred messages",
        {
          [of("nats_message_processing_errors_total", subject)]: "0+1x30",
          [of("nats_message_processing_seconds_count", subject)]: "0+100x30",
        },
        "20m",
      ),
    ],
  },
  NatsClientPermissionsDenied: {
    fires: [
      fires(
        { [of("nats_permission_violations_total", `operation="publish",${subject}`)]: "_x9 1x20" },
        "12m",
        { ...instance, operation: "publish", subject: "orders.new" },
        "nats lacks the permission to publish orders.new",
      ),
    ],
    silent: [
      silent(
        "an old event",
        { [of("nats_permission_violations_total", `operation="publish",${subject}`)]: "1x90" },
        "80m",
      ),
      silent(
        "an old event and a gap in the scrapes",
        { [of("nats_permission_violations_total", `operation="publish",${subject}`)]: "1x60 _x9 1x20" },
        "75m",
      ),
    ],
  },
  NatsClientSlowSubscription: {
    fires: [
      fires(
        { [of("nats_slow_consumers_total", subject)]: "1x90 2x9" },
        "95m",
        { ...instance, subject: "orders.new" },
        "nats does not keep up with subject orders.new",
      ),
    ],
    silent: [silent("an old event", { [of("nats_slow_consumers_total", subject)]: "1x90" }, "80m")],
  },
  NatsClientInstrumentationProblems: {
    fires: [
      fires(
        { [of("nats_client_instrumentation_problems_total", 'part="hook"')]: "_x9 1x20" },
        "12m",
        { ...instance, part: "hook" },
        "natscope's instrumentation of nats has a problem in its hook",
      ),
    ],
    silent: [
      silent(
        "an old event",
        { [of("nats_client_instrumentation_problems_total", 'part="hook"')]: "1x200" },
        "150m",
      ),
    ],
  },
  NatsBenchFailing: {
    fires: [
      fires(
        {
          ...bench("failed_operations_total", "0+6x30"),
          ...bench("sent_operations_total", "0+60x30"),
          ...bench("running", "1x30"),
        },
        "10m",
        scenario,
        "10% of the operations of benchmark orders fail",
      ),
    ],
    silent: [
      silent(
        "a finished benchmark",
        {
          ...bench("failed_operations_total", "0+6x30"),
          ...bench("sent_operations_total", "0+60x30"),
          ...bench("running", "0x30"),
        },
        "10m",
      ),
    ],
  },
  NatsBenchNotKeepingUp: {
    fires: [
      fires(
        {
          ...bench("completed_operations_total", "0+60x30"),
          ...bench("offered_operations_total", "0+600x30"),
          ...bench("running", "1x30"),
        },
        "10m",
        scenario,
        "Benchmark orders completes only 1 operations per second, less than 90 % of the offered rate",
      ),
    ],
    silent: [
      silent(
        "a benchmark that sustains the rate",
        {
          ...bench("completed_operations_total", "0+595x30"),
          ...bench("offered_operations_total", "0+600x30"),
          ...bench("running", "1x30"),
        },
        "10m",
      ),
    ],
  },
  NatscopeDown: {
    fires: [
      fires(
        { ...build, [of("up")]: "1x10 0x30" },
        "20m",
        instance,
        "natscope at a:9090 cannot be scraped: its NATS servers are not monitored",
      ),
    ],
    silent: [
      silent("two failed scrapes", { ...build, [of("up")]: "1x10 0 0 1x30" }, "14m"),
      silent("a removed target", { ...build, [of("up")]: "1x10 stale" }, "20m"),
      silent("another program that is down", { 'up{instance="b:1"}': "0x30" }, "20m"),
    ],
  },
  NatscopeAbsent: {
    fires: [
      fires(
        { ...build, [of("up")]: "1x10 stale" },
        "30m",
        {},
        "Prometheus has no natscope target in job nats any more",
      ),
    ],
    silent: [
      silent(
        "a new pod that takes over",
        { ...build, 'natscope_build_info{instance="b:9090",version="1"}': "_x11 1x30" },
        "30m",
      ),
      silent("a natscope that is down (NatscopeDown)", { ...build, [of("up")]: "1x10 0x30" }, "30m"),
    ],
  },
  NatscopeCollectorFailing: {
    fires: [
      fires(
        {
          [of("natscope_collector_success", COLLECTOR)]: "0x20",
          [of("nats_up", 'server="n1"')]: "1x20",
        },
        "10m",
        collector,
        "natscope cannot collect jsz from NATS server n1",
      ),
    ],
    silent: [
      silent(
        "a server that is down (NatsServerDown)",
        {
          [of("natscope_collector_success", COLLECTOR)]: "0x20",
          [of("nats_up", 'server="n1"')]: "0x20",
        },
        "10m",
      ),
      silent("one occurrence", { [of("natscope_collector_success", COLLECTOR)]: "1x5 0 1x20" }, "7m"),
    ],
  },
  NatscopeSeriesDropped: {
    fires: [
      fires(
        { [of("natscope_series_dropped_total", `${COLLECTOR},reason="limit"`)]: "9+9x40" },
        "30m",
        { ...collector, reason: "limit" },
        "natscope dropped 135 series of jsz from NATS server n1 in 15 minutes (limit)",
      ),
    ],
    silent: [
      silent(
        "an old event",
        { [of("natscope_series_dropped_total", `${COLLECTOR},reason="limit"`)]: "9x40" },
        "30m",
      ),
    ],
  },
  NatscopeSlow: {
    fires: [
      fires(
        { [of("natscope_collector_duration_seconds", COLLECTOR)]: "8x40" },
        "20m",
        collector,
        "Collecting jsz from NATS server n1 takes 8s",
      ),
    ],
    silent: [
      silent(
        "one occurrence",
        { [of("natscope_collector_duration_seconds", COLLECTOR)]: "0.1x5 8 0.1x20" },
        "8m",
      ),
    ],
  },
  NatscopeReloadFailed: {
    fires: [
      fires(
        { [of("natscope_web_config_last_reload_successful")]: "0x20" },
        "15m",
        instance,
        "natscope at a:9090 rejects its changed web configuration",
      ),
    ],
    silent: [
      silent(
        "a file that is being written",
        { [of("natscope_web_config_last_reload_successful")]: "1x5 0 1x20" },
        "7m",
      ),
    ],
  },
  NatscopeRestarting: {
    fires: [
      fires(
        {
          [of("natscope_build_info", 'version="1"')]: "1x60",
          [of("process_start_time_seconds")]: "0+100x5 500x40",
        },
        "30m",
        instance,
        "natscope at a:9090 started 5 times in an hour",
      ),
    ],
    silent: [
      silent(
        "an upgrade",
        {
          [of("natscope_build_info", 'version="1"')]: "1x60",
          [of("process_start_time_seconds")]: "1x9 2x40",
        },
        "30m",
      ),
      silent("another program", { [of("process_start_time_seconds")]: "0+100x5 500x40" }, "30m"),
    ],
  },
};
