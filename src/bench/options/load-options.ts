/** Options for the load and its length: rows of the table in `options.ts`. Durations are in seconds. */
import { choice, duration, formatBytes, formatDuration, wholeNumber } from "../../input/kinds.ts";
import { MAX_BYTES_IN_FLIGHT, MAX_IN_FLIGHT } from "../scenario/in-flight.ts";
import { benchOption } from "./option.ts";
import { rate, stage } from "./option-kinds.ts";

const MAX_CLIENTS = 10_000;
const MAX_MESSAGES = 1e12;

/** Length of an open loop without `--duration`, in seconds. */
export const OPEN_LOOP_SECONDS = 30;
/** Minimum of the default warm-up, in seconds. */
export const MIN_WARMUP_SECONDS = 5;
/** Share of `--duration` that is the default warm-up, if it is longer than the minimum. */
export const WARMUP_SHARE = 0.1;
/** Default of `--msgs`, as in nats bench. */
const MESSAGES = 100_000;

/** Rows by name. */
export const LOAD_OPTIONS = {
  clients: benchOption(wholeNumber(1, MAX_CLIENTS), {
    group: "Load",
    scope: "scenario",
    default: 1,
    help: "Connections that send; for a workload that only receives, connections that receive.",
  }),
  receivers: benchOption(wholeNumber(1, MAX_CLIENTS), {
    group: "Load",
    scope: "scenario",
    aliases: ["--subscribers", "--responders", "--consumers"],
    default: 1,
    help: "Connections that receive or respond, in addition to --clients.",
  }),
  msgs: benchOption(wholeNumber(1, MAX_MESSAGES), {
    group: "Load",
    scope: "scenario",
    defaultFor: ({ messages = MESSAGES, service }) => (service ? undefined : messages),
    defaultRule: "none with --duration, --rate or --stage",
    help: "Messages of all clients together. Receivers that do not share messages get all of them each.",
  }),
  duration: benchOption(duration("100ms", "24h", "500ms, 30s or 2m"), {
    group: "Load",
    scope: "scenario",
    defaultRule: `${formatDuration(OPEN_LOOP_SECONDS)} with --rate`,
    help: "Length of the measurement window, after the warm-up.",
  }),
  warmup: benchOption(duration("0s", "1h", "500ms, 30s or 2m"), {
    group: "Load",
    scope: "scenario",
    defaultRule: `${formatDuration(MIN_WARMUP_SECONDS)} or ${WARMUP_SHARE * 100} % of --duration, the longer of the two, up to --duration; 0s with --msgs`,
    help: "Load before the measurement window, reported separately. Needs --duration, --rate or --stage.",
  }),
  drain: benchOption(duration("0s", "1h", "500ms, 30s or 2m"), {
    group: "Load",
    scope: "scenario",
    default: 5,
    help: "How long to wait for outstanding operations after the last send; restarts with each arrival.",
  }),
  rate: benchOption(rate, {
    group: "Load",
    scope: "scenario",
    aliases: ["--throughput"],
    defaultRule: "none, a closed loop",
    help: "Operations per second of all clients together, in an open loop: a late operation is sent at once, and its delay counts in the response time.",
  }),
  stage: benchOption(stage, {
    group: "Load",
    scope: "scenario",
    repeats: true,
    key: "stages",
    help: "Rates one after another, and ramps between two rates. Replaces --rate and --duration.",
  }),
  arrival: benchOption(choice(["uniform", "poisson"]), {
    group: "Load",
    scope: "scenario",
    default: "uniform",
    help: "Gaps between operations: equal, or exponentially distributed. Needs --rate or --stage.",
  }),
  inFlight: benchOption(wholeNumber(1, 1_000_000), {
    group: "Load",
    scope: "scenario",
    defaultFor: ({ inFlight }) => (typeof inFlight === "object" ? inFlight.default : 1),
    defaultRule: `with --rate up to ${MAX_IN_FLIGHT}, and ${formatBytes(MAX_BYTES_IN_FLIGHT)} for all clients`,
    help: "Operations in flight per client: a fixed number in a closed loop, a maximum with --rate.",
  }),
  randomSeed: benchOption(wholeNumber(0, 2 ** 31 - 1), {
    group: "Load",
    scope: "scenario",
    default: 1,
    help: "Seed of random sizes, subjects, gaps and payloads. The same seed gives the same load.",
  }),
  threads: benchOption(wholeNumber(1, 1024), {
    group: "Load",
    scope: "scenario",
    defaultRule: "by the number of processors, one of them left to the server",
    help: "Worker threads. A thread sends or receives, never both.",
  }),
};
