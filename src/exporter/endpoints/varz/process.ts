/** The server process: CPU, memory, start time, clock. */
import { type Conversion, instant, limit, number } from "../../collect/conversions.ts";
import { from, type Row } from "../../collect/table.ts";

/** A percentage of one core, converted to a ratio. */
const percent: Conversion = (value) => {
  const hundredths = number(value);
  return hundredths === undefined ? undefined : hundredths / 100;
};

export const serverProcess: readonly Row<unknown>[] = [
  {
    name: "nats_server_cpu_ratio",
    type: "gauge",
    help: "CPU usage as a fraction of one core, measured about once a second: 1.5 is one and a half cores.",
    ...from("cpu", percent),
  },
  {
    name: "nats_server_cpu_cores",
    type: "gauge",
    help: "CPU cores available to the server process.",
    ...from("cores"),
  },
  {
    name: "nats_server_gomaxprocs",
    type: "gauge",
    help: "Threads that can run Go code at the same time (GOMAXPROCS).",
    ...from("gomaxprocs"),
  },
  {
    name: "nats_server_memory_bytes",
    type: "gauge",
    help: "Resident memory of the server process, in bytes.",
    ...from("mem"),
  },
  {
    name: "nats_server_memory_limit_bytes",
    type: "gauge",
    help: "Soft memory limit of the Go runtime (GOMEMLIMIT), in bytes. Absent if unlimited.",
    since: "2.10.28, 2.11.2",
    ...from("gomemlimit", limit),
  },
  {
    name: "nats_server_start_timestamp_seconds",
    type: "gauge",
    help: "Start time of the server, in seconds since 1970. All its counters restarted at 0 then.",
    ...from("start", instant),
  },
  {
    name: "nats_server_config_load_timestamp_seconds",
    type: "gauge",
    help: "Time at which the configuration was loaded or last reloaded, in seconds since 1970.",
    ...from("config_load_time", instant),
  },
  {
    name: "nats_server_clock_timestamp_seconds",
    type: "gauge",
    help: "The server's clock when it answered, in seconds since 1970. The difference to the scrape time is its clock skew.",
    ...from("now", instant),
  },
];
