/**
 * A client: the senders and receivers that a thread opens on one connection, and the parts that workloads build clients
 * from. A workload has one kind of client for each of its roles.
 */
import { hostNumber } from "../measure/host.ts";
import { randomOf } from "../scenario/random.ts";
import { Messages, subjectsOf } from "./messages.ts";
import type { ThreadTask } from "./protocol.ts";
import { type Counts, Receiver } from "./receiver.ts";
import type { Sender, SenderContext } from "./sender.ts";

/** A client whose connection is open. */
export interface Client {
  readonly sender?: Sender;
  readonly receiver?: Receiver;
  /** Called when all clients are ready, shortly before the run's zero: starts reading what is already stored. */
  begin?(): void;
  /** Resolves when outstanding acks are confirmed, or after two seconds. */
  settled?(): Promise<void>;
  /** Notes for the result, read at the end. */
  notes?(): readonly string[];
  close(): Promise<void>;
}

/** Opens a client on a connection. Rejects with a `LinkError`. */
export type OpenClient = (context: ClientContext) => Promise<Client>;

/** Parameters of a client, from its thread. */
export interface ClientContext extends SenderContext {
  readonly task: ThreadTask;
}

/** For clients that have nothing to close except their connection. */
export async function nothingToClose(): Promise<void> {}

/** The messages that this client sends. */
export function messagesOf({ task, number, clock }: ClientContext): Messages {
  return new Messages(task.scenario, { run: task.run, publisher: number, host: hostNumber() }, clock);
}

/** The subject of each operation of this client. */
export function subjectOf({ task, number }: ClientContext): (n: number) => string {
  const { subject, seed } = task.scenario;
  return subjectsOf(subject, randomOf(seed ^ number));
}

/** The receiver of this client. */
export function receiverOf({ task, number, clock, recorder }: ClientContext, counts: Counts): Receiver {
  return new Receiver({ receiver: number, run: task.run, host: hostNumber(), clock, recorder, counts });
}
