/** The server's process: what it takes of the machine, since when it runs, what its clock says. */
import { type Conversion, instant, limit, number } from "../../collect/conversions.ts";
import { from, type Row } from "../../collect/table.ts";

/** A percentage of one core, as a ratio. */
const percent: Conversion = (value) => {
  const hundredths = number(value);
  return hundredths === undefined ? undefined : hundredths / 100;
};

export const serverProcess: readonly Row<unknown>[] = [
  {
    name: "nats_server_cpu_ratio",
    type: "gauge",
    help: "CPU used, as a share of one core: 1.5 is one core and a half. Measured by the server about once a second.",
    ...from("cpu", percent),
  },
  {
    name: "nats_server_cpu_cores",
    type: "gauge",
    help: "Cores that the server's process can use.",
    ...from("cores"),
  },
  {
    name: "nats_server_gomaxprocs",
    type: "gauge",
    help: "Threads that may run Go code at once.",
    ...from("gomaxprocs"),
  },
  {
    name: "nats_server_memory_bytes",
    type: "gauge",
    help: "Resident memory of the server's process.",
    ...from("mem"),
  },
  {
    name: "nats_server_memory_limit_bytes",
    type: "gauge",
    help: "Memory that the Go runtime tries to stay below (GOMEMLIMIT). Absent where unlimited.",
    since: "2.10.28, 2.11.2",
    ...from("gomemlimit", limit),
  },
  {
    name: "nats_server_start_timestamp_seconds",
    type: "gauge",
    help: "When the server started. Every counter of the server began at 0 then.",
    ...from("start", instant),
  },
  {
    name: "nats_server_config_load_timestamp_seconds",
    type: "gauge",
    help: "When the configuration was loaded or last reloaded.",
    ...from("config_load_time", instant),
  },
  {
    name: "nats_server_clock_timestamp_seconds",
    type: "gauge",
    help: "What the server's clock says: against the time of the scrape, how far it is off.",
    ...from("now", instant),
  },
];
