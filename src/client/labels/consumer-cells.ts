/** A consumer, and the cells that are counted under it: found once for each stream and name, and then kept. */
import type { Attributes } from "@opentelemetry/api";
import type { Observer } from "../instrumentation/instrumentation.ts";
import type { DeliveryInfoShape } from "../jetstream/shapes.ts";
import { type Counter, type Histogram, OTHER } from "../metrics/cells.ts";
import type { ClientMetrics } from "../metrics/client-metrics.ts";
import { EPHEMERAL } from "./consumer-name.ts";
import { Destination } from "./destination.ts";

/** An answer to a delivered message, as the label `ack` has it. */
export type Ack = "ack" | "nak" | "term" | "working" | "next";

/** See the file's comment. */
export class KnownConsumer {
  /** Label values. */
  readonly stream: string;
  readonly name: string;
  /** What spans of a `next` or a `fetch` are named by: the consumer, or the stream of an ephemeral one. */
  readonly destination: Destination;
  /** What spans say of it. */
  readonly attributes: Attributes;
  readonly #metrics: ClientMetrics;
  readonly #acks = new Map<Ack, Counter>();
  #ackLatency: Histogram | undefined;
  #redeliveries: Counter | undefined;
  #deliveries: Histogram | undefined;

  constructor(stream: string, name: string, metrics: ClientMetrics) {
    this.stream = stream;
    this.name = name;
    this.#metrics = metrics;
    const isNamed = name !== EPHEMERAL && name !== OTHER;
    this.destination = new Destination(isNamed ? name : stream, metrics);
    this.attributes = {
      "messaging.nats.stream.name": stream,
      ...(isNamed && { "messaging.destination.subscription.name": name }),
    };
  }

  /** @param count 1 for the first delivery of a message */
  countDelivery(count: number): void {
    const { deliveries, redeliveries } = this.#metrics.vectors;
    this.#deliveries ??= deliveries.of(this.stream, this.name);
    this.#redeliveries ??= redeliveries.of(this.stream, this.name);
    this.#deliveries.observe(count);
    if (count > 1) this.#redeliveries.value++;
  }

  countAck(ack: Ack): void {
    let counter = this.#acks.get(ack);
    if (!counter) {
      counter = this.#metrics.vectors.acks.of(this.stream, this.name, ack);
      this.#acks.set(ack, counter);
    }
    counter.value++;
  }

  get ackLatency(): Histogram {
    this.#ackLatency ??= this.#metrics.vectors.ackLatency.of(this.stream, this.name);
    return this.#ackLatency;
  }
}

/** What spans of a message say of it. */
export function messageAttributes(consumer: KnownConsumer, info: DeliveryInfoShape): Attributes {
  return { ...consumer.attributes, ...deliveryAttributes(info) };
}

/** What the link to one of many messages says of it, beside its subject. */
export function deliveryAttributes(info: DeliveryInfoShape): Attributes {
  return {
    "messaging.nats.message.stream_sequence": info.streamSequence,
    "messaging.nats.message.consumer_sequence": info.deliverySequence,
    "messaging.nats.message.delivery_count": info.deliveryCount,
  };
}

/** The most consumers that are told apart on one connection; what comes later is `_other`. */
const MOST_CONSUMERS = 1000;

const KNOWN = new WeakMap<Observer, Map<string, KnownConsumer>>();

/** The consumer of this stream and name, by `consumer-name.ts`; beyond the most of a connection, `_other`. */
export function knownConsumer(observer: Observer, stream: string, name: string): KnownConsumer {
  let known = KNOWN.get(observer);
  if (!known) {
    known = new Map();
    KNOWN.set(observer, known);
  }
  const key = `${stream}\u0000${name}`;
  const found = known.get(key);
  if (found) return found;
  if (known.size >= MOST_CONSUMERS && name !== OTHER) return knownConsumer(observer, OTHER, OTHER);
  const made = new KnownConsumer(stream, name, observer.metrics);
  known.set(key, made);
  return made;
}
