/**
 * A message that a consumer hands to the application: counted, described for spans, and marked, so that its
 * acks are observed. Nothing of it throws.
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
 * A message that was stored longer ago than this is linked to its sender's trace, not made part of it. By the
 * clocks of server and client.
 */
const LATE_SECONDS = 60;

/** What there is to say of a message. */
export interface Handed {
  readonly consumer: ConsumerCells;
  readonly destination: Destination;
}

/** Counts a message; undefined if it is none of JetStream's. */
export function countDelivery(
  instrumentation: Instrumentation,
  source: Source,
  message: JetStreamMessageShape,
): Handed | undefined {
  return instrumentation.problems.guard("message", () => {
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
  instrumentation: Instrumentation,
  source: Source,
  message: JetStreamMessageShape,
): Processing | undefined {
  const handed = countDelivery(instrumentation, source, message);
  if (!handed) return undefined;
  const { consumer, destination } = handed;
  const processing = new Processing(instrumentation, {
    message,
    destination,
    source: `${consumer.stream}/${consumer.name}`,
    ...(instrumentation.tracing && {
      attributes: messageAttributes(consumer, message.info),
      replayed: instrumentation.problems.guard("message", () => isReplayed(message)) ?? false,
    }),
  });
  mark(instrumentation, message, handed, processing.started, instrumentation.tracing && processing.context);
  return processing;
}

/** A callback that is called as the given one would be, while its message is being processed. */
export function wrapCallback(
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
export function instrumentUnprocessed(
  instrumentation: Instrumentation,
  message: JetStreamMessageShape,
  handed: Handed,
): void {
  mark(instrumentation, message, handed, now(), undefined);
}

function mark(
  instrumentation: Instrumentation,
  message: JetStreamMessageShape,
  { consumer, destination }: Handed,
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

/** Whether it is more than the next step of what its sender did: redelivered, stored for long, or scheduled. */
function isReplayed({ info, headers }: JetStreamMessageShape): boolean {
  if (info.deliveryCount > 1) return true;
  if (Date.now() / 1000 - info.timestampNanos / 1e9 > LATE_SECONDS) return true;
  return headers?.keys().some((key) => key.startsWith("Nats-Schedule")) ?? false;
}
