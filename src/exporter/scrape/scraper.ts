/**
 * The wing's door: the servers to watch, and one call that says everything about them.
 *
 * A scrape asks every collector of every target at once, under one deadline. Concurrent scrapes share what is
 * under way. Nothing that was read is kept: the only state is natscope's own counters.
 */

import type { Family } from "../../metrics/family.ts";
import { labelText, merge } from "../../metrics/family.ts";
import { errorMessage } from "../../text/wording.ts";
import type { Ask, Collector, CollectorName } from "../collect/collector.ts";
import { type Identity, identityOf } from "../collect/identity.ts";
import type { Selection } from "../collect/selection.ts";
import { SampleSink } from "../collect/table.ts";
import { at, text } from "../sources/json.ts";
import { Document } from "../sources/monitoring-port/document.ts";
import { CollectionFailure, EndpointAbsent, type FailureReason } from "../sources/monitoring-port/failure.ts";
import { Monitor, type MonitorLimits } from "../sources/monitoring-port/monitor.ts";
import { SharedFlights } from "../sources/monitoring-port/shared-flight.ts";
import type { Target } from "../sources/target.ts";
import { RepeatedSeries } from "./repeated-series.ts";
import { type Outcome, SelfReport, type TargetReport } from "./self-report.ts";

/** A collector under the names it serves: natscope's own carry a `server` label, others' do not. */
export interface NamedCollector {
  readonly collector: Collector;
  /** Whether natscope's own `server` label is put before the labels of the tables. */
  readonly serverLabel: boolean;
}

/** What a watch is made of. */
export interface ScraperOptions {
  readonly targets: readonly Target[];
  readonly collectors: readonly NamedCollector[];
  readonly selection: Selection;
  /** Most series of a collector for one server; what is beyond is dropped and counted. */
  readonly seriesLimit: (collector: CollectorName) => number;
  readonly limits: MonitorLimits;
  /** Told about each failure, in a sentence without secrets. */
  readonly onFailure?: (failure: {
    server: string;
    collector: string;
    reason: FailureReason;
    message: string;
  }) => void;
}

/** What one scrape is to say, and until when. */
export interface ScrapeRequest {
  /** Names of targets; all where absent. */
  readonly targets?: readonly string[];
  /** All that are configured where absent. */
  readonly collectors?: readonly CollectorName[];
  /** After this many milliseconds whatever has not answered counts as failed, and the rest is served. */
  readonly deadlineMs: number;
}

/** Watches servers until closed. Holds their connections and natscope's own counters, and nothing they said. */
export class Scraper {
  readonly #options: ScraperOptions;
  readonly #monitors: ReadonlyMap<string, Monitor>;
  readonly #collections = new SharedFlights<Outcome>();
  readonly #self: SelfReport;

  constructor(options: ScraperOptions) {
    this.#options = options;
    this.#monitors = new Map(
      options.targets.map((target) => [target.name, new Monitor(target, options.limits)]),
    );
    this.#self = new SelfReport();
  }

  get targets(): readonly Target[] {
    return this.#options.targets;
  }

  /** Names of the configured collectors, each once. */
  get collectorNames(): readonly CollectorName[] {
    return [...new Set(this.#options.collectors.map(({ collector }) => collector.name))];
  }

  /** Families of everything asked for, and of how asking went. Never rejects for a server's sake. */
  async scrape({ targets, collectors, deadlineMs }: ScrapeRequest): Promise<Family[]> {
    const deadline = timeout(deadlineMs);
    const identityDeadline = timeout(deadlineMs * IDENTITY_SHARE);
    const chosen = this.#options.targets.filter(({ name }) => targets?.includes(name) ?? true);
    const wanted = this.#options.collectors.filter(
      ({ collector }) => collectors?.includes(collector.name) ?? true,
    );
    const ended = this.#self.scrapeBegins();
    try {
      const perTarget = await Promise.all(
        chosen.map((target) => this.#scrapeTarget(target, wanted, { deadline, identityDeadline })),
      );
      const requests = [...this.#monitors.values()].reduce(
        (sum, monitor) => sum + monitor.requestsInFlight,
        0,
      );
      const watched = this.#withoutRepeated(perTarget);
      return merge([...this.#self.families(perTarget, requests), ...watched]);
    } finally {
      ended();
    }
  }

  #withoutRepeated(reports: readonly TargetReport[]): Family[] {
    const seen = new RepeatedSeries();
    return reports.flatMap(({ server, outcomes }) =>
      outcomes.flatMap(({ collector, serverLabel, families }) => {
        if (serverLabel || reports.length === 1) return families;
        const unseen = seen.unseen(families);
        this.#self.dropped(server, collector, { duplicate: unseen.dropped });
        return unseen.families;
      }),
    );
  }

  close(): void {
    for (const monitor of this.#monitors.values()) monitor.close();
  }

  async #scrapeTarget(
    target: Target,
    wanted: readonly NamedCollector[],
    { deadline, identityDeadline }: Readonly<Record<"deadline" | "identityDeadline", AbortSignal>>,
  ): Promise<TargetReport> {
    const answers: Answers = new Map();
    const identity = this.#identify(target, answers, identityDeadline);
    const outcomes = await Promise.all(
      wanted.map(async (named) => ({
        collector: named.collector.name,
        serverLabel: named.serverLabel,
        ...(await this.#collect(target, named, { answers, identity }, deadline)),
      })),
    );
    const who = await identity;
    if (who) this.#self.answered(target.name, Date.now() / 1000);
    return { server: target.name, identity: who, outcomes };
  }

  /** Shares what is under way with every scrape, and what has arrived with the collectors of this one. */
  #asker(target: Target, answers: Answers, deadline: AbortSignal): Ask {
    const monitor = this.#monitors.get(target.name) as Monitor;
    return async (request) => {
      const known = answers.get(request.path);
      if (known) return known;
      const answer = await monitor.ask(request, deadline);
      // Large replies are shared while they are under way and not held on to after that.
      if (!request.cut) answers.set(request.path, answer);
      return answer;
    };
  }

  async #identify(target: Target, answers: Answers, deadline: AbortSignal): Promise<Identity | undefined> {
    try {
      const { root } = await this.#asker(target, answers, deadline)({ path: "/varz" });
      return identityOf(root);
    } catch {
      return undefined; // The varz collector says why; `nats_up` says that.
    }
  }

  #collect(
    target: Target,
    named: NamedCollector,
    scrape: { readonly answers: Answers; readonly identity: Promise<Identity | undefined> },
    deadline: AbortSignal,
  ): Promise<Outcome> {
    const { collector, serverLabel } = named;
    const { selection, seriesLimit } = this.#options;
    const started = performance.now();
    const elapsed = (): number => (performance.now() - started) / 1000;
    const key = `${target.name}\n${this.#options.collectors.indexOf(named)}`;
    return this.#collections
      .join(key, deadline, async (abandoned) => {
        const ask = this.#asker(target, scrape.answers, abandoned);
        const [documents, identity] = await Promise.all([
          collector.fetch(ask, { selection }),
          scrape.identity,
        ]);
        verifyIdentity(documents, identity);
        const sink = new SampleSink(
          serverLabel ? labelText(["server"], [target.name]) : "",
          seriesLimit(collector.name),
        );
        await drainInSlices(
          collector.read(documents, { target, identity, now: Date.now() / 1000, selection }, sink) ?? [],
          abandoned,
        );
        this.#self.dropped(target.name, collector.name, sink.dropped);
        return { families: sink.families(), state: "ok" as const, seconds: elapsed() };
      })
      .catch((error: unknown): Outcome => {
        if (error instanceof EndpointAbsent) return { families: [], state: "absent", seconds: elapsed() };
        const { reason, message } = asFailure(error, target);
        this.#self.failed(target.name, collector.name, reason);
        this.#options.onFailure?.({ server: target.name, collector: collector.name, reason, message });
        return { families: [], state: "failed", seconds: elapsed() };
      });
  }
}

/** Replies that have arrived in a scrape, by path and query. */
type Answers = Map<string, Document>;

/**
 * The share of a scrape's time after which collectors go on without knowing who answers `/varz`: then they say
 * less, where they would otherwise say nothing.
 */
const IDENTITY_SHARE = 0.8;

const MAX_TIMEOUT_MS = 2 ** 31 - 1;

function timeout(milliseconds: number): AbortSignal {
  return AbortSignal.timeout(Math.min(Math.max(0, Math.round(milliseconds)), MAX_TIMEOUT_MS));
}

/** Most milliseconds that reading may hold the event loop at a time. */
const MAX_READ_SLICE_MS = 8;

async function drainInSlices(work: Iterable<void>, abandoned: AbortSignal): Promise<void> {
  let since = performance.now();
  for (const _ of work) {
    if (performance.now() - since < MAX_READ_SLICE_MS) continue;
    await new Promise<void>((resolve) => setImmediate(resolve));
    abandoned.throwIfAborted();
    since = performance.now();
  }
}

/** Behind a load balancer, or across a restart, a reply may be another server's: it must not pass under this name. */
function verifyIdentity(documents: unknown, who: Identity | undefined): void {
  if (!who) return;
  for (const document of documentsIn(documents)) {
    const answeredBy = text(at(document.root, ["server_id"]));
    if (answeredBy !== "" && answeredBy !== who.serverId) {
      throw new CollectionFailure(
        "identity",
        "answered by another server than /varz was: restarted, or a balancer between",
      );
    }
  }
}

/** A collector's documents, which it names, single or in lists (pages). */
function documentsIn(documents: unknown): Document[] {
  if (typeof documents !== "object" || documents === null) return [];
  return Object.values(documents)
    .flat()
    .filter((value) => value instanceof Document);
}

function asFailure(error: unknown, { name }: Target): CollectionFailure {
  if (error instanceof CollectionFailure) return error;
  if (error instanceof SyntaxError)
    return new CollectionFailure("body", `an answer of ${name} is not valid JSON`);
  if (error instanceof DOMException && (error.name === "TimeoutError" || error.name === "AbortError")) {
    return new CollectionFailure("timeout", `no whole answer of ${name} before the deadline of the scrape`);
  }
  return new CollectionFailure("internal", `natscope failed: ${errorMessage(error)}`);
}
