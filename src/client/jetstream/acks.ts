/**
 * ack, nak, term, working, next, ackAck: what the application answers to a delivered message, which may be long
 * after its loop is done with it. A message is answered once; what comes after its answer is the client's own
 * affair, which sends nothing.
 */
import type { Attributes, Context } from "@opentelemetry/api";
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import type { Ack, ConsumerCells } from "../labels/consumer-cells.ts";
import type { Destination } from "../labels/destination.ts";
import { now, observe } from "../metrics/timing.ts";
import { SPANS } from "../tracing/span-kinds.ts";
import { behindMarked } from "../wrapping/marks.ts";
import { failureOf, isPromise, passOn } from "../wrapping/settling.ts";
import { messageAttributes } from "./message-info.ts";
import type { JetStreamMessageShape } from "./shapes.ts";

/** What a message's acks are observed with. */
export interface AckState {
  readonly instrumentation: Instrumentation;
  readonly consumer: ConsumerCells;
  readonly destination: Destination;
  /** Seconds of a monotonic clock. */
  readonly handedOver: number;
  /** Of the message's span; undefined: that of whoever acks. */
  readonly context: Context | undefined;
  isAnswered: boolean;
}

type AckMethod = Ack | "ackAck";

/** Where a message keeps that. */
const ACK_STATE = Symbol("natscope state");

type MarkedMessage = JetStreamMessageShape & { [ACK_STATE]?: AckState };

/** Lets a message's acks be observed. The methods are shared: a message costs no closures. */
export function instrumentAcks(message: JetStreamMessageShape, state: AckState): void {
  (message as MarkedMessage)[ACK_STATE] = state;
  message.ack = OBSERVED.ack;
  message.nak = OBSERVED.nak;
  message.term = OBSERVED.term;
  message.working = OBSERVED.working;
  message.next = OBSERVED.next;
  message.ackAck = OBSERVED.ackAck;
}

const OBSERVED = {
  ack: acking("ack"),
  nak: acking("nak"),
  term: acking("term"),
  working: acking("working"),
  next: acking("next"),
  ackAck: acking("ackAck"),
};

function acking<Method extends AckMethod>(method: Method): JetStreamMessageShape[Method] {
  return function (this: MarkedMessage, ...input: unknown[]): unknown {
    const state = this[ACK_STATE];
    const client: JetStreamMessageShape = behindMarked(this, ACK_STATE);
    const send = () => (client[method] as (...input: unknown[]) => unknown).apply(this, input);
    return !state || state.isAnswered ? send() : answer(this, state, method, input, send);
  } as JetStreamMessageShape[Method];
}

function answer(
  message: JetStreamMessageShape,
  state: AckState,
  method: AckMethod,
  input: readonly unknown[],
  send: () => unknown,
): unknown {
  const { instrumentation, consumer } = state;
  const span = openSpan(message, state, method, input);
  let result: unknown;
  try {
    result = send();
  } catch (thrown) {
    instrumentation.closeSpan(span, failureOf(thrown));
    throw thrown;
  }
  consumer.countAck(method === "ackAck" ? "ack" : method);
  if (method !== "working") {
    state.isAnswered = true;
    observe(consumer.ackLatency, now() - state.handedOver, span);
  }
  if (!isPromise(result)) {
    instrumentation.closeSpan(span);
    return result;
  }
  return passOn(result, (failure) => instrumentation.closeSpan(span, failure));
}

const SHAPES = {
  ack: SPANS.ack,
  ackAck: SPANS.ack,
  nak: SPANS.nak,
  term: SPANS.term,
  working: SPANS.working,
  next: SPANS.nextAck,
} as const;

function openSpan(
  message: JetStreamMessageShape,
  { instrumentation, consumer, destination, context }: AckState,
  method: AckMethod,
  input: readonly unknown[],
) {
  const rule = instrumentation.tracing?.rules.settleSpans ?? "none";
  if (rule === "none" || (rule === "ackAck" && method !== "ackAck")) return undefined;
  return instrumentation.openSpan(SHAPES[method], destination, message.subject, {
    ...(context && { parent: context }),
    attributes: { ...messageAttributes(consumer, message.info), ...inputAttributes(method, input) },
  });
}

function inputAttributes(method: AckMethod, [input]: readonly unknown[]): Attributes {
  if (method === "nak" && typeof input === "number") return { "messaging.nats.nak.delay": input / 1000 };
  if (method === "term" && typeof input === "string") return { "messaging.nats.term.reason": input };
  return {};
}
