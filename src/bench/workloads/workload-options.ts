/**
 * The bench options that only some workloads take, in the groups in which workloads take them. An option that is in
 * no group applies to every workload.
 */

/** Workloads that send: the schedule. */
export const SCHEDULE = ["rate", "stage", "arrival"] as const;
/** Workloads that send with more than one operation in flight. */
export const IN_FLIGHT = ["inFlight"] as const;
/** Workloads with receivers or responders besides their senders. */
export const RECEIVERS = ["receivers"] as const;
/** Workloads whose messages have subjects. */
export const SUBJECTS = [
  "subject",
  "subjects",
  "subjectOrder",
  "multisubject",
  "multisubjectmax",
  "multisubjectrandomize",
] as const;
/** Workloads that write payloads, also to fill what they read. */
export const PAYLOAD = ["size", "randomShare", "payload"] as const;
/** Workloads whose messages can have headers. */
export const HEADERS = ["header"] as const;
/** Workloads with subscribers or responders of core NATS. */
export const QUEUE = ["queue"] as const;
/** Workloads whose responders may be another program's. */
export const EXTERNAL = ["external"] as const;

const STORE = ["create", "purge", "storage", "replicas", "maxBytes"] as const;
/** Workloads on a stream. */
export const STREAM = ["stream", ...STORE] as const;
/** Workloads that publish to a stream. */
export const DEDUP = ["dedup", "dedupWindow"] as const;
/** Workloads that request or publish messages in batches. */
export const BATCH = ["batch"] as const;
/** Workloads with a durable consumer. */
export const CONSUMER = ["consumer", "acks", ...BATCH] as const;
/** Workloads whose acks may wait for a confirmation. */
export const DOUBLE_ACK = ["doubleAck"] as const;
/** Workloads whose consumer may read a part of the stream. */
export const FILTER = ["filter"] as const;

/** Workloads on a key-value bucket or an object store. */
export const KEYS = ["bucket", "keys", "keyOrder", "randomize", ...STORE] as const;
/** Key-value buckets only: object stores keep no history. */
export const HISTORY = ["history"] as const;

const WORKLOAD_OPTIONS = [
  ...SCHEDULE,
  ...IN_FLIGHT,
  ...RECEIVERS,
  ...SUBJECTS,
  ...PAYLOAD,
  ...HEADERS,
  ...QUEUE,
  ...EXTERNAL,
  ...STREAM,
  ...DEDUP,
  ...CONSUMER,
  ...DOUBLE_ACK,
  ...FILTER,
  ...KEYS,
  ...HISTORY,
] as const;

/** Names an option that only some workloads take. */
export type WorkloadOption = (typeof WORKLOAD_OPTIONS)[number];

/** Whether only some workloads take an option. */
export function isWorkloadOption(option: string): option is WorkloadOption {
  return (WORKLOAD_OPTIONS as readonly string[]).includes(option);
}
