/** Options about streams, consumers, buckets and object stores: rows of the table in `options.ts`. */
import { choice } from "../../input/kinds.ts";
import { WORKLOADS } from "../workloads/workloads.ts";
import type { Option } from "./option.ts";
import { bytes, filter, name, time, truth, wholeNumber } from "./option-kinds.ts";

/** Workloads that publish, and take `--batch` as `--in-flight`. */
const BATCH_PUBLISHERS = WORKLOADS.filter(
  ({ inFlight }) => typeof inFlight === "object" && inFlight.alias === "batch",
)
  .map(({ name }) => name)
  .join(", ");

/** Of StreamConfig in nats-server. */
const MOST_REPLICAS = 5;
const MOST_HISTORY = 64;
const MOST_KEYS = 100_000_000;

/** See the file's comment. Durations are in seconds, sizes in bytes. */
export const STORE_OPTIONS = {
  stream: {
    group: "Streams",
    of: "scenario",
    kind: name,
    preset: "benchstream",
    help: "Stream; one that is named has to exist unless --create is said.",
  },
  create: {
    group: "Streams",
    of: "scenario",
    isSwitch: true,
    kind: truth,
    preset: "where no stream or bucket is named",
    help: "Make the stream, bucket or store, fill it where the workload reads, and remove it at the end.",
  },
  purge: {
    group: "Streams",
    of: "scenario",
    isSwitch: true,
    kind: truth,
    help: "Empty one that exists before the run.",
  },
  storage: {
    group: "Streams",
    of: "scenario",
    kind: choice(["file", "memory"]),
    preset: "file",
    help: "Of one that is made.",
  },
  replicas: {
    group: "Streams",
    of: "scenario",
    kind: wholeNumber(1, MOST_REPLICAS),
    preset: "1",
    help: "Of one that is made.",
  },
  maxBytes: {
    group: "Streams",
    of: "scenario",
    aliases: ["--maxbytes"],
    kind: bytes(1024, 2 ** 50, "1GB"),
    preset: "1GB",
    help: "Of one that is made; a stream that is full refuses.",
  },
  dedup: {
    group: "Streams",
    of: "scenario",
    isSwitch: true,
    kind: truth,
    help: "Messages carry an id by which the stream knows duplicates.",
  },
  dedupWindow: {
    group: "Streams",
    of: "scenario",
    aliases: ["--dedupwindow"],
    kind: time("100ms", "24h"),
    preset: "2m",
    help: "How long the stream remembers ids; implies --dedup.",
  },
  consumer: {
    group: "Streams",
    of: "scenario",
    kind: name,
    preset: "nats-bench, which is made",
    help: "Durable consumer; one that is named has to exist, and is left as it is.",
  },
  batch: {
    group: "Streams",
    of: "scenario",
    kind: wholeNumber(1, 100_000),
    preset: "500",
    help: `Maximum messages requested at once; for ${BATCH_PUBLISHERS}, publishes in flight.`,
  },
  acks: {
    group: "Streams",
    of: "scenario",
    kind: choice(["explicit", "none", "all"]),
    preset: "explicit",
    help: "How a consumer that is made wants acks.",
  },
  doubleAck: {
    group: "Streams",
    of: "scenario",
    aliases: ["--doubleack"],
    isSwitch: true,
    kind: truth,
    help: "Wait for the server to confirm each ack.",
  },
  filter: {
    group: "Streams",
    of: "scenario",
    kind: filter,
    help: "Subjects that a consumer that is made delivers.",
  },
  bucket: {
    group: "Buckets",
    of: "scenario",
    kind: name,
    preset: "benchbucket",
    help: "Bucket or object store; one that is named has to exist unless --create is said.",
  },
  keys: {
    group: "Buckets",
    of: "scenario",
    kind: wholeNumber(1, MOST_KEYS),
    preset: "as many as --msgs, 10000 at most; objects 100",
    help: "Keys, or objects, that are written and read: 0, 1, 2 ...",
  },
  keyOrder: {
    group: "Buckets",
    of: "scenario",
    kind: choice(["sequential", "random", "zipf"]),
    preset: "sequential",
    help: "Which key comes next.",
  },
  randomize: {
    group: "Buckets",
    of: "scenario",
    kind: wholeNumber(0, MOST_KEYS),
    help: "As nats bench has it: so many keys, by chance; 0 in sequence.",
  },
  history: {
    group: "Buckets",
    of: "scenario",
    kind: wholeNumber(1, MOST_HISTORY),
    preset: "1",
    help: "Values that a bucket that is made keeps of each key.",
  },
} as const satisfies Readonly<Record<string, Option<unknown>>>;
