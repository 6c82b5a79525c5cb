/** Workloads on JetStream streams: publishers, consumers, and both together. */
import { randomOf } from "../scenario/random.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { type AnswerOptions, AnswerSender } from "../worker/answer-sender.ts";
import {
  type Client,
  type ClientContext,
  messagesOf,
  nothingToClose,
  type OpenClient,
  receiverOf,
  subjectOf,
} from "../worker/client.ts";
import { subjectsOf } from "../worker/messages.ts";
import { RunError } from "../worker/run-error.ts";
import { StoredTime } from "../worker/stored-time.ts";
import { Acks, type Read, readBatches, readerOf, streamOf } from "../worker/stream-reader.ts";
import { contentOf, inParallel } from "./filling.ts";
import { type PrepareContext, type Workload, workload } from "./workload.ts";
import {
  BATCH,
  CONSUMER,
  DEDUP,
  DOUBLE_ACK,
  FILTER,
  HEADERS,
  IN_FLIGHT,
  PAYLOAD,
  RECEIVERS,
  SCHEDULE,
  STREAM,
  SUBJECTS,
} from "./workload-options.ts";

const STAGES = ["response", "service", "delay"] as const;
/** As in `nats bench`. */
const ASYNC_IN_FLIGHT = 500;
const MESSAGES = [...SUBJECTS, ...PAYLOAD, ...HEADERS] as const;

/** In the order of the help. */
export const STREAM_WORKLOADS: readonly Workload[] = [
  workload({
    name: "js pub sync",
    help: "publish to a stream, each client one message at a time",
    label: "JetStream synchronous publisher",
    on: "stream",
    roles: { sender: openPublisher },
    endsBy: "answer",
    stages: STAGES,
    stamp: "message",
    inFlight: "one",
    canCalibrate: true,
    writes: true,
    options: [...SCHEDULE, ...MESSAGES, ...STREAM, ...DEDUP],
  }),
  workload({
    name: "js pub async",
    help: "publish to a stream, with many messages in flight",
    label: "JetStream asynchronous publisher",
    on: "stream",
    roles: { sender: openPublisher },
    endsBy: "answer",
    stages: STAGES,
    stamp: "message",
    inFlight: { default: ASYNC_IN_FLIGHT, alias: "batch" },
    canCalibrate: true,
    writes: true,
    options: [...SCHEDULE, ...IN_FLIGHT, ...MESSAGES, ...STREAM, ...DEDUP, ...BATCH],
  }),
  workload({
    name: "js consume",
    help: "read a stream by a durable consumer's callback",
    label: "JetStream durable consumer (callback)",
    on: "stream",
    roles: { receiver: reader(consume) },
    delivery: () => "shared",
    endsBy: "answer",
    stages: [...STAGES, "settled"],
    stamp: "none",
    prepare: fillStream,
    consumer: "stored",
    writes: false,
    options: [...MESSAGES, ...STREAM, ...CONSUMER, ...DOUBLE_ACK, ...FILTER],
  }),
  workload({
    name: "js fetch",
    help: "read a stream by a durable consumer, batch after batch",
    label: "JetStream durable consumer (fetch)",
    on: "stream",
    roles: { receiver: reader(readBatches) },
    delivery: () => "shared",
    endsBy: "answer",
    stages: [...STAGES, "settled"],
    stamp: "none",
    prepare: fillStream,
    consumer: "stored",
    writes: false,
    options: [...MESSAGES, ...STREAM, ...CONSUMER, ...DOUBLE_ACK, ...FILTER],
  }),
  workload({
    name: "js ordered",
    help: "read a stream by ordered consumers, each all of it",
    label: "JetStream ordered ephemeral consumer",
    on: "stream",
    roles: { receiver: openOrderedReader },
    delivery: () => "everyone",
    endsBy: "answer",
    stages: STAGES,
    stamp: "none",
    prepare: fillStream,
    writes: false,
    options: [...MESSAGES, ...STREAM, ...BATCH, ...FILTER],
  }),
  workload({
    name: "js e2e",
    help: "publish to a stream and consume from it; each stage timed by itself",
    example: "--rate 5000 --out result.json --report result.html",
    label: "JetStream publisher and consumer",
    on: "stream",
    roles: { sender: openTimedPublisher, receiver: openConsumerOfOwn },
    delivery: () => "shared",
    endsBy: "answer",
    stages: [...STAGES, "acknowledged", "stored", "delivered", "settled"],
    stamp: "message",
    consumer: "own",
    writes: true,
    options: [...RECEIVERS, ...SCHEDULE, ...IN_FLIGHT, ...MESSAGES, ...STREAM, ...DEDUP, ...CONSUMER],
  }),
];

function openPublisher(context: ClientContext): Promise<Client> {
  return openPublisherThat(context, {});
}

/** The consumer records response, service and send delay; the publisher only when it got the acknowledgement. */
function openTimedPublisher(context: ClientContext): Promise<Client> {
  const { recorder } = context;
  return openPublisherThat(context, {
    onAnswer: (intended, sent, end) => recorder.of(intended)?.acknowledged.record(end - sent),
  });
}

/** An operation ends with the stream's acknowledgement. */
async function openPublisherThat(context: ClientContext, options: AnswerOptions): Promise<Client> {
  const { link, task, number } = context;
  const { timeoutMs, stream } = task.scenario;
  const messages = messagesOf(context);
  const subject = subjectOf(context);
  // Unique to this run: a stream that knows an id discards the message and answers at once.
  const id = `${Date.now().toString(16)}-${number}`;
  const hasIds = stream?.dedupSeconds !== undefined;
  const sender = new AnswerSender(
    context,
    async (n, intended, sent) => {
      const { payload, headers } = messages.next(n, intended, sent);
      const { duplicate } = await link.streams.publish(subject(n), payload, {
        timeoutMs,
        ...(hasIds && { id: `${id}-${n}` }),
        ...(headers && { headers }),
      });
      return { bytesSent: payload.length, bytesReceived: 0, duplicate };
    },
    { remembers: true, ...options },
  );
  return { sender, close: nothingToClose };
}

/** Reads by a durable consumer that all clients share. */
function reader(reads: (context: ClientContext) => Read): OpenClient {
  return async (context) => {
    const { amount, clients } = context.task.scenario;
    const { acks } = streamOf(context.task.scenario);
    // Clients that share a consumer cannot know their shares in advance.
    const max = (clients === 1 ? amount.messages : undefined) ?? Number.POSITIVE_INFINITY;
    return readerOf(context, reads(context), { acks, max });
  };
}

function consume({ link, task }: ClientContext): Read {
  const { name, consumer, batch } = streamOf(task.scenario);
  return (handle) =>
    link.streams.consume({ stream: name, consumer, batch }, (message) => void handle(message));
}

/** Reads the whole stream alone, and acks nothing. */
async function openOrderedReader(context: ClientContext): Promise<Client> {
  const { link, task } = context;
  const { name, filter, batch } = streamOf(task.scenario);
  const options = { stream: name, batch, ...(filter !== undefined && { filter }) };
  const max = task.scenario.amount.messages ?? Number.POSITIVE_INFINITY;
  return readerOf(
    context,
    (handle) => link.streams.consumeOrdered(options, (message) => void handle(message)),
    { acks: "none", max },
  );
}

/**
 * Consumes what the senders of the same run publish; response, service and send delay end with the delivery. Acks
 * each message and waits for the confirmation.
 */
async function openConsumerOfOwn(context: ClientContext): Promise<Client> {
  const { name, consumer, batch, acks } = streamOf(context.task.scenario);
  const receiver = receiverOf(context, "own");
  const acking = new Acks(context);
  const stored = new StoredTime(context);
  const consumption = await context.link.streams.consume({ stream: name, consumer, batch }, (message) => {
    const times = receiver.timeStored(message);
    if (times) {
      context.recorder.of(times.intended)?.delivered.record(times.received - times.sent);
      stored.record(times, message);
    }
    if (acks !== "none") void acking.confirm(message, times);
  });
  return {
    receiver,
    begin: () => stored.begin(),
    settled: () => acking.settled(),
    notes: () => stored.notes(),
    close: () => consumption.close(),
  };
}

const FILL_IN_PARALLEL = 256;

/** Publishes the messages that readers will read, if the run has created the stream. */
async function fillStream({ link, scenario, signal }: PrepareContext): Promise<void> {
  if (!streamOf(scenario).create) return;
  const { amount, headers, seed, subject, timeoutMs, workload: name } = scenario;
  if (amount.messages === undefined) {
    throw new RunError("messages_missing", missingAmount(name));
  }
  const content = contentOf(scenario);
  const subjectAt = subjectsOf(subject, randomOf(seed));
  const options = { timeoutMs, ...(headers.length > 0 && { headers }) };
  await inParallel(amount.messages, FILL_IN_PARALLEL, signal, (n) =>
    link.streams.publish(subjectAt(n), content(), options),
  );
}

function missingAmount(name: Scenario["workload"]): string {
  return `${name} on a stream that natscope creates needs --msgs: the number of messages to put into it first`;
}
