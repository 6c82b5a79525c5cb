/** Options that say how much load there is, and for how long: rows of the table in `options.ts`. */
import { choice } from "../../input/kinds.ts";
import type { InFlight } from "../workloads/workload.ts";
import { WORKLOADS } from "../workloads/workloads.ts";
import type { Option } from "./option.ts";
import { rate, stage, time, wholeNumber } from "./option-kinds.ts";

/** `pub, pubsub 1000; others 1` */
function inFlightDefaults(): string {
  const byDefault = Map.groupBy(
    WORKLOADS.filter(({ inFlight }) => typeof inFlight === "object"),
    ({ inFlight }) => (inFlight as InFlight).default,
  );
  const parts = [...byDefault].map(([count, some]) => `${some.map(({ name }) => name).join(", ")} ${count}`);
  return [...parts, "others 1"].join("; ");
}

const MOST_CLIENTS = 10_000;
const MOST_MESSAGES = 1e12;

/** See the file's comment. Durations are in seconds, sizes in bytes. */
export const LOAD_OPTIONS = {
  clients: {
    group: "How much",
    of: "scenario",
    kind: wholeNumber(1, MOST_CLIENTS),
    preset: "1",
    help: "Connections that send; of a workload that only receives, those that receive.",
  },
  receivers: {
    group: "How much",
    of: "scenario",
    aliases: ["--subscribers", "--responders", "--consumers"],
    kind: wholeNumber(1, MOST_CLIENTS),
    preset: "1",
    help: "Connections that receive or respond, beside those that send.",
  },
  msgs: {
    group: "How much",
    of: "scenario",
    kind: wholeNumber(1, MOST_MESSAGES),
    preset: "100000; objects 1000; none with --duration or --rate",
    help: "Messages of all clients together; receivers that do not share messages each get all of them.",
  },
  duration: {
    group: "How much",
    of: "scenario",
    kind: time("100ms", "24h"),
    preset: "30s with --rate",
    help: "Length of the measurement, after the warm-up.",
  },
  warmup: {
    group: "How much",
    of: "scenario",
    kind: time("0s", "1h"),
    preset: "5s or a tenth of --duration, the larger, but no longer than it; 0s with --msgs",
    help: "Before the measurement, with the same load, and reported apart.",
  },
  drain: {
    group: "How much",
    of: "scenario",
    kind: time("0s", "1h"),
    preset: "5s",
    help: "Longest wait for what is still out when everything has been sent; begins again whenever something comes.",
  },
  rate: {
    group: "How much",
    of: "scenario",
    aliases: ["--throughput"],
    kind: rate,
    preset: "none: a closed loop",
    help: "Operations a second of all clients together, in an open loop: what is late is sent at once, and its wait counts.",
  },
  stage: {
    group: "How much",
    of: "scenario",
    repeats: true,
    kind: stage,
    help: "Instead of --rate and --duration: rates one after the other, and ramps between two.",
  },
  arrival: {
    group: "How much",
    of: "scenario",
    kind: choice(["uniform", "poisson"]),
    preset: "uniform",
    help: "How operations come within a rate: evenly, or by chance (exponential gaps).",
  },
  inFlight: {
    group: "How much",
    of: "scenario",
    kind: wholeNumber(1, 1_000_000),
    preset: `${inFlightDefaults()}; with --rate 100000 at most, and 512 MiB of all clients`,
    help: "Operations of a client that are out at the same time: always so many in a closed loop, at most so many with a rate.",
  },
  randomSeed: {
    group: "How much",
    of: "scenario",
    kind: wholeNumber(0, 2 ** 31 - 1),
    preset: "1",
    help: "Of sizes, subjects, gaps and contents: the same seed, the same load.",
  },
  threads: {
    group: "How much",
    of: "scenario",
    kind: wholeNumber(1, 1024),
    preset: "by the processors, one left for the server",
    help: "Threads that send and receive; never both in one.",
  },
} as const satisfies Readonly<Record<string, Option<unknown>>>;
