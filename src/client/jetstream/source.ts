/**
 * Origin of the messages that a consumer delivers: stream, consumer and filter, as far as they are known in
 * advance.
 */
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import type { ConsumerCells } from "../labels/consumer-cells.ts";
import { bareName, configuredName, EPHEMERAL, filterOf } from "../labels/consumer-name.ts";
import type { Destination } from "../labels/destination.ts";
import type { ConsumerConfigShape, ConsumerInfoShape, JetStreamMessageShape } from "./shapes.ts";

/** Facts known before the first message; the others are read from that message. */
interface SourceFacts {
  readonly stream?: string | undefined;
  /** As `labels/consumer-name.ts` returns it. */
  readonly name?: string | undefined;
  /** The only subject that the consumer receives. */
  readonly filter?: string | undefined;
}

/** Origin of the messages of one `consume`, `fetch` or `next`. */
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

  /** The consumer, before the first message. Undefined if only a message can tell. */
  get consumer(): ConsumerCells | undefined {
    const { stream, name } = this.#facts;
    if (stream !== undefined && name !== undefined) {
      this.#consumer ??= this.#instrumentation.consumers.of(stream, name);
    }
    return this.#consumer;
  }

  /**
   * The consumer of a message.
   * @throws if the message does not come from JetStream
   */
  consumerOf({ info }: JetStreamMessageShape): ConsumerCells {
    if (this.#consumer) return this.#consumer;
    const { stream = info.stream, name = bareName(info.consumer) } = this.#facts;
    this.#consumer = this.#instrumentation.consumers.of(stream, name);
    return this.#consumer;
  }

  /** By the message's template, else the consumer's filter, else the message's own subject. */
  destinationOf(message: JetStreamMessageShape): Destination {
    const { subjects } = this.#instrumentation;
    return this.#filter ? subjects.ofDelivery(message, this.#filter) : subjects.of(message.subject);
  }

  /** Destination of messages that are not delivered yet; `>` for a consumer without a filter. */
  get destination(): Destination {
    return this.#filter ?? this.#instrumentation.subjects.ofSubscription(">");
  }
}

/** The source of a consumer that the server described. */
export function describedSource(instrumentation: Instrumentation, info: ConsumerInfoShape): Source {
  return new Source(instrumentation, { stream: info.stream_name, ...factsOf(info.config) });
}

/** The source of an ordered consumer, which the client creates and recreates when a message is missing. */
export function orderedSource(
  instrumentation: Instrumentation,
  stream: string,
  options: object | undefined,
): Source {
  const { filterSubjects, filter_subjects: snake = filterSubjects } = (options ?? {}) as OrderedOptions;
  return new Source(instrumentation, { stream, name: EPHEMERAL, filter: filterOf(snake) });
}

/** v2's name is `filterSubjects`. */
interface OrderedOptions {
  readonly filterSubjects?: unknown;
  readonly filter_subjects?: unknown;
}

/** Name and filter from a configuration. */
export function factsOf(config: ConsumerConfigShape): SourceFacts {
  return {
    name: configuredName(config),
    filter: filterOf(config.filter_subject ?? config.filter_subjects),
  };
}
