/**
 * Streams and consumers of a rig, by account, in the format of the JetStream API. Data only: `populate.ts` creates
 * them and brings each consumer into the state that its comment names.
 *
 * No value changes after `populate`: acknowledgement waits are far longer than a test.
 */
import { compareVersions } from "../../tools/nats-server/releases.ts";

export interface Asset {
  readonly stream: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly consumers: readonly Readonly<Record<string, unknown> & { name: string }>[];
}

const SECOND = 1_000_000_000;
const HOUR = 3600 * SECOND;
const explicit = { ack_policy: "explicit", ack_wait: HOUR } as const;

/** Number of messages published to each subject. */
export const PUBLISHED = {
  "orders.new": 100,
  "orders.old": 100,
  "work.a": 20,
  "interest.a": 20,
  "$KV.config.color": 5,
  "events.login": 30,
  "local.a": 5,
  "leafonly.a": 7,
} as const;

/**
 * Assets of account APP. `replicas` is 3 in a cluster, otherwise 1. Assets with one replica in a cluster are placed
 * on n1 by its tag, so that they are on the same server in every run.
 */
export function appAssets(version: string, replicas: 1 | 3): Asset[] {
  const metadata = compareVersions(version, "2.10.0") >= 0;
  const onN1 = replicas === 3 ? { placement: { tags: ["node:n1"] } } : {};
  return [
    {
      stream: "ORDERS",
      config: {
        subjects: ["orders.>"],
        num_replicas: replicas,
        max_bytes: 10 * 1024 * 1024,
        max_msgs: 100_000,
        description: "orders of the shop",
        ...(metadata && {
          metadata: {
            team: "checkout",
            "io.nats.monitor.enabled": "true",
            "io.nats.monitor.msgs-warn": "150",
            "io.nats.monitor.msgs-critical": "100000",
            "io.nats.monitor.peer-lag-critical": "50",
          },
        }),
      },
      consumers: [
        // Everything delivered and acknowledged.
        { name: "healthy", durable_name: "healthy", filter_subject: "orders.new", ...explicit },
        // Some delivered and not acknowledged, more waiting.
        {
          name: "slow",
          durable_name: "slow",
          ...explicit,
          ...(metadata && {
            metadata: {
              owner: "team-billing",
              "io.nats.monitor.enabled": "true",
              "io.nats.monitor.outstanding-ack-critical": "10",
              "io.nats.monitor.unprocessed-critical": "1000",
            },
          }),
        },
        // max_ack_pending reached: no further delivery.
        { name: "stuck", durable_name: "stuck", max_ack_pending: 10, ...explicit },
        // Some rejected once and delivered again.
        { name: "redelivered", durable_name: "redelivered", filter_subject: "orders.old", ...explicit },
        // Push, with a subscriber and without.
        { name: "pushed", durable_name: "pushed", ack_policy: "none", deliver_subject: "deliver.pushed" },
        { name: "unbound", durable_name: "unbound", ack_policy: "none", deliver_subject: "deliver.unbound" },
        // A pull waits for a message that never comes.
        { name: "parked", durable_name: "parked", filter_subject: "orders.never", ...explicit },
        // One replica of a stream with three.
        { name: "single", durable_name: "single", num_replicas: 1, ...explicit },
        // Ephemeral: no durable name, one replica, removed after inactivity.
        { name: "ephemeral1", inactive_threshold: HOUR, ...explicit },
        { name: "ephemeral2", inactive_threshold: HOUR, filter_subject: "orders.old", ...explicit },
        ...(compareVersions(version, "2.11.0") >= 0
          ? [{ name: "paused", durable_name: "paused", pause_until: inAnHour(), ...explicit }]
          : []),
        ...(compareVersions(version, "2.12.0") >= 0
          ? [
              {
                name: "pinned",
                durable_name: "pinned",
                priority_groups: ["A"],
                priority_policy: "pinned_client",
                priority_timeout: HOUR,
                ...explicit,
              },
            ]
          : []),
      ],
    },
    {
      stream: "WORK",
      config: {
        subjects: ["work.*"],
        num_replicas: 1,
        retention: "workqueue",
        storage: "memory",
        max_bytes: 1024 * 1024,
        ...onN1,
      },
      consumers: [{ name: "worker", durable_name: "worker", ...explicit }],
    },
    {
      stream: "INTEREST",
      config: { subjects: ["interest.>"], num_replicas: replicas, retention: "interest" },
      consumers: [{ name: "watcher", durable_name: "watcher", ack_policy: "all", ack_wait: HOUR }],
    },
    {
      stream: "KV_config",
      config: {
        subjects: ["$KV.config.>"],
        num_replicas: replicas,
        max_msgs_per_subject: 5,
        allow_rollup_hdrs: true,
        deny_delete: true,
        discard: "new",
        allow_direct: true,
      },
      consumers: [],
    },
    { stream: "MIRROR", config: { mirror: { name: "ORDERS" }, num_replicas: 1, ...onN1 }, consumers: [] },
    {
      stream: "AGGREGATE",
      config: {
        sources: [{ name: "ORDERS", filter_subject: "orders.new" }, { name: "KV_config" }],
        num_replicas: 1,
        ...onN1,
      },
      consumers: [{ name: "reader", durable_name: "reader", ...explicit }],
    },
    {
      stream: "LOCAL",
      config: { subjects: ["local.>"], num_replicas: 1, max_age: HOUR, ...onN1 },
      consumers: [{ name: "local", durable_name: "local", ...explicit }],
    },
  ];
}

/** Assets of account ANALYTICS; a consumer of account APP has the same name as one of these. */
export function analyticsAssets(replicas: 1 | 3): Asset[] {
  return [
    {
      stream: "EVENTS",
      config: { subjects: ["events.>"], num_replicas: replicas },
      consumers: [
        { name: "loader", durable_name: "loader", ...explicit },
        { name: "slow", durable_name: "slow", ...explicit },
      ],
    },
  ];
}

/** Assets of account APP in the leaf node's own domain. */
export const LEAF_ASSETS: readonly Asset[] = [
  {
    stream: "LEAFSTREAM",
    config: { subjects: ["leafonly.>"], num_replicas: 1 },
    consumers: [{ name: "leafreader", durable_name: "leafreader", ...explicit }],
  },
];

function inAnHour(): string {
  return new Date(Date.now() + 3600_000).toISOString();
}
