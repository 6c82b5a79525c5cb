/** Options for the run as a whole and its output: rows of the table in `options.ts`. */
import { boolean, called, choice, file, listenAddress } from "../../input/kinds.ts";
import { FORMATS, type FormatName } from "../report/formats.ts";
import { benchOption } from "./option.ts";
import { monitorUrl, threshold, timedCommand } from "./option-kinds.ts";

const FORMAT_NAMES = Object.keys(FORMATS) as FormatName[];

/** Rows by name. */
export const RUN_OPTIONS = {
  order: benchOption(choice(["together", "in turn"]), {
    group: "Run",
    scope: "run",
    sources: ["file"],
    default: "together",
    help: "Whether scenarios start together or one after another.",
  }),
  event: benchOption(timedCommand, {
    group: "Run",
    scope: "run",
    repeats: true,
    key: "events",
    help: "Shell command to run at a time since the start, warm-up included, to kill a node or move a leader.",
  }),
  monitor: benchOption(monitorUrl, {
    group: "Run",
    scope: "run",
    repeats: true,
    key: "monitors",
    defaultRule: "port 8222 of the server, if it is that server's",
    help: "Monitoring port to ask for the server's counters once a second.",
  }),
  calibrate: benchOption(boolean, {
    group: "Run",
    scope: "run",
    isSwitch: true,
    help: "First run the load for 3 s against a peer that does nothing, to measure the load generator itself.",
  }),
  threshold: benchOption(threshold, {
    group: "Output",
    scope: "run",
    repeats: true,
    key: "thresholds",
    help: "Condition that must hold, or the exit code is 3: response.p99<5ms, lost==0, rate>=10000. NAME/lost==0 applies to the scenario NAME only.",
  }),
  out: benchOption(file, {
    group: "Output",
    scope: "run",
    help: "File for the whole result, from which natscope report creates reports later.",
  }),
  report: benchOption(file, {
    group: "Output",
    scope: "run",
    repeats: true,
    key: "reports",
    help: `File for a report. The format follows from its name: ${FORMAT_NAMES.map((one) => FORMATS[one].extension).join(", ")}.`,
  }),
  csv: benchOption(file, {
    group: "Output",
    scope: "run",
    help: "File with a row per client, in the columns of nats bench.",
  }),
  format: benchOption(called("FORMAT", choice(FORMAT_NAMES)), {
    group: "Output",
    scope: "run",
    default: "text",
    help: `Format of the report on standard output: ${FORMAT_NAMES.join(", ")}.`,
  }),
  progress: benchOption(boolean, {
    group: "Output",
    scope: "run",
    isSwitch: true,
    sources: ["flag"],
    defaultRule: "on a terminal",
    help: "Show progress on standard error.",
  }),
  metricsListen: benchOption(listenAddress, {
    group: "Output",
    scope: "run",
    sources: ["flag"],
    help: "Address to serve metrics of the run on, for Prometheus, while it lasts.",
  }),
};
