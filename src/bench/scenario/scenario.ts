/**
 * A scenario: the description of one run, as plain data. The command line or a file has validated it; a run, a thread
 * and a result file use it unchanged. Contains no secrets except values of headers and the content of a payload file,
 * which a result leaves out.
 */
import type { Arrival, Stage } from "./schedule.ts";

/** The description of one run. */
export interface Scenario {
  readonly name: string;
  /** Name of a workload in `workloads/workloads.ts`. */
  readonly workload: string;
  /** Connections that send; for workloads that only receive, connections that receive. */
  readonly clients: number;
  /** Connections that receive or respond, in addition to those that send. */
  readonly receivers: number;
  /**
   * At least one of the two, except for services, which run until they are stopped. `messages` counts all clients
   * together; each receiver that does not share messages gets all of them.
   */
  readonly amount: { readonly messages?: number; readonly seconds?: number };
  readonly load: Load;
  /** Length of the warm-up before the window; recorded separately. */
  readonly warmupSeconds: number;
  /** Maximum wait for outstanding operations after the last one is sent; restarts with each arrival. */
  readonly drainSeconds: number;
  readonly subject: SubjectChoice;
  readonly payload: PayloadChoice;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Queue group of subscribers and responders. */
  readonly queue?: string;
  /** Timeout of requests, JetStream publishes and operations on buckets. */
  readonly timeoutMs: number;
  /** Whether another program responds to the requests. */
  readonly isExternal: boolean;
  readonly stream?: StreamChoice;
  readonly bucket?: BucketChoice;
  /** Seed of sizes, subjects, gaps and payload bytes. */
  readonly seed: number;
  /** Number of threads. Default: by the number of processors. */
  readonly threads?: number;
}

/** How operations are timed. */
export type Load = ClosedLoad | OpenLoad;

/** Each client sends when an earlier operation has ended. There is no intended time, so no response time. */
interface ClosedLoad {
  readonly kind: "closed";
  /** Operations in flight of each client. */
  readonly inFlight: number;
}

/** Operations are due at a rate, independent of earlier operations. */
export interface OpenLoad {
  readonly kind: "open";
  /** Rates of all clients together, over the warm-up and the window. */
  readonly stages: readonly Stage[];
  readonly arrival: Arrival;
  /** Maximum number of operations in flight of each client. An operation that is due beyond it waits, and is counted. */
  readonly maxInFlight: number;
}

/** The subjects of messages. */
export interface SubjectChoice {
  /** The subject; with several subjects, the part before the last token. */
  readonly base: string;
  /** 1: the base itself. More: `base.0` to `base.n-1`, all with as many digits as the last. */
  readonly count: number;
  readonly order: "sequential" | "random" | "zipf";
}

/** The payloads of messages. */
export interface PayloadChoice {
  readonly size: SizeChoice;
  /** Share of random bytes, 0 to 1; the others are zeros, which compress to almost nothing. */
  readonly randomShare: number;
  /** File whose content is sent instead. */
  readonly file?: PayloadFile;
}

/** A file whose content is sent. */
interface PayloadFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Absent in a result, which other people may read. */
  readonly content?: Uint8Array;
}

/** Sizes of payloads, in bytes. */
export type SizeChoice =
  | { readonly kind: "fixed"; readonly bytes: number }
  | { readonly kind: "uniform"; readonly least: number; readonly most: number }
  | { readonly kind: "normal"; readonly mean: number; readonly deviation: number; readonly most: number }
  | {
      readonly kind: "weighted";
      readonly choices: readonly { readonly bytes: number; readonly weight: number }[];
    };

/** The stream, and how the run uses it. */
export interface StreamChoice {
  readonly name: string;
  /** Whether the run creates the stream and removes it. Otherwise the stream has to exist and stays as it is. */
  readonly create: boolean;
  /** Whether to empty an existing stream before the run, by the user's request. */
  readonly purge: boolean;
  readonly storage: "file" | "memory";
  readonly replicas: number;
  readonly maxBytes: number;
  /** If set, messages carry an id, which the stream remembers for this time. */
  readonly dedupSeconds?: number;
  readonly consumer: string;
  readonly consumerExists: boolean;
  readonly batch: number;
  readonly acks: "explicit" | "none" | "all";
  /** Whether each ack waits for the server's confirmation. */
  readonly doubleAck: boolean;
  readonly filter?: string;
}

/** The bucket or object store, and how the run uses it. */
export interface BucketChoice {
  readonly name: string;
  readonly create: boolean;
  /** Whether to empty an existing bucket before the run, by the user's request. */
  readonly purge: boolean;
  readonly storage: "file" | "memory";
  readonly replicas: number;
  readonly maxBytes: number;
  readonly history: number;
  /** Number of keys or objects that are written and read. */
  readonly keys: number;
  readonly order: "sequential" | "random" | "zipf";
}
