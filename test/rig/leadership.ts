/** Moves the leaders of raft groups to chosen servers, so that every run has the same leaders. */
import { compareVersions } from "../../tools/nats-server/releases.ts";
import type { ClusterInfo, JetStreamApi } from "./jetstream-api.ts";
import type { Rig } from "./rig.ts";
import { C1, type NodeName } from "./topology.ts";
import { until } from "./until.ts";

/** Moves the leader of the cluster's meta group to `wanted`. */
export async function leadMetaGroup(rig: Rig, wanted: NodeName): Promise<void> {
  const system = await rig.connect(wanted, "sys");
  await until(`${wanted} to lead the meta group`, async () => {
    const { leader: before } = await metaGroup(rig, wanted);
    if (before === wanted) return true;
    if (!before) return undefined;
    await system.request("$JS.API.META.LEADER.STEPDOWN", JSON.stringify(stepDown(rig, wanted)), {
      timeout: 2000,
    });
    await until("another meta leader", async () => {
      const { leader } = await metaGroup(rig, wanted);
      return (leader && leader !== before) || undefined;
    });
    return undefined;
  });
  await system.close();
  await until("all servers to know the leader", async () => {
    const groups = await Promise.all(C1.map((name) => metaGroup(rig, name)));
    return groups.every(({ leader }) => leader === wanted) || undefined;
  });
}

/** Moves the leader of a stream, or of one of its consumers, to `wanted`. */
export async function lead(
  api: JetStreamApi,
  rig: Rig,
  [stream, consumer]: readonly [stream: string, consumer?: string],
  wanted: NodeName,
): Promise<void> {
  const [kind, name] = consumer ? ["CONSUMER", `${stream}.${consumer}`] : ["STREAM", stream];
  const leaderNow = async (): Promise<string> => {
    const { cluster } = await (consumer ? api.consumer(stream, consumer) : api.stream(stream));
    return cluster?.leader ?? "";
  };
  await until(`${wanted} to lead ${name}`, async () => {
    const leader = await leaderNow();
    if (leader === wanted) return true;
    if (leader === "") return undefined;
    await api.request(`${kind}.LEADER.STEPDOWN.${name}`, stepDown(rig, wanted), 1000);
    await until(`another leader of ${name}`, async () => (await leaderNow()) !== leader || undefined, 5000);
    return undefined;
  });
}

/**
 * From 2.11 on a leader can name its successor. Before, the successor is random: the caller repeats the step
 * down.
 */
function stepDown({ version }: Rig, wanted: NodeName): object {
  return compareVersions(version, "2.11.0") >= 0 ? { placement: { preferred: wanted } } : {};
}

async function metaGroup(rig: Rig, name: NodeName): Promise<ClusterInfo> {
  const { meta_cluster = {} } = (await rig.server(name).monitor("/jsz")) as { meta_cluster?: ClusterInfo };
  return meta_cluster;
}
