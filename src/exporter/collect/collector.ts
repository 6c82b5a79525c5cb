/**
 * A collector: which replies of a server it needs, and what it reads from them.
 *
 * `fetch` is the only half that waits; `read` is a pure function of documents, so it is tested with saved
 * replies and cannot depend on an earlier scrape.
 */
import type { Document } from "../sources/monitoring-port/document.ts";
import type { Request } from "../sources/monitoring-port/monitor.ts";
import type { Target } from "../sources/target.ts";
import type { Identity } from "./identity.ts";
import type { Selection } from "./selection.ts";
import type { SampleSink, Table } from "./table.ts";

/** Asks the server. One reply is fetched once in a scrape, however many collectors want it. */
export type Ask = (request: Request) => Promise<Document>;

/** What a collector may know besides its documents. */
export interface ScrapeContext {
  readonly target: Target;
  /** Who answered `/varz`; undefined where it did not answer. */
  readonly identity: Identity | undefined;
  /** Seconds since 1970 at the collection. */
  readonly now: number;
  readonly selection: Selection;
}

export interface Collector<Documents = unknown> {
  /** Name in `--collect` and in the `collector` label: the endpoint's, without its slash. */
  readonly name: CollectorName;
  /** One line for `--help` and the metric reference. */
  readonly summary: string;
  /** Everything that `read` may add; the metric reference is made of them. */
  readonly tables: readonly Table<never>[];
  /** Rejects with CollectionFailure or EndpointAbsent. */
  fetch(ask: Ask, context: Pick<ScrapeContext, "selection">): Promise<Documents>;
  /** Adds samples; yields between items so that a large server never holds the event loop. */
  read(documents: Documents, context: ScrapeContext, sink: SampleSink): Iterable<void> | undefined;
}

/** Every name that a collector can have, in the order in which they are listed. */
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
