/**
 * Scrapes of NATS servers: targets, collectors, and one call that returns all families.
 *
 * A scrape runs every collector of every target at the same time, under one deadline. Concurrent scrapes share the
 * requests in flight. No reply is kept: natscope's own counters are the only state.
 */

import type { Family } from "../../metrics/family.ts";
import { labelText, merge } from "../../metrics/family.ts";
import { EndpointAbsent } from "../../nats/monitoring/errors.ts";
import { errorMessage } from "../../text/wording.ts";
import type { Ask, Collector, CollectorName } from "../collect/collector.ts";
import { type Identity, identityOf } from "../collect/identity.ts";
import type { Selection } from "../collect/selection.ts";
import { SampleSink } from "../collect/table.ts";
import { at, text } from "../sources/json.ts";
import { Document } from "../sources/monitoring-port/document.ts";
import { CollectionFailure, type FailureReason } from "../sources/monitoring-port/failure.ts";
import { Monitor, type MonitorLimits } from "../sources/monitoring-port/monitor.ts";
import { SharedFlights } from "../sources/monitoring-port/shared-flight.ts";
import type { Target } from "../sources/target.ts";
import { RepeatedSeries } from "./repeated-series.ts";
import { type Outcome, SelfReport, type TargetReport } from "./self-report.ts";

/**
 * A collector, and how its series are labelled: natscope's own have a `server` label, those of other exporters do
 * not.
 */
export interface NamedCollector {
  readonly collector: Collector;
  /** Whether natscope's `server` label precedes the labels of the tables. */
  readonly serverLabel: boolean;
}

/** Targets, collectors and limits of a scraper. */
export interface ScraperOptions {
  /** Servers to scrape; their names must differ. May be empty. */
  readonly targets: readonly Target[];
  /** Collectors to run for each target, in the order of the exposition; `COLLECTORS` has natscope's own. */
  readonly collectors: readonly NamedCollector[];
  /** Accounts, streams and consumers to expose; `EVERYTHING` is the default of `natscope serve`. */
  readonly selection: Selection;
  /**
   * Maximum series of a collector for one server, at least 0. Excess series are dropped item by item and counted in
   * `natscope_series_dropped_total`.
   */
  readonly seriesLimit: (collector: CollectorName) => number;
  /** Maximum size of a reply, in bytes. A larger reply fails its collector with reason `too_large`. */
  readonly limits: MonitorLimits;
  /**
   * Called with each failed collection: target name, collector name, reason (label of
   * `natscope_collector_failures_total`) and a message without secrets.
   */
  readonly onFailure?: (failure: {
    server: string;
    collector: string;
    reason: FailureReason;
    message: string;
  }) => void;
}

/** Targets, collectors and deadline of one scrape. */
export interface ScrapeRequest {
  /** Names of targets to scrape; unknown names are ignored. Default: all. */
  readonly targets?: readonly string[];
  /** Names of collectors to run; unknown names are ignored. Default: all configured ones. */
  readonly collectors?: readonly CollectorName[];
  /**
   * Milliseconds after which a collector without a complete reply counts as failed; all others are still served. Values
   * below 0 count as 0, and values above 2^31 - 1, including `Infinity`, as 2^31 - 1.
   */
  readonly deadlineMs: number;
}

/**
 * Scrapes servers until closed. Holds connections to them and natscope's own counters, but no replies. Opens no
 * connection before the first scrape.
 *
 *   const scraper = new Scraper({
 *     targets: [{ name: "n1", url: new URL("http://127.0.0.1:8222") }],
 *     collectors: COLLECTORS.map((collector) => ({ collector, serverLabel: true })),
 *     selection: EVERYTHING,
 *     seriesLimit: () => 100_000,
 *     limits: { maxBodyBytes: 64 * 1024 * 1024 },
 *   });
 *   const families = await scraper.scrape({ deadlineMs: 5_000 });
 *   for (const chunk of render(families, "openmetrics")) response.write(Buffer.from(chunk));
 */
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

  /** The configured targets. */
  get targets(): readonly Target[] {
    return this.#options.targets;
  }

  /** Names of the configured collectors, each once. */
  get collectorNames(): readonly CollectorName[] {
    return [...new Set(this.#options.collectors.map(({ collector }) => collector.name))];
  }

  /**
   * Families of the selected collectors and targets, and natscope's metrics about the scrape. Each metric appears once.
   * A server that fails does not reject the promise: it appears in `nats_up` and `natscope_collector_success`.
   */
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
      const scraped = this.#withoutRepeated(perTarget);
      return merge([...this.#self.families(perTarget, requests), ...scraped]);
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

  /** Closes the connections. Scrapes in flight fail with reason `connection`. */
  close(): void {
    for (const monitor of this.#monitors.values()) monitor.close();
  }

  async #scrapeTarget(
    target: Target,
    wanted: readonly NamedCollector[],
    { deadline, identityDeadline }: Readonly<Record<"deadline" | "identityDeadline", AbortSignal>>,
  ): Promise<TargetReport> {
    const replies: Replies = new Map();
    const identity = this.#identify(target, replies, identityDeadline);
    const outcomes = await Promise.all(
      wanted.map(async (named) => ({
        collector: named.collector.name,
        serverLabel: named.serverLabel,
        ...(await this.#collect(target, named, { replies, identity }, deadline)),
      })),
    );
    const known = await identity;
    if (known) this.#self.answered(target.name, Date.now() / 1000);
    return { server: target.name, identity: known, outcomes };
  }

  /** Shares requests in flight with other scrapes, and complete replies with the other collectors of this scrape. */
  #askFor(target: Target, replies: Replies, deadline: AbortSignal): Ask {
    const monitor = this.#monitors.get(target.name) as Monitor;
    return async (request) => {
      const known = replies.get(request.path);
      if (known) return known;
      const answer = await monitor.ask(request, deadline);
      // Large replies are shared only while in flight, so that they can be freed early.
      if (!request.cut) replies.set(request.path, answer);
      return answer;
    };
  }

  async #identify(target: Target, replies: Replies, deadline: AbortSignal): Promise<Identity | undefined> {
    try {
      const { root } = await this.#askFor(target, replies, deadline)({ path: "/varz" });
      return identityOf(root);
    } catch {
      return undefined; // The varz collector reports the failure, and `nats_up` is 0.
    }
  }

  #collect(
    target: Target,
    named: NamedCollector,
    scrape: { readonly replies: Replies; readonly identity: Promise<Identity | undefined> },
    deadline: AbortSignal,
  ): Promise<Outcome> {
    const { collector, serverLabel } = named;
    const { selection, seriesLimit } = this.#options;
    const started = performance.now();
    const elapsed = (): number => (performance.now() - started) / 1000;
    const key = `${target.name}\n${this.#options.collectors.indexOf(named)}`;
    return this.#collections
      .join(key, deadline, async (abandoned) => {
        const ask = this.#askFor(target, scrape.replies, abandoned);
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

/** Replies of one scrape, by path and query. */
type Replies = Map<string, Document>;

/**
 * Fraction of the deadline after which collectors continue without the server's identity. They then report less,
 * instead of nothing.
 */
const IDENTITY_SHARE = 0.8;

const MAX_TIMEOUT_MS = 2 ** 31 - 1;

function timeout(milliseconds: number): AbortSignal {
  return AbortSignal.timeout(Math.min(Math.max(0, Math.round(milliseconds)), MAX_TIMEOUT_MS));
}

/** Maximum milliseconds that reading blocks the event loop at a time. */
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

/**
 * Behind a load balancer, or across a restart, a reply can come from another server. It must not appear under this
 * server's name.
 */
function verifyIdentity(documents: unknown, expected: Identity | undefined): void {
  if (!expected) return;
  for (const document of documentsIn(documents)) {
    const answeredBy = text(at(document.root, ["server_id"]));
    if (answeredBy !== "" && answeredBy !== expected.serverId) {
      throw new CollectionFailure(
        "identity",
        "answered by another server than /varz: the server restarted, or the URL is a load balancer",
      );
    }
  }
}

/** The documents that a collector fetched: single ones or lists of pages, by name. */
function documentsIn(documents: unknown): Document[] {
  if (typeof documents !== "object" || documents === null) return [];
  return Object.values(documents)
    .flat()
    .filter((value) => value instanceof Document);
}

function asFailure(error: unknown, { name }: Target): CollectionFailure {
  if (error instanceof CollectionFailure) return error;
  if (error instanceof SyntaxError) return new CollectionFailure("body", `${name} returned invalid JSON`);
  if (error instanceof DOMException && (error.name === "TimeoutError" || error.name === "AbortError")) {
    return new CollectionFailure("timeout", `${name} did not answer before the scrape deadline`);
  }
  return new CollectionFailure("internal", `internal error in natscope: ${errorMessage(error)}`);
}
