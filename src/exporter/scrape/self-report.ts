/** natscope's metrics about its scrapes: the only values that outlive a scrape. */
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

const UP: Metric = {
  name: "nats_up",
  type: "gauge",
  help: "Whether the server answered /varz in this scrape (1) or not (0). If 0, metrics from /varz are absent.",
};
const COLLECTOR_SUCCESS: Metric = {
  name: "natscope_collector_success",
  type: "gauge",
  help: "Whether the collector received and understood its replies in this scrape (1) or not (0). Absent if the server's release has no such endpoint.",
};
const COLLECTOR_DURATION: Metric = {
  name: "natscope_collector_duration_seconds",
  type: "gauge",
  help: "Duration of the collection in this scrape, from the first request to the last sample, in seconds.",
};
const COLLECTOR_FAILURES: Metric = {
  name: "natscope_collector_failures_total",
  type: "counter",
  help: "Failed collections by reason: timeout, connection, tls, status, body, too_large, identity, internal.",
};
const SERIES_DROPPED: Metric = {
  name: "natscope_series_dropped_total",
  type: "counter",
  help: "Series dropped from scrapes by reason: `limit` exceeded the collector's series limit, `duplicate` repeated another series.",
};
const SCRAPES_IN_FLIGHT: Metric = {
  name: "natscope_scrapes_in_flight",
  type: "gauge",
  help: "Scrapes in progress, including this one.",
};
const REQUESTS_IN_FLIGHT: Metric = {
  name: "natscope_requests_in_flight",
  type: "gauge",
  help: "Requests to monitoring ports in flight at the end of this scrape.",
};
const LAST_SUCCESS: Metric = {
  name: "natscope_last_success_timestamp_seconds",
  type: "gauge",
  help: "Time of the server's last answer to /varz, in seconds since 1970. Absent until the first answer.",
};

/** All metrics about scrapes, for the metric reference. */
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

/** Result of one collector for one server in one collection. */
export interface Outcome {
  readonly families: readonly Family[];
  readonly state: "ok" | "absent" | "failed";
  readonly seconds: number;
}

/** Results of all collectors for one server, and the server's identity. */
export interface TargetReport {
  readonly server: string;
  readonly identity: Identity | undefined;
  readonly outcomes: readonly (Outcome & {
    readonly collector: CollectorName;
    /** Whether the series have natscope's own `server` label, so that no other server can have the same ones. */
    readonly serverLabel: boolean;
  })[];
}

/** Counters over the lifetime of the process, and the families that expose them. */
export class SelfReport {
  readonly #failures = new CountsByServer();
  readonly #dropped = new CountsByServer();
  readonly #lastAnswers = new Map<string, number>();
  #scrapes = 0;

  /** Counts a scrape as in progress until the returned function is called. */
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

  /** Families for the servers in `reports` only: a probe of one target does not report the others. */
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

/** Counters with the labels `server`, `collector` and `reason`. */
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
