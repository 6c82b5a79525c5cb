/**
 * Delivery information in the reply subject of a JetStream message: attributes of spans, and the delivery
 * count.
 */
import type { Attributes } from "@opentelemetry/api";
import type { ConsumerCells } from "../labels/consumer-cells.ts";
import type { DeliveryInfoShape } from "./shapes.ts";

/** Attributes of the spans of a message. */
export function messageAttributes(consumer: ConsumerCells, info: DeliveryInfoShape): Attributes {
  return { ...consumer.attributes, ...deliveryAttributes(info) };
}

/** Attributes of the link to one of many messages, besides its subject. */
export function deliveryAttributes(info: DeliveryInfoShape): Attributes {
  return {
    "messaging.nats.message.stream_sequence": info.streamSequence,
    "messaging.nats.message.consumer_sequence": info.deliverySequence,
    "messaging.nats.message.delivery_count": info.deliveryCount,
  };
}

/**
 * Reads the delivery count from a reply subject (NATS ADR-15): 1 for the first delivery. The clients parse the
 * whole subject, which costs more than the rest of the instrumentation of a message, and metrics need only this.
 *
 *     $JS.ACK.<stream>.<consumer>.<count>.<stream seq>.<consumer seq>.<time>.<pending>           9 tokens
 *     $JS.ACK.<domain>.<account>.<stream>.<consumer>.<count>.…                                  11 or 12 tokens
 *
 * @throws if it is not the reply subject of a JetStream message
 */
export function deliveryCountOf(reply: string): number {
  const short = afterDots(reply, 4);
  const long = afterDots(reply, 2, short);
  const isLong = afterDots(reply, 4, long) > 0;
  const count = Number.parseInt(reply.slice(isLong ? long : short), 10);
  if (!reply.startsWith("$JS.ACK.") || !(count > 0)) throw new Error("not a JetStream message");
  return count;
}

/** Position after this many dots, counted from a position; 0 if there are fewer. */
function afterDots(text: string, dots: number, from = 0): number {
  let at = from;
  for (let i = 0; i < dots; i++) {
    at = text.indexOf(".", at) + 1;
    if (at === 0) return 0;
  }
  return at;
}
