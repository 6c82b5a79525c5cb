/**
 * States of all streams and consumers, once from the JetStream API of each account and once from natscope's metrics.
 * A test compares the two as a whole, so it detects missing, additional and duplicate assets.
 */
import type { Exposition } from "./exposition.ts";
import type { ClusterInfo } from "./jetstream-api.ts";
import type { Realm } from "./populate.ts";

/** State of each replica by peer: `current`, or the deviation from it. */
export type Replicas = Readonly<Record<string, string>>;

export interface ConsumerState {
  /** The leader. */
  readonly server: string;
  readonly pending: number | undefined;
  readonly ackPending: number | undefined;
  readonly redelivered: number | undefined;
  readonly replicas: Replicas;
}

export interface StreamState {
  readonly server: string;
  readonly messages: number | undefined;
  readonly bytes: number | undefined;
  readonly replicas: Replicas;
}

/**
 * By `node account stream consumer` and by `node account stream`; more than one state means duplicate series.
 */
export interface Assets {
  readonly consumers: Readonly<Record<string, readonly ConsumerState[]>>;
  readonly streams: Readonly<Record<string, readonly StreamState[]>>;
}

/**
 * Returns the states from the JetStream API. `exists` leaves out assets that cannot answer, by the same keys.
 */
export async function assetsByApi(
  realms: readonly Realm[],
  exists: (key: string) => boolean = () => true,
): Promise<Assets> {
  const consumers: Record<string, ConsumerState[]> = {};
  const streams: Record<string, StreamState[]> = {};
  for (const realm of realms) {
    const { api, node } = realm;
    for (const stream of await api.streamNames()) {
      const key = keyOf(realm, [stream]);
      if (!exists(key)) continue;
      const { state, cluster } = await api.stream(stream);
      const server = cluster?.leader ?? node;
      streams[key] = [
        { server, messages: state.messages, bytes: state.bytes, replicas: replicasOf(cluster) },
      ];
      const names = await api.consumerNames(stream);
      await Promise.all(
        names.map(async (name) => {
          const consumerKey = keyOf(realm, [stream, name]);
          if (!exists(consumerKey)) return;
          const info = await api.consumer(stream, name);
          consumers[consumerKey] = [
            {
              server: info.cluster?.leader ?? node,
              pending: info.num_pending,
              ackPending: info.num_ack_pending,
              redelivered: info.num_redelivered,
              replicas: replicasOf(info.cluster),
            },
          ];
        }),
      );
    }
  }
  return { consumers, streams };
}

/** Returns the states from natscope's metrics. */
export function assetsByNatscope(realms: readonly Realm[], exposition: Exposition): Assets {
  const consumers: Record<string, ConsumerState[]> = {};
  const streams: Record<string, StreamState[]> = {};
  for (const realm of realms) {
    const ofRealm = ({ labels }: { labels: Readonly<Record<string, string>> }): boolean =>
      labels.account === realm.account && (realm.nodes as readonly string[]).includes(labels.server ?? "");
    for (const { labels, value } of exposition.samples("nats_consumer_pending").filter(ofRealm)) {
      const { server = "", account = "", stream = "", consumer = "" } = labels;
      const own = { server, account, stream, consumer };
      append(consumers, keyOf(realm, [stream, consumer]), {
        server,
        pending: value,
        ackPending: exposition.value("nats_consumer_ack_pending", own),
        redelivered: exposition.value("nats_consumer_redelivered", own),
        replicas: replicasByNatscope(exposition, "nats_consumer", own),
      });
    }
    for (const { labels, value } of exposition.samples("nats_stream_messages").filter(ofRealm)) {
      const { server = "", account = "", stream = "" } = labels;
      const own = { server, account, stream };
      append(streams, keyOf(realm, [stream]), {
        server,
        messages: value,
        bytes: exposition.value("nats_stream_bytes", own),
        replicas: replicasByNatscope(exposition, "nats_stream", own),
      });
    }
  }
  return { consumers, streams };
}

function append<State>(states: Record<string, State[]>, key: string, state: State): void {
  states[key] = [...(states[key] ?? []), state];
}

function keyOf({ node, account }: Realm, names: readonly string[]): string {
  return [node, account, ...names].join(" ");
}

function replicasOf(cluster: ClusterInfo | undefined): Replicas {
  const peers = cluster?.replicas ?? [];
  return Object.fromEntries(
    peers.map(({ name, current, offline = false, lag = 0 }) => [name, describe(current, offline, lag)]),
  );
}

function replicasByNatscope(
  exposition: Exposition,
  prefix: "nats_consumer" | "nats_stream",
  own: Readonly<Record<string, string>>,
): Replicas {
  const of = (what: string, peer: string): number | undefined =>
    exposition.value(`${prefix}_replica_${what}`, { ...own, peer });
  return Object.fromEntries(
    exposition.samples(`${prefix}_replica_current`, own).map(({ labels, value }) => {
      const peer = labels.peer ?? "";
      return [peer, describe(value === 1, of("offline", peer) === 1, of("lag", peer) ?? Number.NaN)];
    }),
  );
}

function describe(current: boolean, offline: boolean, lag: number): string {
  return [current ? "current" : "not current", offline && "offline", lag !== 0 && `lag ${lag}`]
    .filter(Boolean)
    .join(", ");
}
