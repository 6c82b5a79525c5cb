/** What natscope says about its own watching: the only numbers that live longer than a scrape. */
import {
  type Family,
  family,
  type LabelText,
  labelText,
  type Metric,
  type Samples,
} from "../../metrics/family.ts";
import type { CollectorName } from "../collect/collector.ts";
import type { Identity } from "../collect/identity.ts";
import type { DropReason } from "../collect/table.ts";
import type { FailureReason } from "../sources/monitoring-port/failure.ts";

export const UP: Metric = {
  name: "nats_up",
  type: "gauge",
  help: "1 if the server answered /varz in this scrape, 0 if not: then nothing else is said about it that /varz would say.",
};
export const COLLECTOR_SUCCESS: Metric = {
  name: "natscope_collector_success",
  type: "gauge",
  help: "1 if the collector got and understood its answers in this scrape, 0 if not. Absent where this server release has no such endpoint.",
};
export const COLLECTOR_DURATION: Metric = {
  name: "natscope_collector_duration_seconds",
  type: "gauge",
  help: "Time from asking to the last sample read, in this scrape.",
};
export const COLLECTOR_FAILURES: Metric = {
  name: "natscope_collector_failures_total",
  type: "counter",
  help: "Collections that failed, by reason: timeout, connection, tls, status, body, too_large, identity, internal.",
};
export const SERIES_DROPPED: Metric = {
  name: "natscope_series_dropped_total",
  type: "counter",
  help: "Series left out of scrapes: `limit` beyond the series limit of the collector, `duplicate` named twice by the server.",
};
export const SCRAPES_IN_FLIGHT: Metric = {
  name: "natscope_scrapes_in_flight",
  type: "gauge",
  help: "Scrapes being answered, this one included.",
};
export const REQUESTS_IN_FLIGHT: Metric = {
  name: "natscope_requests_in_flight",
  type: "gauge",
  help: "Requests to monitoring ports under way when this scrape ended.",
};
export const LAST_SUCCESS: Metric = {
  name: "natscope_last_success_timestamp_seconds",
  type: "gauge",
  help: "When the server last answered /varz. Absent until it did.",
};

/** All of the above, for the metric reference. */
export const SELF_METRICS: readonly Metric[] = [
  UP,
  COLLECTOR_SUCCESS,
  COLLECTOR_DURATION,
  COLLECTOR_FAILURES,
  SERIES_DROPPED,
  SCRAPES_IN_FLIGHT,
  REQUESTS_IN_FLIGHT,
  LAST_SUCCESS,
];

/** What one collector said about one server in one collection. */
export interface Outcome {
  readonly families: readonly Family[];
  readonly state: "ok" | "absent" | "failed";
  readonly seconds: number;
}

/** What all of them said about one server, and who it was. */
export interface TargetReport {
  readonly server: string;
  readonly identity: Identity | undefined;
  readonly outcomes: readonly (Outcome & {
    readonly collector: CollectorName;
    /** Whether the series carry natscope's own `server` label, and so are of this server only. */
    readonly serverLabel: boolean;
  })[];
}

/** Counts over the life of the process, and the families that say them. */
export class SelfReport {
  readonly #failures = new CountsByServer();
  readonly #dropped = new CountsByServer();
  readonly #lastAnswers = new Map<string, number>();
  #scrapes = 0;

  /** Call what it returns when the scrape has ended. */
  scrapeBegins(): () => void {
    this.#scrapes++;
    return () => this.#scrapes--;
  }

  answered(server: string, now: number): void {
    this.#lastAnswers.set(server, now);
  }

  failed(server: string, collector: CollectorName, reason: FailureReason): void {
    this.#failures.increase([server, collector, reason], 1);
  }

  dropped(
    server: string,
    collector: CollectorName,
    counts: Readonly<Partial<Record<DropReason, number>>>,
  ): void {
    for (const [reason, count] of Object.entries(counts)) {
      this.#dropped.increase([server, collector, reason], count);
    }
  }

  /** Speaks of the servers of `reports` only: a probe of one target says nothing about the others. */
  families(reports: readonly TargetReport[], requestsInFlight: number): Family[] {
    const states = reports.flatMap(({ server, outcomes }) => {
      const byName = new Map<CollectorName, { worst: "ok" | "absent" | "failed"; seconds: number }>();
      for (const { collector, state, seconds } of outcomes) {
        const known = byName.get(collector);
        const worst = known?.worst === "failed" || state === "failed" ? "failed" : state;
        byName.set(collector, { worst, seconds: Math.max(seconds, known?.seconds ?? 0) });
      }
      return [...byName].map(([name, outcome]) => ({
        labels: labelText(["server", "collector"], [server, name]),
        ...outcome,
      }));
    });
    return [
      family(UP, (samples) => {
        for (const { server, identity } of reports)
          samples.add(labelText(["server"], [server]), identity ? 1 : 0);
      }),
      family(COLLECTOR_SUCCESS, (samples) => {
        for (const { labels, worst } of states)
          if (worst !== "absent") samples.add(labels, worst === "ok" ? 1 : 0);
      }),
      family(COLLECTOR_DURATION, (samples) => {
        for (const { labels, seconds } of states) samples.add(labels, seconds);
      }),
      family(COLLECTOR_FAILURES, (samples) => {
        for (const { server } of reports) this.#failures.addTo(samples, server);
      }),
      family(SERIES_DROPPED, (samples) => {
        for (const { server } of reports) this.#dropped.addTo(samples, server);
      }),
      family(SCRAPES_IN_FLIGHT, (samples) => samples.add("", this.#scrapes)),
      family(REQUESTS_IN_FLIGHT, (samples) => samples.add("", requestsInFlight)),
      family(LAST_SUCCESS, (samples) => {
        for (const { server } of reports) {
          const when = this.#lastAnswers.get(server);
          if (when !== undefined) samples.add(labelText(["server"], [server]), when);
        }
      }),
    ];
  }
}

/** Counters under the labels `server`, `collector` and `reason`. */
class CountsByServer {
  readonly #counts = new Map<string, Map<LabelText, number>>();

  increase([server, collector, reason]: readonly [string, CollectorName, string], by: number): void {
    const counts = this.#counts.get(server) ?? new Map<LabelText, number>();
    this.#counts.set(server, counts);
    const labels = labelText(["server", "collector", "reason"], [server, collector, reason]);
    counts.set(labels, (counts.get(labels) ?? 0) + by);
  }

  addTo(samples: Samples, server: string): void {
    for (const [labels, count] of this.#counts.get(server) ?? []) samples.add(labels, count);
  }
}
