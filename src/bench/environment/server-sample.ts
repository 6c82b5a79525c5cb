/** Values from a server's monitoring documents that are relevant to a run. Pure. */

/** One response of a server. */
export interface ServerSample {
  /** Time of the response, in milliseconds of `performance.now()`. */
  readonly atMs: number;
  readonly id: string;
  readonly name: string;
  /** Counters since the server's start; those that the server does not report are missing. */
  readonly values: Readonly<Record<string, number>>;
  /** Leaders of the requested streams, if they are replicated. */
  readonly leaders: Readonly<Record<string, string>>;
}

/** Fields of /varz, by their own names. */
const VARZ = [
  "cpu",
  "mem",
  "connections",
  "total_connections",
  "routes",
  "leafnodes",
  "subscriptions",
  "in_msgs",
  "out_msgs",
  "in_bytes",
  "out_bytes",
  "slow_consumers",
  "stalled_clients",
] as const;

/** Fields of /jsz, prefixed with `jetstream_`. */
const JSZ = ["memory", "storage", "messages", "bytes", "streams", "consumers"] as const;

type Json = Readonly<Record<string, unknown>>;

/** Returns undefined if the document is not from a nats-server. */
export function sampleOf(
  varz: unknown,
  jsz: unknown,
  streams: readonly string[],
  atMs: number,
): ServerSample | undefined {
  const server = object(varz);
  if (typeof server.server_id !== "string") return undefined;
  const details = detailsOf(jsz).filter(({ name }) => streams.includes(String(name)));
  const leaders = details.flatMap(({ name, cluster }) => {
    const { leader } = object(cluster);
    return typeof leader === "string" && leader !== "" ? [[String(name), leader]] : [];
  });
  return {
    atMs,
    id: server.server_id,
    name: typeof server.server_name === "string" ? server.server_name : server.server_id,
    values: {
      ...numbersOf(server, VARZ, ""),
      ...numbersOf(object(jsz), JSZ, "jetstream_"),
      ...streamNumbersOf(details),
    },
    leaders: Object.fromEntries(leaders),
  };
}

function streamNumbersOf(details: readonly Json[]): Record<string, number> {
  const sum = (field: string) =>
    details.reduce((total, { state }) => total + (numberOf(object(state)[field]) ?? 0), 0);
  return details.length > 0 ? { stream_messages: sum("messages"), stream_bytes: sum("bytes") } : {};
}

function numbersOf(from: Json, names: readonly string[], prefix: string): Record<string, number> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = numberOf(from[name]);
      return value === undefined ? [] : [[`${prefix}${name}`, value]];
    }),
  );
}

function detailsOf(jsz: unknown): readonly Json[] {
  return list(object(jsz).account_details).flatMap((account) =>
    list(object(account).stream_detail).map(object),
  );
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
