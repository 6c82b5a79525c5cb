/**
 * ack, nak, term, working, next, ackAck: what the application answers to a delivered message, which may be long
 * after its loop is done with it. A message is answered once; what comes after its answer is the client's own
 * affair, which sends nothing.
 */
import type { Attributes, Context } from "@opentelemetry/api";
import type { Observer } from "../instrumentation/instrumentation.ts";
import { type Ack, type KnownConsumer, messageAttributes } from "../labels/consumer-cells.ts";
import type { Destination } from "../labels/destination.ts";
import { now, observe } from "../metrics/timing.ts";
import { SPANS } from "../tracing/span-kinds.ts";
import { behindMarked } from "../wrapping/marks.ts";
import { failureOf, isPromise, passOn } from "../wrapping/settling.ts";
import type { JetStreamMessageShape } from "./shapes.ts";

/** What a message's acks are observed with. */
export interface Unsettled {
  readonly observer: Observer;
  readonly consumer: KnownConsumer;
  readonly destination: Destination;
  /** Seconds of a monotonic clock. */
  readonly handedOver: number;
  /** Of the message's span; undefined: that of whoever acks. */
  readonly context: Context | undefined;
  isSettled: boolean;
}

type AckMethod = Ack | "ackAck";

/** Where a message keeps that. */
const UNSETTLED = Symbol("natscope unsettled");

type MarkedMessage = JetStreamMessageShape & { [UNSETTLED]?: Unsettled };

/** Lets a message's acks be observed. The methods are shared: a message costs no closures. */
export function observeAcks(message: JetStreamMessageShape, unsettled: Unsettled): void {
  (message as MarkedMessage)[UNSETTLED] = unsettled;
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
    const unsettled = this[UNSETTLED];
    const client: JetStreamMessageShape = behindMarked(this, UNSETTLED);
    const send = () => (client[method] as (...input: unknown[]) => unknown).apply(this, input);
    return !unsettled || unsettled.isSettled ? send() : answer(this, unsettled, method, input, send);
  } as JetStreamMessageShape[Method];
}

function answer(
  message: JetStreamMessageShape,
  unsettled: Unsettled,
  method: AckMethod,
  input: readonly unknown[],
  send: () => unknown,
): unknown {
  const { observer, consumer } = unsettled;
  const span = openSpan(message, unsettled, method, input);
  let result: unknown;
  try {
    result = send();
  } catch (thrown) {
    observer.closeSpan(span, failureOf(thrown));
    throw thrown;
  }
  consumer.countAck(method === "ackAck" ? "ack" : method);
  if (method !== "working") {
    unsettled.isSettled = true;
    observe(consumer.ackLatency, now() - unsettled.handedOver, span);
  }
  if (!isPromise(result)) {
    observer.closeSpan(span);
    return result;
  }
  return passOn(result, (failure) => observer.closeSpan(span, failure));
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
  { observer, consumer, destination, context }: Unsettled,
  method: AckMethod,
  input: readonly unknown[],
) {
  const rule = observer.tracing?.rules.settleSpans ?? "none";
  if (rule === "none" || (rule === "ackAck" && method !== "ackAck")) return undefined;
  return observer.openSpan(SHAPES[method], destination, message.subject, {
    ...(context && { parent: context }),
    attributes: { ...messageAttributes(consumer, message.info), ...inputAttributes(method, input) },
  });
}

function inputAttributes(method: AckMethod, [input]: readonly unknown[]): Attributes {
  if (method === "nak" && typeof input === "number") return { "messaging.nats.nak.delay": input / 1000 };
  if (method === "term" && typeof input === "string") return { "messaging.nats.term.reason": input };
  return {};
}
