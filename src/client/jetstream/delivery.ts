/**
 * Delivery of a message by a consumer: counted, described for spans, and marked so that its acks are
 * recorded. No function here throws.
 */
import type { Context } from "@opentelemetry/api";
import { Processing } from "../core/processing.ts";
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import type { ConsumerCells } from "../labels/consumer-cells.ts";
import type { Destination } from "../labels/destination.ts";
import { now } from "../metrics/timing.ts";
import { instrumentAcks } from "./acks.ts";
import { deliveryCountOf, messageAttributes } from "./message-info.ts";
import type { JetStreamCallback, JetStreamMessageShape } from "./shapes.ts";
import type { Source } from "./source.ts";

/**
 * A message stored longer ago than this links to its sender's trace instead of being part of it. Compares the
 * clocks of server and client.
 */
const LATE_SECONDS = 60;

/** Label values and cells for one delivery. */
export interface Delivery {
  readonly consumer: ConsumerCells;
  readonly destination: Destination;
}

/** Counts a delivery; undefined if the message does not come from JetStream. */
export function countDelivery(
  instrumentation: Instrumentation,
  source: Source,
  message: JetStreamMessageShape,
): Delivery | undefined {
  return instrumentation.problems.guard("message", () => {
    const count = deliveryCountOf(message.reply);
    const consumer = source.consumerOf(message);
    const destination = source.destinationOf(message);
    destination.countReceived(message.data.length);
    consumer.countDelivery(count);
    return { consumer, destination };
  });
}

/** Counts a delivery and starts the processing of its message. */
export function beginProcessing(
  instrumentation: Instrumentation,
  source: Source,
  message: JetStreamMessageShape,
): Processing | undefined {
  const delivery = countDelivery(instrumentation, source, message);
  if (!delivery) return undefined;
  const { consumer, destination } = delivery;
  const processing = new Processing(instrumentation, {
    message,
    destination,
    source: `${consumer.stream}/${consumer.name}`,
    ...(instrumentation.tracing && {
      attributes: messageAttributes(consumer, message.info),
      replayed: instrumentation.problems.guard("message", () => isReplayed(message)) ?? false,
    }),
  });
  mark(instrumentation, message, delivery, processing.started, instrumentation.tracing && processing.context);
  return processing;
}

/** Wraps a callback, so that it runs within the processing of its message. */
export function wrapCallback(
  begin: (message: JetStreamMessageShape) => Processing | undefined,
  callback: JetStreamCallback,
): JetStreamCallback {
  // The client calls the callback with its own object as `this`.
  return function (this: unknown, message) {
    const processing = message && begin(message);
    return processing ? processing.run(callback, this, message) : callback.call(this, message);
  };
}

/** Records the acks of a message without a processing, which `next` returned. */
export function instrumentUnprocessed(
  instrumentation: Instrumentation,
  message: JetStreamMessageShape,
  delivery: Delivery,
): void {
  mark(instrumentation, message, delivery, now(), undefined);
}

function mark(
  instrumentation: Instrumentation,
  message: JetStreamMessageShape,
  { consumer, destination }: Delivery,
  handedOver: number,
  context: Context | undefined,
): void {
  instrumentation.problems.guard("message", () =>
    instrumentAcks(message, {
      instrumentation,
      consumer,
      destination,
      handedOver,
      context,
      isAnswered: false,
    }),
  );
}

/**
 * Whether the message is more than the next step after its publish: redelivered, stored for a while, or
 * scheduled.
 */
function isReplayed({ info, headers }: JetStreamMessageShape): boolean {
  if (info.deliveryCount > 1) return true;
  if (Date.now() / 1000 - info.timestampNanos / 1e9 > LATE_SECONDS) return true;
  return headers?.keys().some((key) => key.startsWith("Nats-Schedule")) ?? false;
}
