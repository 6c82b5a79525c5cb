/**
 * `/ipqueuesz`: work queued inside the server, between its goroutines.
 *
 * A queue's name contains an account, a stream, a consumer or a Raft group, and a large server has a hundred
 * thousand queues. So natscope aggregates them into about twenty kinds, and requests only queues that are not empty
 * (`all=1` would return tens of megabytes of zeros). A kind without a series has nothing queued.
 *
 * Source: IpqueueszStatus in nats-server's server/monitor.go; each newIPQueue(...) there names a queue.
 */
import type { Collector } from "../collect/collector.ts";
import { number } from "../collect/conversions.ts";
import type { Table } from "../collect/table.ts";
import { at, isObject, object } from "../sources/json.ts";
import type { Document } from "../sources/monitoring-port/document.ts";

/** Non-empty queues of one kind. */
interface Kind {
  readonly kind: string;
  pending: number;
  maxPending: number;
  inProgress: number;
  maxInProgress: number;
}

const queues: Table<unknown> = {
  item: "server",
  endpoint: "/ipqueuesz",
  labels: [],
  identify: () => [],
  rows: [
    {
      name: "nats_internal_queues_busy",
      type: "gauge",
      help: "Internal queues that are not empty.",
      field: "*",
      read: (queues) => {
        if (!isObject(queues)) return undefined;
        const all = Object.values(queues);
        return all.every((queue) => number(at(queue, ["pending"])) !== undefined) ? all.length : undefined;
      },
    },
  ],
};

const queueKind: Table<Kind> = {
  item: "kind of internal queue",
  endpoint: "/ipqueuesz",
  labels: ["kind"],
  identify: ({ kind }) => [kind],
  rows: [
    {
      name: "nats_internal_queue_pending",
      type: "gauge",
      help: "Items waiting in all internal queues of this kind. Absent if all are empty.",
      field: "*.pending",
      read: ({ pending }) => pending,
    },
    {
      name: "nats_internal_queue_pending_max",
      type: "gauge",
      help: "Items waiting in the longest internal queue of this kind. Absent if all are empty.",
      field: "*.pending",
      read: ({ maxPending }) => maxPending,
    },
    {
      name: "nats_internal_queue_in_progress",
      type: "gauge",
      help: "Items taken from internal queues of this kind and still being processed. Absent if all queues are empty.",
      field: "*.in_progress",
      read: ({ inProgress }) => inProgress,
    },
    {
      name: "nats_internal_queue_in_progress_max",
      type: "gauge",
      help: "Maximum number of items taken from one internal queue of this kind and still being processed. Absent if all queues are empty.",
      field: "*.in_progress",
      read: ({ maxInProgress }) => maxInProgress,
    },
  ],
};

/** Servers have about twenty kinds. Further kinds, from a newer or a faulty server, are reported as `other`. */
const MAX_KINDS = 64;
const MAX_KIND_LENGTH = 48;
const OTHER = "other";

/**
 * The kind of a queue: its name without the account prefix and without everything from the first to the last quote,
 * because names may contain quotes.
 *
 *   [ACC:APP] consumer 'billing' on stream 'ORDERS' ackMsgs   →   consumer ackMsgs
 */
export function kindOf(name: string): string {
  const kind = name
    .replace(/^\[ACC:.*\] /s, "")
    .replace(/ ?'.*'/s, "")
    .trim();
  return kind === "" || kind.length > MAX_KIND_LENGTH ? OTHER : kind;
}

export const ipqueuesz: Collector<{ ipqueuesz: Document }> = {
  name: "ipqueuesz",
  summary: "the server's internal queues by kind: items waiting and in progress",
  tables: [queues, queueKind],

  async fetch(ask) {
    return { ipqueuesz: await ask({ path: "/ipqueuesz", mayBeAbsent: true }) };
  },

  *read({ ipqueuesz }, _context, sink) {
    sink.add(queues, ipqueuesz.root);
    const kinds = new Map<string, Kind>();
    for (const [name, queue] of Object.entries(object(ipqueuesz.root))) {
      count(kindIn(kinds, kindOf(name)), queue);
      yield;
    }
    for (const kind of kinds.values()) sink.add(queueKind, kind);
  },
};

function kindIn(kinds: Map<string, Kind>, name: string): Kind {
  const kind = kinds.has(name) || kinds.size < MAX_KINDS ? name : OTHER;
  let known = kinds.get(kind);
  if (!known) {
    known = { kind, pending: 0, maxPending: 0, inProgress: 0, maxInProgress: 0 };
    kinds.set(kind, known);
  }
  return known;
}

function count(kind: Kind, queue: unknown): void {
  const pending = number(at(queue, ["pending"])) ?? 0;
  const inProgress = number(at(queue, ["in_progress"])) ?? 0; // Left out if 0.
  kind.pending += pending;
  kind.inProgress += inProgress;
  kind.maxPending = Math.max(kind.maxPending, pending);
  kind.maxInProgress = Math.max(kind.maxInProgress, inProgress);
}
