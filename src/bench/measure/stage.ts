/**
 * The stages of an operation that are timed. Response time, service time and send delay are always reported together:
 * each of them alone can be made to look good.
 */

/** All stages in the order of tables. Each workload lists those that it has. */
export const STAGES = {
  response: { help: "from the intended time to the end: how long a user waits" },
  service: { help: "from sending to the end: what the system needs" },
  delay: { help: "from the intended time to sending: how late the load generator was" },
  acknowledged: { help: "from sending to the stream's acknowledgement" },
  stored: { help: "from sending to the stream's time stamp, by the clocks of both machines" },
  delivered: { help: "from sending to delivery to a consumer" },
  settled: { help: "from delivery to the server's confirmation of the ack" },
} as const satisfies Record<string, { readonly help: string }>;

/** Names a stage. */
export type StageName = keyof typeof STAGES;

/** Names of all stages in the order of tables. */
export const STAGE_NAMES = Object.keys(STAGES) as readonly StageName[];

/** Phases of a run. An operation belongs to the phase of its intended time, not of its end. */
export const PHASES = ["warmup", "window"] as const;

/** Names a phase. */
export type Phase = (typeof PHASES)[number];
