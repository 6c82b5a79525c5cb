/**
 * A destination: what is known of a subject, found once and then kept: its label, its cells, its names in
 * spans. Hot paths find it by the raw subject and add to its cells.
 */
import type { Counter, Histogram } from "../metrics/cells.ts";
import type { ClientMetrics } from "../metrics/client-metrics.ts";
import { covers, foldIds, isNameless, systemSubject } from "./fold.ts";

/** How subjects become labels. */
export interface SubjectRules {
  /** Patterns with wildcards; the first that covers a subject is its label. */
  readonly templates: readonly string[];
  /** The most labels; every later one is `_other`. */
  readonly limit: number;
}

/** A label and the cells that are counted under it. Several subjects may have the same label. */
export class Destination {
  /** Low cardinality. */
  readonly label: string;
  /** Whether it was made up for replies, or is one of too many: spans do not name it. */
  readonly nameless: boolean;
  readonly #metrics: ClientMetrics;
  #published: Counter | undefined;
  #publishedBytes: Counter | undefined;
  #received: Counter | undefined;
  #receivedBytes: Counter | undefined;
  #processing: Histogram | undefined;

  constructor(label: string, metrics: ClientMetrics) {
    this.label = label;
    this.nameless = isNameless(label);
    this.#metrics = metrics;
  }

  countPublished(bytes: number): void {
    this.#published ??= this.#metrics.vectors.published.of(this.label);
    this.#publishedBytes ??= this.#metrics.vectors.publishedBytes.of(this.label);
    this.#published.value++;
    this.#publishedBytes.value += bytes;
  }

  countReceived(bytes: number): void {
    this.#received ??= this.#metrics.vectors.received.of(this.label);
    this.#receivedBytes ??= this.#metrics.vectors.receivedBytes.of(this.label);
    this.#received.value++;
    this.#receivedBytes.value += bytes;
  }

  get processing(): Histogram {
    this.#processing ??= this.#metrics.vectors.processing.of(this.label);
    return this.#processing;
  }
}

/** Labels that were given out, shared by the connections of a registry: the limit is the registry's. */
export class Destinations {
  readonly #rules: SubjectRules;
  readonly #metrics: ClientMetrics;
  readonly #byLabel = new Map<string, Destination>();

  constructor(rules: SubjectRules, metrics: ClientMetrics) {
    this.#rules = rules;
    this.#metrics = metrics;
  }

  /** The destination with this label, or `_other` when there are too many. */
  labelled(label: string): Destination {
    const known = this.#byLabel.get(label);
    if (known) return known;
    if (label !== OTHER_LABEL && this.#byLabel.size >= this.#rules.limit) {
      this.#metrics.vectors.subjectOverflow.of("subject").value++;
      return this.labelled(OTHER_LABEL);
    }
    const made = new Destination(label, this.#metrics);
    this.#byLabel.set(label, made);
    return made;
  }

  /** The label that the rules give a subject: NATS's own, a template, or what `otherwise` says. */
  labelOf(subject: string, inboxPrefix: string | undefined, otherwise: (subject: string) => string): string {
    return (
      systemSubject(subject, inboxPrefix) ??
      this.#rules.templates.find((template) => covers(template, subject)) ??
      otherwise(subject)
    );
  }

  /** Whether a delivered subject may have a label other than its subscription's. */
  get haveTemplates(): boolean {
    return this.#rules.templates.length > 0;
  }
}

const OTHER_LABEL = "_other";

/** Raw subjects that are remembered, twice at most: see `SubjectBook`. */
const REMEMBERED = 2_000;

/**
 * Finds destinations by raw subject, for one connection. It remembers the subjects of late: when the book is
 * full it becomes the old one, and what is not asked for again is forgotten with it.
 */
export class SubjectBook {
  readonly #destinations: Destinations;
  readonly #inboxPrefix: string | undefined;
  #young = new Map<string, Destination>();
  #old = new Map<string, Destination>();

  /** @param inboxPrefix the connection's own, if it has one */
  constructor(destinations: Destinations, inboxPrefix: string | undefined) {
    this.#destinations = destinations;
    this.#inboxPrefix = inboxPrefix;
  }

  /** Of a message that is sent. Ids in subjects without a template are folded. */
  of(subject: string): Destination {
    return this.#young.get(subject) ?? this.#find(subject);
  }

  /** Of the messages of a subscription: by its own subject, which names as many destinations as there are. */
  ofSubscription(pattern: string): Destination {
    const { labelOf } = this.#destinations;
    const label = labelOf.call(this.#destinations, pattern, this.#inboxPrefix, (subject) => subject);
    return this.#destinations.labelled(label);
  }

  /** Of a delivered message: its template, else its subscription's destination. */
  ofDelivery(message: { readonly subject: string }, subscription: Destination): Destination {
    if (!this.haveTemplates) return subscription;
    return this.#destinations.labelled(
      this.#destinations.labelOf(message.subject, this.#inboxPrefix, () => subscription.label),
    );
  }

  /** Whether messages of one subscription may have several labels. */
  get haveTemplates(): boolean {
    return this.#destinations.haveTemplates;
  }

  #find(subject: string): Destination {
    const destination =
      this.#old.get(subject) ??
      this.#destinations.labelled(this.#destinations.labelOf(subject, this.#inboxPrefix, foldIds));
    if (this.#young.size >= REMEMBERED) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(subject, destination);
    return destination;
  }
}
