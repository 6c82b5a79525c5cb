/** Core NATS: publishers, subscribers, requesters and responders. */

import { hostNumber } from "../measure/host.ts";
import { randomOf } from "../scenario/random.ts";
import type { SubjectChoice } from "../scenario/scenario.ts";
import { AnswerSender } from "../worker/answer-sender.ts";
import { Messages, subjectsOf } from "../worker/messages.ts";
import { PublishSender } from "../worker/publish-sender.ts";
import { type Counts, Receiver } from "../worker/receiver.ts";
import type { SenderContext } from "../worker/sender.ts";
import type { Client, ClientContext } from "../worker/thread.ts";

/** Publishes: of `pub` timed by flushes, of `pubsub` by its subscribers. */
export async function openPublisher(around: ClientContext): Promise<Client> {
  const timedBy = around.task.scenario.workload === "pub" ? "flush" : "receiver";
  const sender = new PublishSender(surroundings(around), messagesOf(around), subjectOf(around), timedBy);
  return { sender, close: nothing };
}

/** Subscribes to all subjects of the scenario; of `sub` to what any run publishes. */
export async function openSubscriber(around: ClientContext): Promise<Client> {
  const { subject, queue, workload, amount } = around.task.scenario;
  const isOwn = workload === "pubsub";
  const receiver = receiverOf(around, isOwn ? "own" : "any");
  // Of a queue group nobody knows how many he will have.
  const most = isOwn || queue !== undefined ? Number.POSITIVE_INFINITY : (amount.messages ?? Infinity);
  const open = around.link.subscribe(wildcardOf(subject), queue, (message) => {
    if (receiver.messages < most) receiver.time(message);
  });
  return { receiver, close: () => open.close() };
}

/** Requests. */
export async function openRequester(around: ClientContext): Promise<Client> {
  const { link, task } = around;
  const { timeoutMs } = task.scenario;
  const messages = messagesOf(around);
  const subject = subjectOf(around);
  const sender = new AnswerSender(surroundings(around), async (n, intended, sent) => {
    const { payload, headers } = messages.next(n, intended, sent);
    const reply = await link.request(subject(n), payload, timeoutMs, headers);
    return { bytesSent: payload.length, bytesReceived: reply.data.length };
  });
  return { sender, close: nothing };
}

const REPLY = new TextEncoder().encode("ok");
/** As `nats bench` has it: responders share the requests. */
const RESPONDERS = "q";

/** Responds. */
export async function openResponder({ task, link, recorder }: ClientContext): Promise<Client> {
  const { subject, queue = RESPONDERS } = task.scenario;
  const open = link.subscribe(wildcardOf(subject), queue, (message) => {
    recorder.count("received");
    recorder.count("receivedBytes", message.data.length);
    message.respond(REPLY);
  });
  return { close: () => open.close() };
}

/** Covers all subjects of a choice. */
export function wildcardOf({ base, count }: SubjectChoice): string {
  return count === 1 ? base : `${base}.*`;
}

/** What a sender needs of a client's surroundings. */
export function surroundings({
  link,
  clock,
  recorder,
  number,
  complain,
}: ClientContext): SenderContext {
  return { link, clock, recorder, publisher: number, complain };
}

/** What a publisher sends. */
export function messagesOf({ task, number, clock }: ClientContext): Messages {
  return new Messages(task.scenario, { run: task.run, publisher: number, host: hostNumber() }, clock);
}

/** Where a publisher sends each of it. */
export function subjectOf({ task, number }: ClientContext): (n: number) => string {
  const { subject, seed } = task.scenario;
  return subjectsOf(subject, randomOf(seed ^ number));
}

/** Who notes what a client receives. */
export function receiverOf({ task, number, clock, recorder }: ClientContext, counts: Counts): Receiver {
  return new Receiver({ receiver: number, run: task.run, host: hostNumber(), clock, recorder, counts });
}

/** For clients that close with their connection. */
export async function nothing(): Promise<void> {}
