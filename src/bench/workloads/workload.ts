/**
 * The interface of a workload: everything that natscope has to know about one. A workload is an object in the file of
 * its family; the command line, the preparation, the worker threads, the account, the verdict and the reports read
 * these members and never compare a workload's name.
 */
import type { Link } from "../driver/driver.ts";
import type { StageName } from "../measure/stage.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { OpenClient } from "../worker/client.ts";
import type { Role } from "../worker/protocol.ts";
import type { WorkloadOption } from "./workload-options.ts";

/** A workload as the file of its family declares it. */
interface WorkloadDefinition {
  /** The words after `natscope bench`. */
  readonly name: string;
  /** Other words for it, which `nats bench` uses. */
  readonly aliases?: readonly string[];
  /** One line for the help, without a full stop. */
  readonly help: string;
  /** Arguments after its name, for the examples in the help. */
  readonly example?: string;
  /** Its name in the result line of `nats bench`. */
  readonly label: string;
  /** The kind of its target: natscope creates streams, buckets and object stores before the run. */
  readonly on: "subject" | "stream" | "bucket" | "objects";
  /** How a client of each role is opened. */
  readonly roles: Readonly<Partial<Record<Role, OpenClient>>>;
  /** Runs until it is stopped, and answers what another run asks. */
  readonly service?: true;
  /** The receivers that get a message. Default: the workload has no receivers. */
  readonly delivery?: (scenario: Scenario) => Delivery;
  /**
   * How its senders learn that an operation has ended: from an answer to it (a reply, an acknowledgement), or from
   * the answer to a flush that followed it.
   */
  readonly endsBy: "answer" | "flush";
  /** Stages that are timed; the first is the response time, if there is any. */
  readonly stages: readonly StageName[];
  /**
   * Place of the stamp in its messages. `message`: the payload if it is large enough, else a header. `payload`: always
   * the payload, so that every payload needs room for a stamp.
   */
  readonly stamp: "message" | "payload" | "none";
  /** Default of `--size`, in bytes. Default: 128. */
  readonly size?: number;
  /** Default of `--msgs`. Default: 100,000. */
  readonly messages?: number;
  /** Default of `--keys`, if `--msgs` is not below it. Default: 10,000. */
  readonly keys?: number;
  /** Operations in flight of each client. `one`: always one at a time. Default: 1, from `--in-flight`. */
  readonly inFlight?: "one" | InFlight;
  /** Whether the floor of the load generator can be measured against a peer that only speaks the core protocol. */
  readonly canCalibrate?: true;
  /**
   * Fills what the workload reads if the run has created it, or checks that it is there if not. Called when stream or
   * bucket exist, before the consumer is created. Rejects with a `RunError` or a `LinkError`.
   */
  readonly prepare?: (context: PrepareContext) => Promise<void>;
  /**
   * Set if its receivers share a durable consumer: which messages it delivers. `stored`: all of the stream. `own`:
   * those that this run publishes.
   */
  readonly consumer?: "stored" | "own";
  /** Whether it writes to a stream, bucket or store: then acknowledged does not mean synced to disk. */
  readonly writes: boolean;
  /**
   * Messages that the server should count in and out for this many sent ones. Absent, or undefined: they cannot be
   * predicted.
   */
  readonly expects?: (scenario: Scenario, sent: number) => ServerCounts | undefined;
  /** Names of the bench options that it takes, besides those that all workloads take. */
  readonly options: readonly WorkloadOption[];
}

/** A workload. */
export interface Workload extends WorkloadDefinition {
  /** Whether it sends by itself, so that a rate or a number in flight applies. */
  readonly sends: boolean;
  /** Whether messages arrive at it: at its receivers, or at the responders of a service. */
  readonly receives: boolean;
}

/** Adds what follows from the roles. */
export function workload(definition: WorkloadDefinition): Workload {
  const { roles, service } = definition;
  return {
    ...definition,
    sends: roles.sender !== undefined,
    receives: roles.receiver !== undefined || service === true,
  };
}

/** How receivers share what is sent. */
export type Delivery =
  /** No receivers: an operation ends with its answer. */
  | "none"
  /** Each message goes to one receiver. */
  | "shared"
  /** Each receiver gets every message. */
  | "everyone";

/** A default of `--in-flight`. */
interface InFlight {
  readonly default: number;
  /** Another option with the same meaning for this workload. */
  readonly alias?: "batch";
}

/** Messages of a server's counters. */
export interface ServerCounts {
  readonly in: number;
  readonly out: number;
}

/** Parameters of a preparation. */
export interface PrepareContext {
  /** A connection that is closed afterwards. */
  readonly link: Link;
  readonly scenario: Scenario;
  readonly signal: AbortSignal;
}
