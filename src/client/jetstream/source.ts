/** Where the messages of one consumption come from, and what is known of them before they come. */
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import type { ConsumerCells } from "../labels/consumer-cells.ts";
import { bareName, configuredName, EPHEMERAL, filterOf } from "../labels/consumer-name.ts";
import type { Destination } from "../labels/destination.ts";
import type { ConsumerConfigShape, ConsumerInfoShape, JetStreamMessageShape } from "./shapes.ts";

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
  readonly #instrumentation: Instrumentation;
  readonly #facts: SourceFacts;
  readonly #filter: Destination | undefined;
  #consumer: ConsumerCells | undefined;

  constructor(instrumentation: Instrumentation, facts: SourceFacts) {
    this.#instrumentation = instrumentation;
    this.#facts = facts;
    this.#filter =
      facts.filter === undefined ? undefined : instrumentation.subjects.ofSubscription(facts.filter);
  }

  /** Whose messages they are, before there is one. Undefined where only a message says it. */
  get consumer(): ConsumerCells | undefined {
    const { stream, name } = this.#facts;
    if (stream !== undefined && name !== undefined) {
      this.#consumer ??= this.#instrumentation.consumers.of(stream, name);
    }
    return this.#consumer;
  }

  /** Whose message it is. Throws where the message is none of JetStream's. */
  consumerOf({ info }: JetStreamMessageShape): ConsumerCells {
    if (this.#consumer) return this.#consumer;
    const { stream = info.stream, name = bareName(info.consumer) } = this.#facts;
    this.#consumer = this.#instrumentation.consumers.of(stream, name);
    return this.#consumer;
  }

  /** By the message's template, else what the consumer receives, else the message's own subject. */
  destinationOf(message: JetStreamMessageShape): Destination {
    const { subjects } = this.#instrumentation;
    return this.#filter ? subjects.ofDelivery(message, this.#filter) : subjects.of(message.subject);
  }

  /** What all of them are called, where they have not been handed over: a consumer without a filter has `>`. */
  get destination(): Destination {
    return this.#filter ?? this.#instrumentation.subjects.ofSubscription(">");
  }
}

/** A consumer that the server described. */
export function describedSource(instrumentation: Instrumentation, info: ConsumerInfoShape): Source {
  return new Source(instrumentation, { stream: info.stream_name, ...factsOf(info.config) });
}

/** An ordered consumer: the client makes it, and makes another when a message is missing. */
export function orderedSource(
  instrumentation: Instrumentation,
  stream: string,
  options: object | undefined,
): Source {
  const { filterSubjects, filter_subjects: snake = filterSubjects } = (options ?? {}) as OrderedOptions;
  return new Source(instrumentation, { stream, name: EPHEMERAL, filter: filterOf(snake) });
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
