/**
 * A collector: the replies it needs from a server, and the samples it reads from them.
 *
 * Only `fetch` waits. `read` is a pure function of the replies, so tests run it on saved replies and it cannot
 * depend on an earlier scrape.
 */
import type { Document } from "../sources/monitoring-port/document.ts";
import type { Request } from "../sources/monitoring-port/monitor.ts";
import type { Target } from "../sources/target.ts";
import type { Identity } from "./identity.ts";
import type { Selection } from "./selection.ts";
import type { SampleSink, Table } from "./table.ts";

/**
 * Requests a reply from the server. Within a scrape each reply is fetched once, even if several collectors need it.
 */
export type Ask = (request: Request) => Promise<Document>;

/** Facts about a scrape that a collector can use besides its replies. */
export interface ScrapeContext {
  readonly target: Target;
  /** The server that answered `/varz`; undefined if it did not answer. */
  readonly identity: Identity | undefined;
  /** Time of the collection, in seconds since 1970. */
  readonly now: number;
  readonly selection: Selection;
}

/**
 * A collector of one endpoint. Only the collector knows the type of its `Documents`: the scraper passes the result of
 * `fetch` to `read` of the same collector. `fetch` and `read` are methods, not function properties, so that TypeScript
 * accepts collectors of different documents in one `Collector[]` without casts.
 */
export interface Collector<Documents = unknown> {
  /** Name in `--collect` and in the `collector` label: the endpoint without its slash. */
  readonly name: CollectorName;
  /** One line for `--help` and the metric reference. */
  readonly summary: string;
  /** All tables that `read` adds to. The metric reference lists their rows. */
  readonly tables: readonly Table<never>[];
  /** Fetches the replies. Rejects with CollectionFailure, or EndpointAbsent if this release has no such endpoint. */
  fetch(ask: Ask, context: Pick<ScrapeContext, "selection">): Promise<Documents>;
  /** Adds samples to the sink. Yields between items so that a large reply does not block the event loop. */
  read(documents: Documents, context: ScrapeContext, sink: SampleSink): Iterable<void> | undefined;
}

/** Names of all collectors, in the order of listings. */
export const COLLECTOR_NAMES = [
  "varz",
  "connz",
  "routez",
  "gatewayz",
  "leafz",
  "subsz",
  "accountz",
  "accstatz",
  "jsz",
  "healthz",
  "raftz",
  "ipqueuesz",
  "expvarz",
] as const;

export type CollectorName = (typeof COLLECTOR_NAMES)[number];
