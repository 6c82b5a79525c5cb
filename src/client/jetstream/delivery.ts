/**
 * A message that a consumer hands to the application: counted, described for spans, and marked, so that its
 * acks are observed. Nothing of it throws.
 */
import type { Context } from "@opentelemetry/api";
import { Processing } from "../core/processing.ts";
import type { Observer } from "../instrumentation/instrumentation.ts";
import { type KnownConsumer, messageAttributes } from "../labels/consumer-cells.ts";
import type { Destination } from "../labels/destination.ts";
import { now } from "../metrics/timing.ts";
import { observeAcks } from "./acks.ts";
import { deliveryCountOf } from "./message-info.ts";
import type { JetStreamCallback, JetStreamMessageShape } from "./shapes.ts";
import type { Source } from "./source.ts";

/**
 * A message that was stored longer ago than this is linked to its sender's trace, not made part of it. By the
 * clocks of server and client.
 */
const LATE_SECONDS = 60;

/** What there is to say of a message. */
export interface Handed {
  readonly consumer: KnownConsumer;
  readonly destination: Destination;
}

/** Counts a message; undefined if it is none of JetStream's. */
export function countHanded(
  observer: Observer,
  source: Source,
  message: JetStreamMessageShape,
): Handed | undefined {
  return observer.problems.guard("message", () => {
    const count = deliveryCountOf(message.reply);
    const consumer = source.consumerOf(message);
    const destination = source.destinationOf(message);
    destination.countReceived(message.data.length);
    consumer.countDelivery(count);
    return { consumer, destination };
  });
}

/** Counts a message, and opens what lasts until the application is done with it. */
export function beginProcessing(
  observer: Observer,
  source: Source,
  message: JetStreamMessageShape,
): Processing | undefined {
  const handed = countHanded(observer, source, message);
  if (!handed) return undefined;
  const { consumer, destination } = handed;
  const processing = new Processing(observer, {
    message,
    destination,
    source: `${consumer.stream}/${consumer.name}`,
    ...(observer.tracing && {
      attributes: messageAttributes(consumer, message.info),
      replayed: observer.problems.guard("message", () => isReplayed(message)) ?? false,
    }),
  });
  mark(observer, message, handed, processing.started, observer.tracing && processing.context);
  return processing;
}

/** A callback that is called as the given one would be, while its message is being processed. */
export function observedCallback(
  begin: (message: JetStreamMessageShape) => Processing | undefined,
  callback: JetStreamCallback,
): JetStreamCallback {
  // The client calls it upon its own object.
  return function (this: unknown, message) {
    const processing = message && begin(message);
    return processing ? processing.run(callback, this, message) : callback.call(this, message);
  };
}

/** Lets the acks of a message be observed that nobody processes in a loop. */
export function markHanded(observer: Observer, message: JetStreamMessageShape, handed: Handed): void {
  mark(observer, message, handed, now(), undefined);
}

function mark(
  observer: Observer,
  message: JetStreamMessageShape,
  { consumer, destination }: Handed,
  handedOver: number,
  context: Context | undefined,
): void {
  observer.problems.guard("message", () =>
    observeAcks(message, { observer, consumer, destination, handedOver, context, isSettled: false }),
  );
}

/** Whether it is more than the next step of what its sender did: redelivered, stored for long, or scheduled. */
function isReplayed({ info, headers }: JetStreamMessageShape): boolean {
  if (info.deliveryCount > 1) return true;
  if (Date.now() / 1000 - info.timestampNanos / 1e9 > LATE_SECONDS) return true;
  return headers?.keys().some((key) => key.startsWith("Nats-Schedule")) ?? false;
}
