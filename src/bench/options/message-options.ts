/** Options that say what is sent, and where to: rows of the table in `options.ts`. */

import { choice, file } from "../../input/kinds.ts";
import { WORKLOAD_NAMES } from "../workloads/workloads.ts";
import type { Option } from "./option.ts";
import { header, queueName, share, sizes, subject, title, truth, wholeNumber } from "./option-kinds.ts";

const MOST_SUBJECTS = 1_000_000;

/** See the file's comment. Durations are in seconds, sizes in bytes. */
export const MESSAGE_OPTIONS = {
  name: {
    group: "What",
    of: "scenario",
    only: "file",
    kind: title,
    preset: "the workload",
    help: "Name of the scenario, in the report and in metrics.",
  },
  workload: {
    group: "What",
    of: "scenario",
    only: "file",
    kind: choice(WORKLOAD_NAMES),
    help: "What it does.",
  },
  subject: {
    group: "What",
    of: "scenario",
    only: "file",
    kind: subject,
    preset: "natscope.bench; of several scenarios natscope.bench.1, natscope.bench.2 ...",
    help: "Subject, or its beginning where there are several.",
  },
  subjects: {
    group: "What",
    of: "scenario",
    kind: wholeNumber(1, MOST_SUBJECTS),
    preset: "1",
    help: "How many subjects: SUBJECT.0, SUBJECT.1 ...",
  },
  subjectOrder: {
    group: "What",
    of: "scenario",
    kind: choice(["sequential", "random", "zipf"]),
    preset: "sequential",
    help: "Which subject, or key, comes next.",
  },
  multisubject: {
    group: "What",
    of: "scenario",
    isSwitch: true,
    kind: truth,
    help: "As nats bench has it: several subjects, --multisubjectmax of them.",
  },
  multisubjectmax: {
    group: "What",
    of: "scenario",
    kind: wholeNumber(1, 1_000_000),
    preset: "100000",
    help: "As nats bench has it.",
  },
  multisubjectrandomize: {
    group: "What",
    of: "scenario",
    isSwitch: true,
    kind: truth,
    help: "As nats bench has it: --subject-order random.",
  },
  size: {
    group: "What",
    of: "scenario",
    kind: sizes,
    preset: "128; objects 128KB",
    help: "Size of messages: one, a range, a normal distribution or weights.",
  },
  randomShare: {
    group: "What",
    of: "scenario",
    kind: share,
    preset: "1",
    help: "Share of a message's bytes that are random; the rest is zeros, which compress to nothing.",
  },
  payload: {
    group: "What",
    of: "scenario",
    kind: file,
    help: "File whose content is sent, instead of --size.",
  },
  header: {
    group: "What",
    of: "scenario",
    aliases: ["-H"],
    repeats: true,
    kind: header,
    help: "Header line of each message.",
  },
  queue: {
    group: "What",
    of: "scenario",
    kind: queueName,
    preset: "none; of responders q",
    help: "Queue group of subscribers or responders.",
  },
  external: {
    group: "What",
    of: "scenario",
    isSwitch: true,
    kind: truth,
    help: "Somebody else responds.",
  },
} as const satisfies Readonly<Record<string, Option<unknown>>>;
