/** Options of a run as a whole: what goes on around it, and what comes of it. Rows of the table in `options.ts`. */

import { choice, file, listenAddress } from "../../input/kinds.ts";
import { FORMATS, type FormatName } from "../report/formats.ts";
import type { Option } from "./option.ts";
import { monitorUrl, threshold, timedCommand, truth } from "./option-kinds.ts";

const FORMAT_NAMES = Object.keys(FORMATS) as FormatName[];

/** See the file's comment. Durations are in seconds, sizes in bytes. */
export const RUN_OPTIONS = {
  order: {
    group: "Around the run",
    of: "run",
    only: "file",
    kind: choice(["together", "in turn"]),
    preset: "together",
    help: "Whether scenarios begin together or one after the other.",
  },
  event: {
    group: "Around the run",
    of: "run",
    repeats: true,
    kind: timedCommand,
    help: "Command to run in the middle, in a shell, so long after the beginning (warm-up included): kill a node, step a leader down.",
  },
  monitor: {
    group: "Around the run",
    of: "run",
    repeats: true,
    kind: monitorUrl,
    preset: "the server's port 8222, if it is that server's",
    help: "Monitoring port of a server to ask once a second for its counters.",
  },
  calibrate: {
    group: "Around the run",
    of: "run",
    isSwitch: true,
    kind: truth,
    help: "First run the load for three seconds against a peer that does nothing: what the generator itself needs.",
  },
  threshold: {
    group: "What comes of it",
    of: "run",
    repeats: true,
    kind: threshold,
    help: "Condition that has to hold, or the exit code is 3: response.p99<5ms, lost==0, rate>=10000; of one scenario: NAME/lost==0.",
  },
  out: {
    group: "What comes of it",
    of: "run",
    kind: file,
    help: "File for the whole result, from which natscope report makes any report later.",
  },
  report: {
    group: "What comes of it",
    of: "run",
    repeats: true,
    kind: file,
    help: `File for a report, in the form that its name ends with: ${FORMAT_NAMES.map((one) => FORMATS[one].extension).join(", ")}.`,
  },
  csv: {
    group: "What comes of it",
    of: "run",
    kind: file,
    help: "File for a row for each client, in nats bench's columns.",
  },
  format: {
    group: "What comes of it",
    of: "run",
    kind: choice(FORMAT_NAMES),
    preset: "text",
    help: "Form of what is printed at the end.",
  },
  progress: {
    group: "What comes of it",
    of: "run",
    isSwitch: true,
    only: "flag",
    kind: truth,
    preset: "on a terminal",
    help: "Show how it goes on, on standard error.",
  },
  metricsListen: {
    group: "What comes of it",
    of: "run",
    only: "flag",
    kind: listenAddress,
    help: "Address at which Prometheus finds metrics of the run while it goes on.",
  },
} as const satisfies Readonly<Record<string, Option<unknown>>>;
