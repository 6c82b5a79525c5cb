/**
 * The workloads: one row each. What a workload is made of, which stages it times and which options it takes is
 * said here once; the command line, the checks, the runner and the reports read it.
 */
import type { StageName } from "../measure/stage.ts";

/** What a workload is. */
export interface Workload {
  /** One sentence for the help. */
  readonly help: string;
  /** As `nats bench` names it in its own line. */
  readonly label: string;
  /** Whether it sends by itself: then a rate or a number in flight applies. */
  readonly sends: boolean;
  /** Whether it receives messages that it, or somebody else, has sent. */
  readonly receives: boolean;
  /** What it is timed by, when it sends; of messages received from another run of natscope, see `receives`. */
  readonly stages: readonly StageName[];
  /** What it works on. */
  readonly on: "subject" | "stream" | "bucket" | "objects";
  /** Default of `--size` where it is not 128. */
  readonly size?: number;
  /** Default of `--in-flight` where it is not 1. */
  readonly inFlight?: number;
}

const OPERATION = ["response", "service", "delay"] as const;

/** By the words after `natscope bench`. */
export const WORKLOADS = {
  pub: {
    help: "publish; timed until the server has answered that it has read the message",
    label: "Core NATS publisher",
    sends: true,
    receives: false,
    stages: OPERATION,
    on: "subject",
    inFlight: 1000,
  },
  sub: {
    help: "subscribe to what another run publishes",
    label: "Core NATS subscriber",
    sends: false,
    receives: true,
    stages: OPERATION,
    on: "subject",
  },
  pubsub: {
    help: "publish and subscribe; timed from publisher to subscriber",
    label: "Core NATS publisher and subscriber",
    sends: true,
    receives: true,
    stages: OPERATION,
    on: "subject",
    inFlight: 1000,
  },
  request: {
    help: "request, with responders of its own unless --external",
    label: "Core NATS service requester",
    sends: true,
    receives: false,
    stages: OPERATION,
    on: "subject",
  },
  serve: {
    help: "respond to what another run requests, until stopped",
    label: "Core NATS service responder",
    sends: false,
    receives: true,
    stages: [],
    on: "subject",
  },
  "js pub sync": {
    help: "publish to a stream, each client one message at a time",
    label: "JetStream synchronous publisher",
    sends: true,
    receives: false,
    stages: OPERATION,
    on: "stream",
  },
  "js pub async": {
    help: "publish to a stream, with many messages in flight",
    label: "JetStream asynchronous publisher",
    sends: true,
    receives: false,
    stages: OPERATION,
    on: "stream",
    inFlight: 500,
  },
  "js consume": {
    help: "read a stream by a durable consumer's callback",
    label: "JetStream durable consumer (callback)",
    sends: false,
    receives: true,
    stages: [...OPERATION, "settled"],
    on: "stream",
  },
  "js fetch": {
    help: "read a stream by a durable consumer, batch after batch",
    label: "JetStream durable consumer (fetch)",
    sends: false,
    receives: true,
    stages: [...OPERATION, "settled"],
    on: "stream",
  },
  "js ordered": {
    help: "read a stream by ordered consumers, each all of it",
    label: "JetStream ordered ephemeral consumer",
    sends: false,
    receives: true,
    stages: OPERATION,
    on: "stream",
  },
  "js e2e": {
    help: "publish to a stream and consume from it; each stage timed by itself",
    label: "JetStream publisher and consumer",
    sends: true,
    receives: true,
    stages: [...OPERATION, "acknowledged", "stored", "delivered", "settled"],
    on: "stream",
  },
  "kv put": {
    help: "put values into a key-value bucket",
    label: "JetStream KV putter",
    sends: true,
    receives: false,
    stages: OPERATION,
    on: "bucket",
  },
  "kv get": {
    help: "get values from a key-value bucket",
    label: "JetStream KV getter",
    sends: true,
    receives: false,
    stages: OPERATION,
    on: "bucket",
  },
  "kv watch": {
    help: "put values and watch them arrive",
    label: "JetStream KV watcher",
    sends: true,
    receives: true,
    stages: OPERATION,
    on: "bucket",
  },
  "obj put": {
    help: "put objects into an object store",
    label: "JetStream object putter",
    sends: true,
    receives: false,
    stages: OPERATION,
    on: "objects",
    size: 131_072,
  },
  "obj get": {
    help: "get objects from an object store",
    label: "JetStream object getter",
    sends: true,
    receives: false,
    stages: OPERATION,
    on: "objects",
    size: 131_072,
  },
} as const satisfies Record<string, Workload>;

/** Names a workload. */
export type WorkloadName = keyof typeof WORKLOADS;

/** The row of a workload. */
export function workloadOf(name: WorkloadName): Workload {
  return WORKLOADS[name];
}
