/** Options for messages and their subjects: rows of the table in `options.ts`. Sizes are in bytes. */
import { boolean, choice, file, wholeNumber } from "../../input/kinds.ts";
import { WORKLOAD_NAMES } from "../workloads/workloads.ts";
import { benchOption } from "./option.ts";
import { header, queueName, share, sizes, subject, title } from "./option-kinds.ts";

const MAX_SUBJECTS = 1_000_000;
/** Default of `--size`, as in nats bench. */
const SIZE = 128;

/** Rows by name. */
export const MESSAGE_OPTIONS = {
  name: benchOption(title, {
    group: "Messages",
    scope: "scenario",
    sources: ["file"],
    defaultRule: "the workload",
    help: "Name of the scenario in reports and metrics.",
  }),
  workload: benchOption(choice(WORKLOAD_NAMES), {
    group: "Messages",
    scope: "scenario",
    sources: ["file"],
    help: "Workload of the scenario.",
  }),
  subject: benchOption(subject, {
    group: "Messages",
    scope: "scenario",
    sources: ["file"],
    default: "natscope.bench",
    defaultRule: "of several scenarios natscope.bench.1, natscope.bench.2 ...",
    help: "Subject, or with --subjects its beginning.",
  }),
  subjects: benchOption(wholeNumber(1, MAX_SUBJECTS), {
    group: "Messages",
    scope: "scenario",
    default: 1,
    help: "Number of subjects: SUBJECT.0, SUBJECT.1 ...",
  }),
  subjectOrder: benchOption(choice(["sequential", "random", "zipf"]), {
    group: "Messages",
    scope: "scenario",
    default: "sequential",
    help: "Order of the subjects. Needs --subjects.",
  }),
  multisubject: benchOption(boolean, {
    group: "Messages",
    scope: "scenario",
    isSwitch: true,
    help: "Several subjects, as in nats bench: --multisubjectmax of them.",
  }),
  multisubjectmax: benchOption(wholeNumber(1, MAX_SUBJECTS), {
    group: "Messages",
    scope: "scenario",
    default: 100_000,
    help: "Number of subjects, as in nats bench. Needs --multisubject.",
  }),
  multisubjectrandomize: benchOption(boolean, {
    group: "Messages",
    scope: "scenario",
    isSwitch: true,
    help: "Random order of subjects, as in nats bench. Needs --multisubject.",
  }),
  size: benchOption(sizes, {
    group: "Messages",
    scope: "scenario",
    defaultFor: ({ size = SIZE }) => ({ kind: "fixed" as const, bytes: size }),
    help: "Size of messages: one size, a range, a normal distribution, or sizes with weights.",
  }),
  randomShare: benchOption(share, {
    group: "Messages",
    scope: "scenario",
    default: 1,
    help: "Share of the bytes of a message that are random, from 0 to 1. The rest is zeros, which compress well.",
  }),
  payload: benchOption(file, {
    group: "Messages",
    scope: "scenario",
    help: "File to send as the payload, instead of --size.",
  }),
  header: benchOption(header, {
    group: "Messages",
    scope: "scenario",
    aliases: ["-H"],
    repeats: true,
    key: "headers",
    help: "Header of each message.",
  }),
  queue: benchOption(queueName, {
    group: "Messages",
    scope: "scenario",
    defaultRule: "none for subscribers, q for responders",
    help: "Queue group of subscribers or responders.",
  }),
  external: benchOption(boolean, {
    group: "Messages",
    scope: "scenario",
    isSwitch: true,
    help: "Start no responders: another program responds.",
  }),
};
