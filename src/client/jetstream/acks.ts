/**
 * `ack`, `nak`, `term`, `working`, `next`, `ackAck`: the application's answer to a delivered message,
 * possibly long after its loop has finished with it. A message is answered once; the client sends nothing for
 * further answers, and they are not recorded.
 */
import type { Attributes, Context } from "@opentelemetry/api";
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import type { Ack, ConsumerCells } from "../labels/consumer-cells.ts";
import type { Destination } from "../labels/destination.ts";
import { now, observe } from "../metrics/timing.ts";
import { SPANS } from "../tracing/span-kinds.ts";
import { clientMethodsOf } from "../wrapping/marks.ts";
import { failureOf, isPromise, passOn } from "../wrapping/settling.ts";
import { messageAttributes } from "./message-info.ts";
import type { JetStreamMessageShape } from "./shapes.ts";

/** State of a message until it is answered. */
interface AckState {
  readonly instrumentation: Instrumentation;
  readonly consumer: ConsumerCells;
  readonly destination: Destination;
  /** Seconds of a monotonic clock. */
  readonly handedOver: number;
  /** Context of the message's span. Undefined: the context that is active when the application answers. */
  readonly context: Context | undefined;
  isAnswered: boolean;
}

type AckMethod = Ack | "ackAck";

/** The property of a message that its ack methods read. */
const ACK_STATE = Symbol("natscope ack state");

type MarkedMessage = JetStreamMessageShape & { [ACK_STATE]?: AckState };

/** Records the answers to a message. The methods are shared, so a message costs no closures. */
export function instrumentAcks(message: JetStreamMessageShape, state: AckState): void {
  (message as MarkedMessage)[ACK_STATE] = state;
  message.ack = METHODS.ack;
  message.nak = METHODS.nak;
  message.term = METHODS.term;
  message.working = METHODS.working;
  message.next = METHODS.next;
  message.ackAck = METHODS.ackAck;
}

const METHODS = {
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
    const client: JetStreamMessageShape = clientMethodsOf(this, ACK_STATE);
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
