/**
 * Destinations: the label of a subject with its cells, looked up once and then kept. Hot paths look it up by
 * the raw subject and add to its cells.
 */
import type { Outcome } from "../errors/failure.ts";
import { type Counter, type Histogram, OTHER } from "../metrics/cells.ts";
import type { ClientMetrics } from "../metrics/client-metrics.ts";
import { covers, foldIds, isNameless, systemSubject } from "./subject-folding.ts";

/** A label, and the cells counted under it. Several subjects may have the same label. */
export class Destination {
  /** Low cardinality: never a raw subject with ids in it. */
  readonly label: string;
  /** Whether it is an inbox or `_other`, which spans do not use as a name. */
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

  /** Durations of requests with this outcome. */
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

/** The labels of a registry, shared by its connections, because the limit is the registry's. */
export class Destinations {
  readonly #limit: number;
  readonly #metrics: ClientMetrics;
  readonly #byLabel = new Map<string, Destination>();

  /** @param limit maximum number of labels; every later one is `_other` */
  constructor(limit: number, metrics: ClientMetrics) {
    this.#limit = limit;
    this.#metrics = metrics;
  }

  /** The destination with this label, or `_other` above the limit. */
  labelled(label: string): Destination {
    const known = this.#byLabel.get(label);
    if (known) return known;
    if (label !== OTHER && this.#byLabel.size >= this.#limit) {
      this.#metrics.vectors.subjectOverflow.of("subject").value++;
      return this.labelled(OTHER);
    }
    const created = new Destination(label, this.#metrics);
    this.#byLabel.set(label, created);
    return created;
  }
}

/** Raw subjects in one generation of a cache; there are two generations. */
const CACHED_SUBJECTS = 2_000;

/**
 * Lookups by raw subject. When the young generation is full it becomes the old one; subjects not used again
 * are dropped with it.
 */
class SubjectCache<Found> {
  #young = new Map<string, Found>();
  #old = new Map<string, Found>();

  /** Undefined if the subject is not in the young generation: then call `recall` or `keep`. */
  young(subject: string): Found | undefined {
    return this.#young.get(subject);
  }

  recall(subject: string): Found | undefined {
    return this.#old.get(subject);
  }

  keep(subject: string, found: Found): Found {
    if (this.#young.size >= CACHED_SUBJECTS) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(subject, found);
    return found;
  }
}

/** Cached for a delivered subject without a rule. */
const NO_RULE = Symbol("no rule");

/** How the subjects of one connection become labels. */
interface SubjectRules {
  /** Patterns with wildcards; the first that matches a subject is its label. */
  readonly templates: readonly string[];
  /** The prefix that the connection was configured with. */
  readonly inboxPrefix: string | undefined;
}

/** Finds destinations by raw subject, for one connection. */
export class SubjectLabels {
  readonly #destinations: Destinations;
  readonly #templates: readonly string[];
  readonly #inboxPrefix: string | undefined;
  readonly #published = new SubjectCache<Destination>();
  readonly #delivered = new SubjectCache<Destination | typeof NO_RULE>();

  constructor(destinations: Destinations, { templates, inboxPrefix }: SubjectRules) {
    this.#destinations = destinations;
    this.#templates = templates;
    this.#inboxPrefix = inboxPrefix;
  }

  /** For a sent message. Ids in subjects without a template become `*`. */
  of(subject: string): Destination {
    return this.#published.young(subject) ?? this.#find(subject);
  }

  /** For any value that the application passed as a subject. Invalid subjects are `_other`. */
  ofAnything(subject: unknown): Destination {
    return typeof subject === "string" && subject !== ""
      ? this.of(subject)
      : this.#destinations.labelled(OTHER);
  }

  /** For the messages of a subscription: its own subject, because an application has few subscriptions. */
  ofSubscription(pattern: string): Destination {
    return this.#destinations.labelled(this.#ruledLabel(pattern) ?? (pattern || OTHER));
  }

  /** For a bucket, which has a name instead of a subject. */
  ofName(name: string): Destination {
    return this.#destinations.labelled(name);
  }

  /** For a delivered message: its template, else its subscription's destination. */
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

  /** The label by rule, a system subject or a template; undefined without one. */
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
