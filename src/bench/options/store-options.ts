/** Options about streams, consumers, buckets and object stores: rows of the table in `options.ts`. */
import { choice } from "../../input/kinds.ts";
import { CONSUMING, isNamed, isStored, type Option, onBucket, onStream, publishes } from "./option.ts";
import { bytes, filter, name, time, truth, wholeNumber } from "./option-kinds.ts";

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
    has: onStream,
    help: "Stream; one that is named has to exist unless --create is said.",
  },
  create: {
    group: "Streams",
    of: "scenario",
    isSwitch: true,
    kind: truth,
    preset: "where no stream or bucket is named",
    has: isStored,
    help: "Make the stream, bucket or store, fill it where the workload reads, and remove it at the end.",
  },
  purge: {
    group: "Streams",
    of: "scenario",
    isSwitch: true,
    kind: truth,
    has: isStored,
    help: "Empty one that exists before the run.",
  },
  storage: {
    group: "Streams",
    of: "scenario",
    kind: choice(["file", "memory"]),
    preset: "file",
    has: isStored,
    help: "Of one that is made.",
  },
  replicas: {
    group: "Streams",
    of: "scenario",
    kind: wholeNumber(1, MOST_REPLICAS),
    preset: "1",
    has: isStored,
    help: "Of one that is made.",
  },
  maxBytes: {
    group: "Streams",
    of: "scenario",
    aliases: ["--maxbytes"],
    kind: bytes(1024, 2 ** 50, "1GB"),
    preset: "1GB",
    has: isStored,
    help: "Of one that is made; a stream that is full refuses.",
  },
  dedup: {
    group: "Streams",
    of: "scenario",
    isSwitch: true,
    kind: truth,
    has: publishes,
    help: "Messages carry an id by which the stream knows duplicates.",
  },
  dedupWindow: {
    group: "Streams",
    of: "scenario",
    aliases: ["--dedupwindow"],
    kind: time("100ms", "24h"),
    preset: "2m",
    has: publishes,
    help: "How long the stream remembers ids; implies --dedup.",
  },
  consumer: {
    group: "Streams",
    of: "scenario",
    kind: name,
    preset: "nats-bench, which is made",
    has: isNamed(...CONSUMING),
    help: "Durable consumer; one that is named has to exist, and is left as it is.",
  },
  batch: {
    group: "Streams",
    of: "scenario",
    kind: wholeNumber(1, 100_000),
    preset: "500",
    has: isNamed(...CONSUMING, "js ordered", "js pub async"),
    help: "Most messages asked for at once; of js pub async, publishes in flight.",
  },
  acks: {
    group: "Streams",
    of: "scenario",
    kind: choice(["explicit", "none", "all"]),
    preset: "explicit",
    has: isNamed(...CONSUMING),
    help: "How a consumer that is made wants acks.",
  },
  doubleAck: {
    group: "Streams",
    of: "scenario",
    aliases: ["--doubleack"],
    isSwitch: true,
    kind: truth,
    has: isNamed("js consume", "js fetch"),
    help: "Acks wait for the server's word. Of js e2e they always do.",
  },
  filter: {
    group: "Streams",
    of: "scenario",
    kind: filter,
    has: isNamed("js consume", "js fetch", "js ordered"),
    help: "Subjects that a consumer that is made delivers.",
  },
  bucket: {
    group: "Buckets",
    of: "scenario",
    kind: name,
    preset: "benchbucket",
    has: onBucket,
    help: "Bucket or object store; one that is named has to exist unless --create is said.",
  },
  keys: {
    group: "Buckets",
    of: "scenario",
    kind: wholeNumber(1, MOST_KEYS),
    preset: "as many as --msgs, 10000 at most; objects 100",
    has: onBucket,
    help: "Keys, or objects, that are written and read: 0, 1, 2 ...",
  },
  keyOrder: {
    group: "Buckets",
    of: "scenario",
    kind: choice(["sequential", "random", "zipf"]),
    preset: "sequential",
    has: onBucket,
    help: "Which key comes next.",
  },
  randomize: {
    group: "Buckets",
    of: "scenario",
    kind: wholeNumber(0, MOST_KEYS),
    has: onBucket,
    help: "As nats bench has it: so many keys, by chance; 0 in sequence.",
  },
  history: {
    group: "Buckets",
    of: "scenario",
    kind: wholeNumber(1, MOST_HISTORY),
    preset: "1",
    has: (row) => row.on === "bucket",
    help: "Values that a bucket that is made keeps of each key.",
  },
} as const satisfies Readonly<Record<string, Option<unknown>>>;
