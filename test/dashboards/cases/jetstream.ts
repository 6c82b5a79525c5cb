/** Test cases of the alerts about JetStream, its meta group, streams and consumers. */
import { type Cases, fires, type Series, silent, staircase } from "./case.ts";

const n1 = { server: "n1" };
const C1 = { cluster: "C1" };
const of1 = (metric: string, labels = ""): string => `${metric}{server="n1"${labels && `,${labels}`}}`;
const eachOf = (metric: string, labels: string, values: readonly string[]): Series =>
  Object.fromEntries(
    values.map((value, i) => [`${metric}{server="n${i + 1}"${labels && `,${labels}`}}`, value]),
  );

const STREAM = 'account="APP",stream="ORDERS"';
const stream = { account: "APP", stream: "ORDERS", ...C1 };
const ofStream = (metric: string, labels = ""): string =>
  of1(metric, labels === "" ? STREAM : `${STREAM},${labels}`);
const CONSUMER = `${STREAM},consumer="billing"`;
const consumer = { ...stream, consumer: "billing" };
const ofConsumer = (metric: string, labels = ""): string =>
  of1(metric, labels === "" ? CONSUMER : `${CONSUMER},${labels}`);
const disabled = (item: "stream" | "consumer"): Series => ({
  [(item === "stream" ? ofStream : ofConsumer)(`nats_${item}_threshold`, 'threshold="enabled"')]: "0x200",
});
const idle = (deliveries: string, pending = "5x60"): Series => ({
  [ofConsumer("nats_consumer_pending")]: pending,
  [ofConsumer("nats_consumer_deliveries_total")]: deliveries,
});
const ORIGIN = 'role="mirror",origin="SOURCE"';
const origin = { ...stream, role: "mirror", origin: "SOURCE" };
const storage = (used: string, limit = "1e9x200"): Series => ({
  [of1("nats_jetstream_storage_used_bytes")]: used,
  [of1("nats_jetstream_storage_limit_bytes")]: limit,
});
const threshold = (item: "stream" | "consumer", name: string, value: number): Series => ({
  [(item === "stream" ? ofStream : ofConsumer)(`nats_${item}_threshold`, `threshold="${name}"`)]:
    `${value}x60`,
});

export const JETSTREAM_CASES: Cases = {
  NatsMetaLeaderless: {
    fires: [
      fires(
        eachOf("nats_jetstream_meta_leaderless", "", ["1x9", "1x9", "1x9"]),
        "5m",
        C1,
        "Cluster C1 has no meta leader",
      ),
      fires(eachOf("nats_jetstream_meta_leaderless", "", ["1x9"]), "5m", C1, "Cluster C1 has no meta leader"),
    ],
    silent: [
      silent(
        "one server that is cut off",
        eachOf("nats_jetstream_meta_leaderless", "", ["0x9", "0x9", "1x9"]),
        "5m",
      ),
      silent("an election", eachOf("nats_jetstream_meta_leaderless", "", ["0 0 1 0x9"]), "3m"),
    ],
  },
  NatsMetaLeaderDisputed: {
    fires: [
      fires(
        eachOf("nats_jetstream_meta_leader", "", ["1x19", "1x19", "0x19"]),
        "10m",
        C1,
        "2 servers of cluster C1 claim to be the meta leader",
      ),
    ],
    silent: [
      silent(
        "a leadership transfer",
        eachOf("nats_jetstream_meta_leader", "", ["1x9 0x9", "0x8 1x9", "0x19"]),
        "10m",
      ),
    ],
  },
  NatsMetaLeaderFlapping: {
    fires: [
      fires(
        eachOf("nats_jetstream_meta_leader", "", ["0 1 0 1 0 1 0 1 0x20", "1 0 1 0 1 0 1 0 1x20"]),
        "20m",
        C1,
        "Servers of cluster C1 gained or lost the meta leadership 16 times in an hour",
      ),
    ],
    silent: [
      silent("one election", eachOf("nats_jetstream_meta_leader", "", ["1x5 0x20", "0x5 1x20"]), "20m"),
    ],
  },
  NatsMetaPeerLost: {
    fires: [
      fires(
        { [of1("nats_jetstream_meta_replica_last_seen_seconds", 'peer="n3"')]: "0x2 70+60x30" },
        "20m",
        { ...C1, peer: "n3" },
        "The meta leader of cluster C1 has not heard from n3 for 10 minutes",
      ),
    ],
    silent: [
      silent(
        "a restart",
        { [of1("nats_jetstream_meta_replica_last_seen_seconds", 'peer="n3"')]: "0x2 70 130 0x30" },
        "6m",
      ),
      silent(
        "a removed peer",
        { [of1("nats_jetstream_meta_replica_offline", 'peer="n3"')]: "1x4 stale" },
        "20m",
      ),
    ],
  },
  NatsMetaBacklog: {
    fires: [
      fires(
        { [of1("nats_jetstream_meta_pending")]: "2000x60" },
        "30m",
        { ...n1, ...C1 },
        "NATS server n1 has 2k unprocessed meta group requests",
      ),
    ],
    silent: [silent("a burst", { [of1("nats_jetstream_meta_pending")]: "0x9 5000x5 0x30" }, "16m")],
  },
  NatsJetStreamStorageFilling: {
    fires: [
      fires(
        storage("500e6+2e6x200"),
        "90m",
        n1,
        "The JetStream storage of NATS server n1 will exceed its limit within 4 hours: 1.08GiB predicted",
      ),
    ],
    silent: [
      silent("slow growth", storage("500e6+100000x200"), "90m"),
      silent("a server that started within the hour", storage("500e6+2e6x200"), "40m"),
      silent("mostly free storage", storage("0+2e6x200"), "90m"),
    ],
  },
  NatsJetStreamStorageHigh: {
    fires: [fires(storage("9e8x200"), "20m", n1, "JetStream on NATS server n1 uses 90% of its storage")],
    silent: [
      silent("half full", storage("5e8x200"), "20m"),
      silent("no limit", { [of1("nats_jetstream_storage_used_bytes")]: "9e15x60" }, "20m"),
    ],
  },
  NatsJetStreamStorageFull: {
    fires: [fires(storage("9.7e8x200"), "10m", n1, "JetStream on NATS server n1 uses 97% of its storage")],
    silent: [silent("90 % used", storage("9e8x200"), "10m")],
  },
  NatsJetStreamMemoryHigh: {
    fires: [
      fires(
        {
          [of1("nats_jetstream_memory_used_bytes")]: "95x60",
          [of1("nats_jetstream_memory_limit_bytes")]: "100x60",
        },
        "20m",
        n1,
        "Memory streams on NATS server n1 use 95% of max_memory_store",
      ),
    ],
    silent: [silent("no limit", { [of1("nats_jetstream_memory_used_bytes")]: "9e12x60" }, "20m")],
  },
  NatsAccountStorageHigh: {
    fires: [
      fires(
        {
          [of1("nats_jetstream_account_storage_used_bytes", 'account="APP"')]: "95x60",
          [of1("nats_jetstream_account_storage_limit_bytes", 'account="APP"')]: "100x60",
        },
        "20m",
        { account: "APP", ...C1 },
        "Account APP uses 95% of its JetStream storage",
      ),
    ],
    silent: [
      silent(
        "no limit",
        { [of1("nats_jetstream_account_storage_used_bytes", 'account="APP"')]: "9e12x60" },
        "20m",
      ),
    ],
  },
  NatsJetStreamDisabled: {
    fires: [
      fires(
        { [of1("nats_jetstream_enabled")]: "1x10 0x20" },
        "15m",
        n1,
        "JetStream on NATS server n1 is disabled, and was enabled within the last day",
      ),
    ],
    silent: [silent("a server that never had it", { [of1("nats_jetstream_enabled")]: "0x30" }, "15m")],
  },
  NatsJetStreamApiErrors: {
    fires: [
      fires(
        {
          [of1("nats_jetstream_api_requests_total")]: "0+120x90",
          [of1("nats_jetstream_api_errors_total")]: "0+60x90",
        },
        "45m",
        n1,
        "50% of the JetStream API requests to NATS server n1 fail",
      ),
    ],
    silent: [
      silent(
        "a high error ratio of very few requests",
        {
          [of1("nats_jetstream_api_requests_total")]: "0+2x90",
          [of1("nats_jetstream_api_errors_total")]: "0+2x90",
        },
        "45m",
      ),
    ],
  },
  NatsTooManyReplicatedAssets: {
    fires: [
      fires(
        { [of1("nats_jetstream_replicated_assets")]: "3000x90" },
        "80m",
        n1,
        "NATS server n1 is a member of 3000 raft groups",
      ),
    ],
    silent: [silent("500 raft groups", { [of1("nats_jetstream_replicated_assets")]: "500x90" }, "80m")],
  },
  NatsRaftLogFailed: {
    fires: [
      fires(
        {
          [of1("nats_raft_log_failed", 'account="SYS",group="a"')]: "1x9",
          [of1("nats_raft_log_failed", 'account="SYS",group="b"')]: "1x9",
          [of1("nats_raft_log_failed", 'account="SYS",group="c"')]: "0x9",
        },
        "5m",
        n1,
        "NATS server n1 could not write the log of 2 raft groups",
      ),
    ],
    silent: [
      silent("no failed log", { [of1("nats_raft_log_failed", 'account="SYS",group="c"')]: "0x9" }, "5m"),
    ],
  },
  NatsRaftNotApplying: {
    fires: [
      fires(
        { [of1("nats_raft_unapplied_entries", 'account="SYS",group="a"')]: "9000x40" },
        "20m",
        n1,
        "NATS server n1 has 9k raft entries that it has not applied",
      ),
    ],
    silent: [
      silent(
        "a burst",
        { [of1("nats_raft_unapplied_entries", 'account="SYS",group="a"')]: "0x9 9000x5 0x20" },
        "16m",
      ),
    ],
  },
  NatsStreamLeaderless: {
    fires: [
      fires(
        eachOf("nats_stream_leaderless", STREAM, ["1x9"]),
        "5m",
        stream,
        "Stream APP/ORDERS has no leader",
      ),
    ],
    silent: [
      silent("a follower that is cut off", eachOf("nats_stream_leaderless", STREAM, ["0x9", "1x9"]), "5m"),
      silent("an election", eachOf("nats_stream_leaderless", STREAM, ["0 0 1 0x9", "0 0 1 0x9"]), "3m"),
    ],
  },
  NatsReplicaLost: {
    fires: [
      fires(
        {
          [ofStream("nats_stream_replica_last_seen_seconds", 'peer="n3"')]: "0x2 40+60x20",
          'nats_stream_replica_offline{server="n2",account="APP",stream="EVENTS",peer="n3"}': "1x20",
          [ofStream("nats_stream_replica_last_seen_seconds", 'peer="n2"')]: "1x20",
        },
        "12m",
        { ...C1, peer: "n3" },
        "2 streams of cluster C1 have lost their replica on n3",
      ),
    ],
    silent: [
      silent(
        "a restart",
        { [ofStream("nats_stream_replica_last_seen_seconds", 'peer="n3"')]: "0x2 40 100 0x20" },
        "8m",
      ),
      silent(
        "a removed peer",
        { [ofStream("nats_stream_replica_offline", 'peer="n3"')]: "1x3 stale" },
        "12m",
      ),
    ],
  },
  NatsReplicaLagging: {
    fires: [
      fires(
        {
          [ofStream("nats_stream_replica_lag", 'peer="n3"')]: "5000x60",
          [ofStream("nats_stream_replica_last_seen_seconds", 'peer="n3"')]: "1x60",
        },
        "30m",
        { ...stream, peer: "n3" },
        "The replica of stream APP/ORDERS on n3 is 5k operations behind",
      ),
    ],
    silent: [
      silent(
        "a replica that is down (NatsReplicaLost)",
        {
          [ofStream("nats_stream_replica_lag", 'peer="n3"')]: "5000x60",
          [ofStream("nats_stream_replica_last_seen_seconds", 'peer="n3"')]: "100+60x60",
        },
        "30m",
      ),
      silent(
        "a replica that catches up",
        { [ofStream("nats_stream_replica_lag", 'peer="n3"')]: "9000-1000x9 0x40" },
        "12m",
      ),
    ],
  },
  NatsStreamNearLimit: {
    fires: [
      fires(
        {
          [ofStream("nats_stream_bytes")]: "95x60",
          [ofStream("nats_stream_size_limit_bytes")]: "100x60",
          [ofStream("nats_stream_info", 'discard="new",retention="limits"')]: "1x60",
        },
        "30m",
        stream,
        "Stream APP/ORDERS has reached 95% of its limit",
      ),
      fires(
        {
          [ofStream("nats_stream_messages")]: "96x60",
          [ofStream("nats_stream_messages_limit")]: "100x60",
          [ofStream("nats_stream_info", 'discard="old",retention="workqueue"')]: "1x60",
        },
        "30m",
        stream,
        "Stream APP/ORDERS has reached 96% of its limit",
      ),
    ],
    silent: [
      silent(
        "a stream that discards old messages and is always full",
        {
          [ofStream("nats_stream_bytes")]: "100x60",
          [ofStream("nats_stream_size_limit_bytes")]: "100x60",
          [ofStream("nats_stream_info", 'discard="old",retention="limits"')]: "1x60",
        },
        "30m",
      ),
      silent(
        "alerts disabled in the metadata",
        {
          [ofStream("nats_stream_bytes")]: "95x60",
          [ofStream("nats_stream_size_limit_bytes")]: "100x60",
          [ofStream("nats_stream_info", 'discard="new",retention="limits"')]: "1x60",
          ...disabled("stream"),
        },
        "30m",
      ),
    ],
  },
  NatsStreamMessagesLost: {
    fires: [
      fires(
        { [ofStream("nats_stream_lost_messages")]: "3x9" },
        "5m",
        stream,
        "3 messages of stream APP/ORDERS are missing or damaged on its leader",
      ),
    ],
    silent: [silent("no lost message", { [ofStream("nats_stream_lost_messages")]: "0x9" }, "5m")],
  },
  NatsStreamOriginFailed: {
    fires: [
      fires(
        { [ofStream("nats_stream_origin_failed", ORIGIN)]: "1x20" },
        "10m",
        origin,
        "Stream APP/ORDERS gets no messages from its mirror SOURCE",
      ),
      fires(
        { [ofStream("nats_stream_origin_idle_seconds", ORIGIN)]: "400+60x20" },
        "10m",
        origin,
        "Stream APP/ORDERS gets no messages from its mirror SOURCE",
      ),
    ],
    silent: [
      silent(
        "an idle origin",
        {
          [ofStream("nats_stream_origin_failed", ORIGIN)]: "0x20",
          [ofStream("nats_stream_origin_idle_seconds", ORIGIN)]: "9x20",
        },
        "10m",
      ),
    ],
  },
  NatsStreamOriginLagGrowing: {
    fires: [
      fires(
        { [ofStream("nats_stream_origin_lag", ORIGIN)]: staircase(1000, 30) },
        "51m",
        origin,
        "Stream APP/ORDERS is 12k messages behind its mirror SOURCE and falls further behind",
      ),
    ],
    silent: [
      silent(
        "a new mirror that catches up",
        { [ofStream("nats_stream_origin_lag", ORIGIN)]: "1e6-10000x60" },
        "51m",
      ),
    ],
  },
  NatsStreamThresholdCrossed: {
    fires: [
      fires(
        { [ofStream("nats_stream_messages")]: "5x60", ...threshold("stream", "msgs-warn", 10) },
        "10m",
        { ...stream, threshold: "msgs-warn", severity: "warning" },
        "Stream APP/ORDERS crossed its threshold msgs-warn: 5",
      ),
      fires(
        {
          [ofStream("nats_stream_replica_lag", 'peer="n2"')]: "60x60",
          [ofStream("nats_stream_replica_lag", 'peer="n3"')]: "1x60",
          ...threshold("stream", "peer-lag-critical", 50),
        },
        "10m",
        { ...stream, threshold: "peer-lag-critical", severity: "critical" },
        "Stream APP/ORDERS crossed its threshold peer-lag-critical: 60",
      ),
      fires(
        {
          [ofStream("nats_stream_replica_current", 'peer="n2"')]: "1x60",
          ...threshold("stream", "peer-expect", 3),
        },
        "10m",
        { ...stream, threshold: "peer-expect", severity: "critical" },
        "Stream APP/ORDERS crossed its threshold peer-expect: 2",
      ),
      fires(
        {
          [ofStream("nats_stream_subjects")]: "150x60",
          ...threshold("stream", "subjects-warn", 100),
          ...threshold("stream", "subjects-critical", 200),
        },
        "10m",
        { ...stream, threshold: "subjects-warn", severity: "warning" },
        "Stream APP/ORDERS crossed its threshold subjects-warn: 150",
      ),
      fires(
        {
          [ofStream("nats_stream_subjects")]: "150x60",
          ...threshold("stream", "subjects-warn", 200),
          ...threshold("stream", "subjects-critical", 100),
        },
        "10m",
        { ...stream, threshold: "subjects-warn", severity: "warning" },
        "Stream APP/ORDERS crossed its threshold subjects-warn: 150",
      ),
      fires(
        {
          [ofStream("nats_stream_origin_lag", 'role="source",origin="A"')]: "0x60",
          ...threshold("stream", "min-sources", 2),
        },
        "10m",
        { ...stream, threshold: "min-sources", severity: "critical" },
        "Stream APP/ORDERS crossed its threshold min-sources: 1",
      ),
    ],
    silent: [
      silent(
        "a threshold of 0, which means not set",
        { [ofStream("nats_stream_messages")]: "0x60", ...threshold("stream", "msgs-warn", 0) },
        "10m",
      ),
      silent(
        "a value within both thresholds",
        {
          [ofStream("nats_stream_subjects")]: "50x60",
          ...threshold("stream", "subjects-warn", 100),
          ...threshold("stream", "subjects-critical", 200),
        },
        "10m",
      ),
      silent(
        "thresholds disabled in the metadata",
        {
          [ofStream("nats_stream_messages")]: "5x60",
          ...threshold("stream", "msgs-warn", 10),
          ...disabled("stream"),
        },
        "10m",
      ),
    ],
  },
  NatsConsumerLeaderless: {
    fires: [
      fires(
        eachOf("nats_consumer_leaderless", CONSUMER, ["1x9", "1x9"]),
        "5m",
        consumer,
        "Consumer APP/ORDERS/billing has no leader",
      ),
    ],
    silent: [
      silent(
        "a follower that is cut off",
        eachOf("nats_consumer_leaderless", CONSUMER, ["0x9", "1x9"]),
        "5m",
      ),
    ],
  },
  NatsConsumerStalled: {
    fires: [
      fires(
        idle("100x60"),
        "20m",
        consumer,
        "Consumer APP/ORDERS/billing is stalled: 5 messages pending, none delivered for 10 minutes",
      ),
      // The alert keeps firing across a leader change.
      fires(
        {
          'nats_consumer_pending{server="n1",account="APP",stream="ORDERS",consumer="billing"}': "5x15 stale",
          'nats_consumer_pending{server="n2",account="APP",stream="ORDERS",consumer="billing"}': "_x15 5x30",
          'nats_consumer_deliveries_total{server="n1",account="APP",stream="ORDERS",consumer="billing"}':
            "100x15 stale",
          'nats_consumer_deliveries_total{server="n2",account="APP",stream="ORDERS",consumer="billing"}':
            "_x15 100x30",
        },
        "20m",
        consumer,
        "Consumer APP/ORDERS/billing is stalled: 5 messages pending, none delivered for 10 minutes",
      ),
    ],
    silent: [
      silent("slow deliveries", idle("100+1x60"), "20m"),
      silent("no pending message", idle("100x60", "0x60"), "20m"),
      silent("a new consumer whose workers are starting", idle("0x60"), "8m"),
      silent(
        "a natscope that has just started",
        {
          [ofConsumer("nats_consumer_pending")]: "_x20 5x9",
          [ofConsumer("nats_consumer_deliveries_total")]: "_x20 9x9",
        },
        "28m",
      ),
      silent("a paused consumer", { ...idle("100x60"), [ofConsumer("nats_consumer_paused")]: "1x60" }, "20m"),
      silent("alerts disabled in the metadata", { ...idle("100x60"), ...disabled("consumer") }, "20m"),
      silent(
        "missing acknowledgements (NatsConsumerAcksMissing)",
        { ...idle("100x60"), [ofConsumer("nats_consumer_ack_pending_ratio")]: "1x60" },
        "20m",
      ),
    ],
  },
  NatsConsumerAcksMissing: {
    fires: [
      fires(
        { ...idle("100x60"), [ofConsumer("nats_consumer_ack_pending_ratio")]: "1x60" },
        "20m",
        consumer,
        "Consumer APP/ORDERS/billing is blocked: 100% of max_ack_pending is used and nothing is acknowledged",
      ),
    ],
    silent: [
      silent(
        "max_ack_pending of 1 with deliveries",
        { ...idle("100+2x60"), [ofConsumer("nats_consumer_ack_pending_ratio")]: "1x60" },
        "20m",
      ),
    ],
  },
  NatsConsumerLagGrowing: {
    fires: [
      fires(
        { [ofConsumer("nats_consumer_pending")]: staircase(1000, 30) },
        "51m",
        consumer,
        "Consumer APP/ORDERS/billing is 12k messages behind and falls further behind",
      ),
    ],
    silent: [
      silent("a shrinking large lag", { [ofConsumer("nats_consumer_pending")]: "1e6-10000x60" }, "51m"),
      silent("a constant large lag", { [ofConsumer("nats_consumer_pending")]: "1e6x60" }, "51m"),
      silent(
        "batches that are processed",
        { [ofConsumer("nats_consumer_pending")]: "0+2000x9 0+2000x9 0+2000x9 0+2000x9 0+2000x9 0+2000x9" },
        "51m",
      ),
      silent(
        "alerts disabled in the metadata",
        { [ofConsumer("nats_consumer_pending")]: staircase(1000, 30), ...disabled("consumer") },
        "51m",
      ),
    ],
  },
  NatsConsumerRedelivering: {
    fires: [
      fires(
        {
          [ofConsumer("nats_consumer_redelivered")]: "80x60",
          [ofConsumer("nats_consumer_ack_pending")]: "100x60",
        },
        "30m",
        consumer,
        "Most unacknowledged messages of consumer APP/ORDERS/billing are redeliveries: 80 messages",
      ),
    ],
    silent: [
      silent(
        "a few redeliveries among many messages",
        {
          [ofConsumer("nats_consumer_redelivered")]: "80x60",
          [ofConsumer("nats_consumer_ack_pending")]: "1000x60",
        },
        "30m",
      ),
    ],
  },
  NatsConsumerThresholdCrossed: {
    fires: [
      fires(
        {
          [ofConsumer("nats_consumer_pending")]: "1500x60",
          ...threshold("consumer", "unprocessed-critical", 1000),
        },
        "10m",
        { ...consumer, threshold: "unprocessed-critical", severity: "critical" },
        "Consumer APP/ORDERS/billing crossed its threshold unprocessed-critical: 1.5k",
      ),
      fires(
        { [ofConsumer("nats_consumer_pinned", 'group="a"')]: "0x60", ...threshold("consumer", "pinned", 1) },
        "10m",
        { ...consumer, threshold: "pinned", severity: "critical" },
        "Consumer APP/ORDERS/billing crossed its threshold pinned: 1",
      ),
      fires(
        {
          [ofConsumer("nats_consumer_last_ack_timestamp_seconds")]: "0x60",
          ...threshold("consumer", "last-ack-critical", 60),
        },
        "10m",
        { ...consumer, threshold: "last-ack-critical", severity: "critical" },
        "Consumer APP/ORDERS/billing crossed its threshold last-ack-critical: 600",
      ),
    ],
    silent: [
      silent(
        "a value below the threshold",
        {
          [ofConsumer("nats_consumer_pending")]: "999x60",
          ...threshold("consumer", "unprocessed-critical", 1000),
        },
        "10m",
      ),
      silent(
        "a pinned client",
        { [ofConsumer("nats_consumer_pinned", 'group="a"')]: "1x60", ...threshold("consumer", "pinned", 1) },
        "10m",
      ),
      silent(
        "alerts disabled in the metadata",
        {
          [ofConsumer("nats_consumer_pending")]: "1500x60",
          ...threshold("consumer", "unprocessed-critical", 1000),
          ...disabled("consumer"),
        },
        "10m",
      ),
    ],
  },
};
