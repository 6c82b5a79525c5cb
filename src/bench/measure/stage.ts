/**
 * What is timed. Response, service and delay are always three histograms, and always all shown: any one of
 * them alone can be made to look good.
 */

/** A stretch of an operation's life. */
export interface Stage {
  /** One sentence for the report. */
  readonly help: string;
}

/** All of them; which ones a workload has is said with the workload. */
export const STAGES = {
  response: { help: "from the intended time to the end: what a user waits" },
  service: { help: "from the time it was sent to the end: what the system needs" },
  delay: { help: "from the intended time to the time it was sent: how late the generator was" },
  acknowledged: { help: "from the time it was sent to the stream's acknowledgement" },
  stored: { help: "from the time it was sent to the stream's time stamp, by the clocks of both" },
  delivered: { help: "from the time it was sent to its delivery to a consumer" },
  settled: { help: "from its delivery to the server's confirmation of its ack" },
} as const satisfies Record<string, Stage>;

/** Names a stage. */
export type StageName = keyof typeof STAGES;

/** In the order of the table. */
export const STAGE_NAMES = Object.keys(STAGES) as readonly StageName[];

/** Before the window, in it, or after it: by an operation's intended time, never by when it ended. */
export const PHASES = ["warmup", "window"] as const;

/** Names a phase. */
export type Phase = (typeof PHASES)[number];
