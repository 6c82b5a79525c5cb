/** Core NATS: publishers, subscribers, requesters and responders. */
import { AnswerLane } from "../load/answer-lane.ts";
import type { LaneSurroundings } from "../load/lane.ts";
import { carrierOf, Messages, subjectsOf } from "../load/messages.ts";
import { PublishLane } from "../load/publish-lane.ts";
import { Receiver } from "../load/receiver.ts";
import type { Client, ClientSurroundings } from "../run/thread.ts";
import type { SubjectChoice } from "../scenario/scenario.ts";
import { randomOf } from "../time/random.ts";

/** Publishes: of `pub` timed by flushes, of `pubsub` by its subscribers. */
export async function openPublisher(around: ClientSurroundings): Promise<Client> {
  const { task, number } = around;
  const { scenario, run } = task;
  const subjectOf = subjectsOf(scenario.subject, randomOf(scenario.seed ^ number));
  const timedBy = scenario.workload === "pub" ? "flush" : "receiver";
  const messages = new Messages(scenario, run, number);
  return { lane: new PublishLane(surroundings(around), messages, subjectOf, timedBy), close: nothing };
}

/** Subscribes to all subjects of the scenario. */
export async function openSubscriber(around: ClientSurroundings): Promise<Client> {
  const { task, link, number, clock, recorder } = around;
  const { subject, queue, payload } = task.scenario;
  const carrier = carrierOf(payload);
  const receiver = new Receiver({ receiver: number, run: task.run, clock, recorder, carrier });
  const open = link.subscribe(wildcardOf(subject), queue, (message) => {
    receiver.time(message);
  });
  return { receiver, close: () => open.close() };
}

/** Requests. */
export async function openRequester(around: ClientSurroundings): Promise<Client> {
  const { task, link, number } = around;
  const { scenario, run } = task;
  const subjectOf = subjectsOf(scenario.subject, randomOf(scenario.seed ^ number));
  const messages = new Messages(scenario, run, number);
  const lane = new AnswerLane(surroundings(around), async (n, intended, sent) => {
    const { payload, headers } = messages.next(n, intended, sent);
    const reply = await link.request(subjectOf(n), payload, scenario.timeoutMs, headers);
    return { bytesSent: payload.length, bytesReceived: reply.data.length };
  });
  return { lane, close: nothing };
}

const REPLY = new TextEncoder().encode("ok");
/** As `nats bench` has it: responders share the requests. */
const RESPONDERS = "q";

/** Responds. */
export async function openResponder({ task, link, recorder }: ClientSurroundings): Promise<Client> {
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

/** What a lane needs of a client's surroundings. */
export function surroundings({ link, clock, recorder, number }: ClientSurroundings): LaneSurroundings {
  return { link, clock, recorder, publisher: number };
}

/** For clients that close with their connection. */
export async function nothing(): Promise<void> {}
