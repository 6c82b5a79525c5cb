/** Options for streams, consumers, buckets and object stores: rows of the table in `options.ts`. */
import { boolean, choice, duration, wholeNumber } from "../../input/kinds.ts";
import { benchOption } from "./option.ts";
import { bytes, filter, name } from "./option-kinds.ts";

/** Limits of StreamConfig in nats-server. */
const MAX_REPLICAS = 5;
const MAX_HISTORY = 64;
const MAX_KEYS = 100_000_000;
/** Default of `--keys`. */
const KEYS = 10_000;

/** Rows by name. Durations are in seconds, sizes in bytes. */
export const STORE_OPTIONS = {
  stream: benchOption(name, {
    group: "Streams",
    scope: "scenario",
    default: "benchstream",
    help: "Stream. A named stream must exist, unless --create is given.",
  }),
  create: benchOption(boolean, {
    group: "Streams",
    scope: "scenario",
    isSwitch: true,
    defaultRule: "on if no stream or bucket is named",
    help: "Create the stream, bucket or object store, fill it if the workload reads, and delete it afterwards.",
  }),
  purge: benchOption(boolean, {
    group: "Streams",
    scope: "scenario",
    isSwitch: true,
    help: "Purge an existing stream, bucket or object store before the run.",
  }),
  storage: benchOption(choice(["file", "memory"]), {
    group: "Streams",
    scope: "scenario",
    default: "file",
    help: "Storage of streams and buckets that natscope creates.",
  }),
  replicas: benchOption(wholeNumber(1, MAX_REPLICAS), {
    group: "Streams",
    scope: "scenario",
    default: 1,
    help: "Replicas of streams and buckets that natscope creates.",
  }),
  maxBytes: benchOption(bytes(1024, 2 ** 50, "1GB"), {
    group: "Streams",
    scope: "scenario",
    aliases: ["--maxbytes"],
    default: 2 ** 30,
    help: "Maximum size of streams and buckets that natscope creates. A full stream rejects messages.",
  }),
  dedup: benchOption(boolean, {
    group: "Streams",
    scope: "scenario",
    isSwitch: true,
    help: "Send a Nats-Msg-Id with each message, so that the stream drops duplicates.",
  }),
  dedupWindow: benchOption(duration("100ms", "24h", "500ms, 30s or 2m"), {
    group: "Streams",
    scope: "scenario",
    aliases: ["--dedupwindow"],
    default: 120,
    help: "How long the stream remembers message ids. Implies --dedup.",
  }),
  consumer: benchOption(name, {
    group: "Streams",
    scope: "scenario",
    default: "nats-bench",
    defaultRule: "created by the run",
    help: "Durable consumer. A named consumer must exist and is not changed.",
  }),
  batch: benchOption(wholeNumber(1, 100_000), {
    group: "Streams",
    scope: "scenario",
    default: 500,
    help: "Maximum messages per pull request, or publishes in flight of an asynchronous publisher.",
  }),
  acks: benchOption(choice(["explicit", "none", "all"]), {
    group: "Streams",
    scope: "scenario",
    default: "explicit",
    help: "Ack policy of a consumer that natscope creates.",
  }),
  doubleAck: benchOption(boolean, {
    group: "Streams",
    scope: "scenario",
    aliases: ["--doubleack"],
    isSwitch: true,
    help: "Wait for the server to confirm each ack.",
  }),
  filter: benchOption(filter, {
    group: "Streams",
    scope: "scenario",
    help: "Filter subject of a consumer that natscope creates.",
  }),
  bucket: benchOption(name, {
    group: "Buckets",
    scope: "scenario",
    default: "benchbucket",
    help: "Bucket or object store. A named bucket must exist, unless --create is given.",
  }),
  keys: benchOption(wholeNumber(1, MAX_KEYS), {
    group: "Buckets",
    scope: "scenario",
    defaultFor: ({ keys = KEYS }) => keys,
    defaultRule: "up to --msgs",
    help: "Number of keys, or objects, to write and read: 0, 1, 2 ...",
  }),
  keyOrder: benchOption(choice(["sequential", "random", "zipf"]), {
    group: "Buckets",
    scope: "scenario",
    default: "sequential",
    help: "Order of the keys.",
  }),
  randomize: benchOption(wholeNumber(0, MAX_KEYS), {
    group: "Buckets",
    scope: "scenario",
    help: "Number of keys in random order, as in nats bench; 0 for sequential order.",
  }),
  history: benchOption(wholeNumber(1, MAX_HISTORY), {
    group: "Buckets",
    scope: "scenario",
    default: 1,
    help: "Values per key in a bucket that natscope creates.",
  }),
};
