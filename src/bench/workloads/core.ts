/** Workloads of core NATS: publishers, subscribers, requesters and responders. */
import type { Scenario } from "../scenario/scenario.ts";
import { wildcardOf } from "../scenario/subjects.ts";
import { AnswerSender } from "../worker/answer-sender.ts";
import {
  type Client,
  type ClientContext,
  messagesOf,
  nothingToClose,
  type OpenClient,
  receiverOf,
  subjectOf,
} from "../worker/client.ts";
import { PublishSender, type TimedBy } from "../worker/publish-sender.ts";
import type { Counts } from "../worker/receiver.ts";
import { type Delivery, type Workload, workload } from "./workload.ts";
import {
  EXTERNAL,
  HEADERS,
  IN_FLIGHT,
  PAYLOAD,
  QUEUE,
  RECEIVERS,
  SCHEDULE,
  SUBJECTS,
} from "./workload-options.ts";

/** Flushes answer for many messages at once; with fewer in flight each message waits for a round trip. */
const PUBLISHES_IN_FLIGHT = 1000;
const STAGES = ["response", "service", "delay"] as const;

/** In the order of the help. */
export const CORE: readonly Workload[] = [
  workload({
    name: "pub",
    help: "publish; timed until the server has answered that it has read the message",
    example: "orders --msgs 1000000 --clients 2 -s nats://localhost:4222",
    label: "Core NATS publisher",
    on: "subject",
    roles: { sender: publisher("flush") },
    endsBy: "flush",
    stages: STAGES,
    stamp: "message",
    inFlight: { default: PUBLISHES_IN_FLIGHT },
    canCalibrate: true,
    writes: false,
    expects: (_, sent) => ({ in: sent, out: 0 }),
    options: [...SCHEDULE, ...IN_FLIGHT, ...SUBJECTS, ...PAYLOAD, ...HEADERS],
  }),
  workload({
    name: "sub",
    help: "subscribe to what another run publishes",
    label: "Core NATS subscriber",
    on: "subject",
    roles: { receiver: subscriber("any") },
    delivery: deliveryToSubscribers,
    endsBy: "answer",
    stages: STAGES,
    stamp: "none",
    writes: false,
    options: [...SUBJECTS, ...QUEUE],
  }),
  workload({
    name: "pubsub",
    help: "publish and subscribe; timed from publisher to subscriber",
    label: "Core NATS publisher and subscriber",
    on: "subject",
    roles: { sender: publisher("receiver"), receiver: subscriber("own") },
    delivery: deliveryToSubscribers,
    endsBy: "flush",
    stages: STAGES,
    stamp: "message",
    inFlight: { default: PUBLISHES_IN_FLIGHT },
    canCalibrate: true,
    writes: false,
    expects: ({ queue, receivers }, sent) => ({
      in: sent,
      out: sent * (queue === undefined ? receivers : 1),
    }),
    options: [...RECEIVERS, ...SCHEDULE, ...IN_FLIGHT, ...SUBJECTS, ...PAYLOAD, ...HEADERS, ...QUEUE],
  }),
  workload({
    name: "request",
    aliases: ["service request"],
    help: "request, with responders of its own unless --external",
    example: "--rate 1000 --threshold 'response.p99<5ms'",
    label: "Core NATS service requester",
    on: "subject",
    roles: { responder: openResponder, sender: openRequester },
    endsBy: "answer",
    stages: STAGES,
    stamp: "message",
    canCalibrate: true,
    writes: false,
    // The reply passes through the server, too.
    expects: ({ isExternal }, sent) => (isExternal ? undefined : { in: 2 * sent, out: 2 * sent }),
    options: [
      ...RECEIVERS,
      ...SCHEDULE,
      ...IN_FLIGHT,
      ...SUBJECTS,
      ...PAYLOAD,
      ...HEADERS,
      ...QUEUE,
      ...EXTERNAL,
    ],
  }),
  workload({
    name: "serve",
    aliases: ["service serve"],
    help: "respond to what another run requests, until stopped",
    label: "Core NATS service responder",
    on: "subject",
    roles: { responder: openResponder },
    service: true,
    endsBy: "answer",
    stages: [],
    stamp: "none",
    writes: false,
    options: [...SUBJECTS, ...QUEUE],
  }),
];

function deliveryToSubscribers({ queue }: Scenario): Delivery {
  return queue === undefined ? "everyone" : "shared";
}

/** @param timedBy the flush, or the subscribers of the same run */
function publisher(timedBy: TimedBy): OpenClient {
  return async (context) => {
    const sender = new PublishSender(context, messagesOf(context), subjectOf(context), timedBy);
    return { sender, close: nothingToClose };
  };
}

/** Subscribes to all subjects of the scenario. @param counts messages of this run, or of any run */
function subscriber(counts: Extract<Counts, "own" | "any">): OpenClient {
  return async (context) => {
    const { subject, queue, amount } = context.task.scenario;
    const receiver = receiverOf(context, counts);
    // A member of a queue group cannot know its share in advance, so it has no upper bound.
    const hasBound = counts === "any" && queue === undefined;
    const max = (hasBound ? amount.messages : undefined) ?? Number.POSITIVE_INFINITY;
    const subscription = context.link.subscribe(wildcardOf(subject), queue, (message) => {
      if (receiver.messages < max) receiver.time(message);
    });
    return { receiver, close: () => subscription.close() };
  };
}

async function openRequester(context: ClientContext): Promise<Client> {
  const { link, task } = context;
  const { timeoutMs } = task.scenario;
  const messages = messagesOf(context);
  const subject = subjectOf(context);
  const sender = new AnswerSender(context, async (n, intended, sent) => {
    const { payload, headers } = messages.next(n, intended, sent);
    const reply = await link.request(subject(n), payload, timeoutMs, headers);
    return { bytesSent: payload.length, bytesReceived: reply.data.length };
  });
  return { sender, close: nothingToClose };
}

const REPLY = new TextEncoder().encode("ok");
/** The queue group of `nats bench`: responders share the requests. */
const RESPONDERS = "q";

async function openResponder({ task, link, recorder }: ClientContext): Promise<Client> {
  const { subject, queue = RESPONDERS } = task.scenario;
  const subscription = link.subscribe(wildcardOf(subject), queue, (message) => {
    recorder.count("received");
    recorder.count("receivedBytes", message.data.length);
    message.respond(REPLY);
  });
  return { close: () => subscription.close() };
}
