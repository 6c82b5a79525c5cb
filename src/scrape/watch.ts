/**
 * The wing's door: the servers to watch, and one call that says everything about them.
 *
 * A scrape asks every collector of every target at once, under one deadline. Concurrent scrapes share what is
 * under way. Nothing that was read is kept: the only state is natscope's own counters.
 */
import type { Family } from "../metrics/family.ts";
import { labelText, merge } from "../metrics/family.ts";
import type { Ask, Collector, CollectorName } from "./collector.ts";
import type { Document } from "./fetch/document.ts";
import { CollectionFailure, EndpointAbsent, type FailureReason } from "./fetch/failure.ts";
import { Monitor, type MonitorLimits } from "./fetch/monitor.ts";
import { SharedFlights } from "./fetch/shared-flight.ts";
import { type Identity, identityOf } from "./identity.ts";
import { at, text } from "./json.ts";
import type { Selection } from "./selection.ts";
import { SelfReport } from "./self-report.ts";
import { SampleSink } from "./table.ts";
import type { Target } from "./target.ts";

/** A collector under the names it serves: natscope's own carry a `server` label, others' do not. */
export interface NamedCollector {
  readonly collector: Collector;
  /** Whether natscope's own `server` label is put before the labels of the tables. */
  readonly serverLabel: boolean;
}

export interface WatchOptions {
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

export interface ScrapeRequest {
  /** Names of targets; all where absent. */
  readonly targets?: readonly string[];
  /** All that are configured where absent. */
  readonly collectors?: readonly CollectorName[];
  /** After this many milliseconds whatever has not answered counts as failed, and the rest is served. */
  readonly deadlineMs: number;
}

/** What one collector said about one server in one collection. */
export interface Outcome {
  readonly families: readonly Family[];
  readonly state: "ok" | "absent" | "failed";
  readonly seconds: number;
}

export class Watch {
  readonly #options: WatchOptions;
  readonly #monitors: ReadonlyMap<string, Monitor>;
  readonly #collections = new SharedFlights<Outcome>();
  readonly #self: SelfReport;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#monitors = new Map(
      options.targets.map((target) => [target.name, new Monitor(target, options.limits)]),
    );
    this.#self = new SelfReport();
  }

  get targets(): readonly Target[] {
    return this.#options.targets;
  }

  /** Families of everything asked for, and of how asking went. Never rejects for a server's sake. */
  async scrape({ targets, collectors, deadlineMs }: ScrapeRequest): Promise<Family[]> {
    const deadline = AbortSignal.timeout(deadlineMs);
    const chosen = this.#options.targets.filter(({ name }) => targets?.includes(name) ?? true);
    const wanted = this.#options.collectors.filter(
      ({ collector }) => collectors?.includes(collector.name) ?? true,
    );
    const ended = this.#self.scrapeBegins();
    try {
      const perTarget = await Promise.all(
        chosen.map((target) => this.#scrapeTarget(target, wanted, deadline)),
      );
      const requests = [...this.#monitors.values()].reduce(
        (sum, monitor) => sum + monitor.requestsInFlight,
        0,
      );
      return merge([
        ...this.#self.families(perTarget, requests),
        ...perTarget.flatMap(({ families }) => families),
      ]);
    } finally {
      ended();
    }
  }

  close(): void {
    for (const monitor of this.#monitors.values()) monitor.close();
  }

  async #scrapeTarget(
    target: Target,
    wanted: readonly NamedCollector[],
    deadline: AbortSignal,
  ): Promise<TargetReport> {
    const answers: Answers = new Map();
    const identity = this.#identify(target, answers, deadline);
    const outcomes = await Promise.all(
      wanted.map(async (named) => ({
        collector: named.collector.name,
        ...(await this.#collect(target, named, answers, deadline)),
      })),
    );
    const who = await identity;
    if (who) this.#self.answered(target.name, Date.now() / 1000);
    return {
      server: target.name,
      identity: who,
      outcomes,
      families: outcomes.flatMap(({ families }) => families),
    };
  }

  /** Shares what is under way with every scrape, and what has arrived with the collectors of this one. */
  #asker(target: Target, answers: Answers, deadline: AbortSignal): Ask {
    const monitor = this.#monitors.get(target.name) as Monitor;
    return async (request) => {
      const known = answers.get(request.path);
      if (known) return known;
      const answer = await monitor.ask(request, deadline);
      answers.set(request.path, answer);
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

  #collect(target: Target, named: NamedCollector, answers: Answers, deadline: AbortSignal): Promise<Outcome> {
    const { collector, serverLabel } = named;
    const { selection, seriesLimit } = this.#options;
    const started = performance.now();
    const elapsed = (): number => (performance.now() - started) / 1000;
    const key = `${target.name}\n${this.#options.collectors.indexOf(named)}`;
    return this.#collections
      .join(key, deadline, async (abandoned) => {
        const ask = this.#asker(target, answers, abandoned);
        const [documents, identity] = await Promise.all([
          collector.fetch(ask, { selection }),
          this.#identify(target, answers, abandoned),
        ]);
        verifyIdentity(documents, identity);
        const sink = new SampleSink(
          serverLabel ? labelText(["server"], [target.name]) : "",
          seriesLimit(collector.name),
        );
        await leisurely(
          collector.read(documents, { identity, now: Date.now() / 1000, selection }, sink) ?? [],
        );
        this.#self.dropped(target.name, collector.name, sink.dropped);
        return { families: sink.families(), state: "ok" as const, seconds: elapsed() };
      })
      .catch((error: unknown): Outcome => {
        if (error instanceof EndpointAbsent) return { families: [], state: "absent", seconds: elapsed() };
        const { reason, message } = asFailure(error);
        this.#self.failed(target.name, collector.name, reason);
        this.#options.onFailure?.({ server: target.name, collector: collector.name, reason, message });
        return { families: [], state: "failed", seconds: elapsed() };
      });
  }
}

/** Replies that have arrived in a scrape, by path and query. */
type Answers = Map<string, Document>;

export interface TargetReport {
  readonly server: string;
  readonly identity: Identity | undefined;
  readonly outcomes: readonly (Outcome & { readonly collector: CollectorName })[];
  readonly families: readonly Family[];
}

/** Most milliseconds that reading may hold the event loop at a time. */
const BREATH_MS = 8;

async function leisurely(work: Iterable<void>): Promise<void> {
  let since = performance.now();
  for (const _ of work) {
    if (performance.now() - since < BREATH_MS) continue;
    await new Promise<void>((resolve) => setImmediate(resolve));
    since = performance.now();
  }
}

/** Behind a load balancer, or across a restart, a reply may be another server's: it must not pass under this name. */
function verifyIdentity(documents: unknown, who: Identity | undefined): void {
  if (!who || typeof documents !== "object" || documents === null) return;
  for (const document of Object.values(documents)) {
    const answeredBy = text(at(document, ["root", "server_id"]));
    if (answeredBy !== "" && answeredBy !== who.serverId) {
      throw new CollectionFailure(
        "identity",
        `answered by server ${answeredBy}, but /varz by ${who.serverId}`,
      );
    }
  }
}

function asFailure(error: unknown): CollectionFailure {
  if (error instanceof CollectionFailure) return error;
  if (error instanceof SyntaxError) return new CollectionFailure("body", "the answer is not valid JSON");
  if (error instanceof DOMException && (error.name === "TimeoutError" || error.name === "AbortError")) {
    return new CollectionFailure("timeout", "no whole answer before the deadline of the scrape");
  }
  return new CollectionFailure(
    "internal",
    `natscope failed: ${error instanceof Error ? error.message : String(error)}`,
  );
}
