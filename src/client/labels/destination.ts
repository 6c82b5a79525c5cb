/**
 * A destination: what is known of a subject, found once and then kept: its label, its cells, its names in
 * spans. Hot paths find it by the raw subject and add to its cells.
 */
import type { Outcome } from "../errors/failure.ts";
import { type Counter, type Histogram, OTHER } from "../metrics/cells.ts";
import type { ClientMetrics } from "../metrics/client-metrics.ts";
import { covers, foldIds, isNameless, systemSubject } from "./subject-folding.ts";

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
  #replies: Counter | undefined;
  readonly #requests: Partial<Record<Outcome, Histogram>> = {};

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

  countReply(): void {
    this.#replies ??= this.#metrics.vectors.replies.of(this.label);
    this.#replies.value++;
  }

  /** Durations of the requests that ended so. */
  requests(outcome: Outcome): Histogram {
    let cell = this.#requests[outcome];
    if (!cell) {
      cell = this.#metrics.vectors.request.of(this.label, outcome);
      this.#requests[outcome] = cell;
    }
    return cell;
  }

  get processing(): Histogram {
    this.#processing ??= this.#metrics.vectors.processing.of(this.label);
    return this.#processing;
  }
}

/** Labels that were given out, shared by the connections of a registry: the limit is the registry's. */
export class Destinations {
  readonly #limit: number;
  readonly #metrics: ClientMetrics;
  readonly #byLabel = new Map<string, Destination>();

  /** @param limit the most labels; every later one is `_other` */
  constructor(limit: number, metrics: ClientMetrics) {
    this.#limit = limit;
    this.#metrics = metrics;
  }

  /** The destination with this label, or `_other` when there are too many. */
  labelled(label: string): Destination {
    const known = this.#byLabel.get(label);
    if (known) return known;
    if (label !== OTHER && this.#byLabel.size >= this.#limit) {
      this.#metrics.vectors.subjectOverflow.of("subject").value++;
      return this.labelled(OTHER);
    }
    const made = new Destination(label, this.#metrics);
    this.#byLabel.set(label, made);
    return made;
  }
}

/** Raw subjects that a memory holds, twice at most. */
const REMEMBERED = 2_000;

/**
 * What was found of late for raw subjects: when it is full it becomes the old one, and what is not asked for
 * again is forgotten with it.
 */
class Memory<Found> {
  #young = new Map<string, Found>();
  #old = new Map<string, Found>();

  /** Undefined if it is not remembered as a young one: then `recall` or `keep` it. */
  young(subject: string): Found | undefined {
    return this.#young.get(subject);
  }

  recall(subject: string): Found | undefined {
    return this.#old.get(subject);
  }

  keep(subject: string, found: Found): Found {
    if (this.#young.size >= REMEMBERED) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(subject, found);
    return found;
  }
}

/** A delivered subject that no rule speaks of. */
const NO_RULE = Symbol("no rule");

/** How the subjects of one connection become labels. */
export interface SubjectRules {
  /** Patterns with wildcards; the first that covers a subject is its label. */
  readonly templates: readonly string[];
  /** The connection's own, if it has one. */
  readonly inboxPrefix: string | undefined;
}

/** Finds destinations by raw subject, for one connection. */
export class SubjectLabels {
  readonly #destinations: Destinations;
  readonly #templates: readonly string[];
  readonly #inboxPrefix: string | undefined;
  readonly #published = new Memory<Destination>();
  readonly #delivered = new Memory<Destination | typeof NO_RULE>();

  constructor(destinations: Destinations, { templates, inboxPrefix }: SubjectRules) {
    this.#destinations = destinations;
    this.#templates = templates;
    this.#inboxPrefix = inboxPrefix;
  }

  /** Of a message that is sent. Ids in subjects without a template are folded. */
  of(subject: string): Destination {
    return this.#published.young(subject) ?? this.#find(subject);
  }

  /** Of whatever an application says is a subject. What cannot be one is `_other`. */
  ofAnything(subject: unknown): Destination {
    return typeof subject === "string" && subject !== ""
      ? this.of(subject)
      : this.#destinations.labelled(OTHER);
  }

  /** Of the messages of a subscription: by its own subject, which names as many destinations as there are. */
  ofSubscription(pattern: string): Destination {
    return this.#destinations.labelled(this.#ruledLabel(pattern) ?? (pattern || OTHER));
  }

  /** Of what has a name of its own and no subject: a bucket. */
  ofName(name: string): Destination {
    return this.#destinations.labelled(name);
  }

  /** Of a delivered message: its template, else its subscription's destination. */
  ofDelivery(message: { readonly subject: string }, subscription: Destination): Destination {
    if (!this.hasTemplates) return subscription;
    const { subject } = message;
    const ruled = this.#delivered.young(subject) ?? this.#findRuled(subject);
    return ruled === NO_RULE ? subscription : ruled;
  }

  /** Whether messages of one subscription may have several labels. */
  get hasTemplates(): boolean {
    return this.#templates.length > 0;
  }

  /** The label that the rules give a subject, NATS's own or a template; undefined where they say nothing. */
  #ruledLabel(subject: string): string | undefined {
    return (
      systemSubject(subject, this.#inboxPrefix) ??
      this.#templates.find((template) => covers(template, subject))
    );
  }

  #find(subject: string): Destination {
    const destination =
      this.#published.recall(subject) ??
      this.#destinations.labelled(this.#ruledLabel(subject) ?? foldIds(subject));
    return this.#published.keep(subject, destination);
  }

  #findRuled(subject: string): Destination | typeof NO_RULE {
    const known = this.#delivered.recall(subject);
    if (known) return this.#delivered.keep(subject, known);
    const label = this.#ruledLabel(subject);
    return this.#delivered.keep(subject, label === undefined ? NO_RULE : this.#destinations.labelled(label));
  }
}
