/** Label values and cells of JetStream consumers: looked up once for each stream and name, then kept. */
import type { Attributes } from "@opentelemetry/api";
import { type Counter, type Histogram, OTHER } from "../metrics/cells.ts";
import type { ClientMetrics } from "../metrics/client-metrics.ts";
import { EPHEMERAL } from "./consumer-name.ts";
import { Destination } from "./destination.ts";

/** Value of the label `ack`: how the application answered a delivered message. */
export type Ack = "ack" | "nak" | "term" | "working" | "next";

/** One consumer, as metrics and spans name it, with the cells that are counted under it. */
export class ConsumerCells {
  /** Label values. */
  readonly stream: string;
  readonly name: string;
  /** Names the spans of `next` and `fetch`: the consumer, or the stream of an ephemeral one. */
  readonly destination: Destination;
  /** Attributes of its spans. */
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

/** Maximum number of consumers of one connection with labels of their own; later ones are `_other`. */
const MAX_CONSUMERS = 1000;

/** The consumers of one connection. */
export class ConsumerLabels {
  readonly #metrics: ClientMetrics;
  readonly #byStreamAndName = new Map<string, ConsumerCells>();

  constructor(metrics: ClientMetrics) {
    this.#metrics = metrics;
  }

  /**
   * The consumer of this stream and name; `_other` above the maximum.
   * @param name as `consumer-name.ts` returns it
   */
  of(stream: string, name: string): ConsumerCells {
    const key = `${stream}\u0000${name}`;
    const known = this.#byStreamAndName.get(key);
    if (known) return known;
    if (this.#byStreamAndName.size >= MAX_CONSUMERS && name !== OTHER) return this.of(OTHER, OTHER);
    const created = new ConsumerCells(stream, name, this.#metrics);
    this.#byStreamAndName.set(key, created);
    return created;
  }
}
