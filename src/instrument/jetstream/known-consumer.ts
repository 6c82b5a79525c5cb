/**
 * A consumer, and the cells that are counted under it: found once for each stream and name, and then kept. And
 * what is known of the messages of one consumption before they come.
 */
import type { Attributes } from "@opentelemetry/api";
import { type Counter, type Histogram, OTHER } from "../metrics/cells.ts";
import type { ClientMetrics } from "../metrics/client-metrics.ts";
import type { Observer } from "../observer.ts";
import { Destination } from "../subjects/destination.ts";
import { bareName, configuredName, EPHEMERAL, filterOf } from "./consumer-name.ts";
import type {
  ConsumerConfigShape,
  ConsumerInfoShape,
  DeliveryInfoShape,
  JetStreamMessageShape,
} from "./shapes.ts";

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

function knownConsumer(observer: Observer, stream: string, name: string): KnownConsumer {
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

/** What is known of a consumer before its first message; what is not is read from that one. */
export interface SourceFacts {
  readonly stream?: string | undefined;
  /** By `consumer-name.ts`. */
  readonly name?: string | undefined;
  /** The one subject that it receives. */
  readonly filter?: string | undefined;
}

/** Where the messages of one consumption come from. */
export class Source {
  readonly #observer: Observer;
  readonly #facts: SourceFacts;
  readonly #filter: Destination | undefined;
  #consumer: KnownConsumer | undefined;

  constructor(observer: Observer, facts: SourceFacts) {
    this.#observer = observer;
    this.#facts = facts;
    this.#filter = facts.filter === undefined ? undefined : observer.subjects.ofSubscription(facts.filter);
  }

  /** Whose messages they are, before there is one. Undefined where only a message says it. */
  get consumer(): KnownConsumer | undefined {
    const { stream, name } = this.#facts;
    if (stream !== undefined && name !== undefined) {
      this.#consumer ??= knownConsumer(this.#observer, stream, name);
    }
    return this.#consumer;
  }

  /** Whose message it is. Throws where the message is none of JetStream's. */
  consumerOf({ info }: JetStreamMessageShape): KnownConsumer {
    if (this.#consumer) return this.#consumer;
    const { stream = info.stream, name = bareName(info.consumer) } = this.#facts;
    this.#consumer = knownConsumer(this.#observer, stream, name);
    return this.#consumer;
  }

  /** By the message's template, else what the consumer receives, else the message's own subject. */
  destinationOf(message: JetStreamMessageShape): Destination {
    const { subjects } = this.#observer;
    return this.#filter ? subjects.ofDelivery(message, this.#filter) : subjects.of(message.subject);
  }

  /** What all of them are called, where they have not been handed over: a consumer without a filter has `>`. */
  get destination(): Destination {
    return this.#filter ?? this.#observer.subjects.ofSubscription(">");
  }
}

/** A consumer that the server described. */
export function describedSource(observer: Observer, info: ConsumerInfoShape): Source {
  return new Source(observer, { stream: info.stream_name, ...factsOf(info.config) });
}

/** An ordered consumer: the client makes it, and makes another when a message is missing. */
export function orderedSource(observer: Observer, stream: string, options: object | undefined): Source {
  const { filterSubjects, filter_subjects: snake = filterSubjects } = (options ?? {}) as OrderedOptions;
  return new Source(observer, { stream, name: EPHEMERAL, filter: filterOf(snake) });
}

/** v2 says `filterSubjects`. */
interface OrderedOptions {
  readonly filterSubjects?: unknown;
  readonly filter_subjects?: unknown;
}

/** Name and filter, as configured. */
export function factsOf(config: ConsumerConfigShape): SourceFacts {
  return {
    name: configuredName(config),
    filter: filterOf(config.filter_subject ?? config.filter_subjects),
  };
}
