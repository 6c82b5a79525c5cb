/**
 * A scenario: what a run does, as plain data. Whoever makes one (the command line, a file) has checked it; a
 * run, a thread and a result file take it as it is. Nothing in it is a secret.
 */
import type { Arrival, Stage } from "./schedule.ts";

/** See the file's comment. */
export interface Scenario {
  readonly name: string;
  /** Name of a workload in `workloads/workloads.ts`. */
  readonly workload: string;
  /** Connections that send; of a workload that only receives, those that receive. */
  readonly clients: number;
  /** Connections that receive or respond, beside those that send. */
  readonly receivers: number;
  /** At least one of the two, but of responders, who are stopped. Messages are all clients' together; of receivers each has all of them. */
  readonly amount: { readonly messages?: number; readonly seconds?: number };
  readonly load: Load;
  /** Seconds before the window; recorded apart. */
  readonly warmupSeconds: number;
  /** The longest wait for what is still out when everything has been sent. Rearmed while something arrives. */
  readonly drainSeconds: number;
  readonly subject: SubjectChoice;
  readonly payload: PayloadChoice;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Of subscribers and responders. */
  readonly queue?: string;
  /** Of requests, JetStream publishes and bucket operations. */
  readonly timeoutMs: number;
  /** Whether somebody else responds. */
  readonly isExternal: boolean;
  readonly stream?: StreamChoice;
  readonly bucket?: BucketChoice;
  /** Of sizes, subjects, gaps and payload bytes. */
  readonly seed: number;
  /** Threads; undefined: chosen by the processors there are. */
  readonly threads?: number;
}

/** How operations come. */
export type Load = ClosedLoad | OpenLoad;

/** Each client sends when an earlier operation has ended. There is no intended time, and so no response time. */
export interface ClosedLoad {
  readonly kind: "closed";
  /** Operations of a client that are out at the same time. */
  readonly inFlight: number;
}

/** Operations come at a rate, whatever becomes of the earlier ones. */
export interface OpenLoad {
  readonly kind: "open";
  /** All clients' rate together, over the warm-up and the window. */
  readonly stages: readonly Stage[];
  readonly arrival: Arrival;
  /** Most operations of a client that are out at the same time; who is due then waits, and is counted. */
  readonly maxInFlight: number;
}

/** Which subject each message goes to. */
export interface SubjectChoice {
  /** Of the workload; with several subjects the part before the last token. */
  readonly base: string;
  /** 1: the base itself. More: `base.0` to `base.n-1`, with as many digits as the last. */
  readonly count: number;
  readonly order: "sequential" | "random" | "zipf";
}

/** What a message holds. */
export interface PayloadChoice {
  readonly size: SizeChoice;
  /** Share of the bytes that are random; the rest is zeros, which compress to nothing. 0 to 1. */
  readonly randomShare: number;
  /** A file's content, instead. */
  readonly file?: PayloadFile;
}

/** A file whose content is sent. */
export interface PayloadFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Not in a result, which is shown to others. */
  readonly content?: Uint8Array;
}

/** How many bytes. */
export type SizeChoice =
  | { readonly kind: "fixed"; readonly bytes: number }
  | { readonly kind: "uniform"; readonly least: number; readonly most: number }
  | { readonly kind: "normal"; readonly mean: number; readonly deviation: number; readonly most: number }
  | {
      readonly kind: "weighted";
      readonly choices: readonly { readonly bytes: number; readonly weight: number }[];
    };

/** Which stream, and what is done with it. */
export interface StreamChoice {
  readonly name: string;
  /** Made by the run, and removed by it. Else it has to exist, and is left as it is. */
  readonly create: boolean;
  /** Emptied before the run, because the user said so. */
  readonly purge: boolean;
  readonly storage: "file" | "memory";
  readonly replicas: number;
  readonly maxBytes: number;
  /** Messages carry an id, which the stream knows for so many seconds. */
  readonly dedupSeconds?: number;
  readonly consumer: string;
  readonly consumerExists: boolean;
  readonly batch: number;
  readonly acks: "explicit" | "none" | "all";
  /** Acks wait for the server. */
  readonly doubleAck: boolean;
  readonly filter?: string;
}

/** Which bucket or store, and what is done with it. */
export interface BucketChoice {
  readonly name: string;
  readonly create: boolean;
  /** Emptied before the run, because the user said so. */
  readonly purge: boolean;
  readonly storage: "file" | "memory";
  readonly replicas: number;
  readonly maxBytes: number;
  readonly history: number;
  /** Keys or objects that are written and read. */
  readonly keys: number;
  readonly order: "sequential" | "random" | "zipf";
}
