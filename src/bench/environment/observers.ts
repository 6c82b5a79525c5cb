/**
 * Everything that is watched around a run, none of which disturbs it: the machine's jitter, an idle connection,
 * processor time that others took, the servers' own counters. Made once for all scenarios; what a scenario is
 * told is the difference of two looks.
 */
import type { Reach } from "../driver/driver.ts";
import { encode } from "../measure/encoding.ts";
import type { Histogram } from "../measure/histogram.ts";
import type { Interference } from "../result/schema.ts";
import { Hiccups } from "./hiccups.ts";
import { Monitor, type Monitored } from "./monitor.ts";
import { monitorsOf } from "./monitor-search.ts";
import { Probe, type ProbeReady } from "./probe.ts";
import { type ProcessorTime, processorTime, sharesBetween } from "./processor-time.ts";

/** What was so at a moment. */
export interface Look {
  readonly hiccups: Histogram;
  readonly probe: Histogram;
  readonly processorTime: ProcessorTime;
}

/** Of a stretch of time. */
export type Disturbance = Pick<Interference, "stealShare" | "throttledShare" | "hiccups" | "probe">;

/** See the file's comment. */
export class Observers {
  readonly #hiccups: Hiccups;
  readonly #probe: Probe;
  /** What the probe knows of its server, if it could connect. */
  readonly probe: ProbeReady | undefined;
  readonly monitor: Monitor;

  private constructor(hiccups: Hiccups, probe: Probe, ready: ProbeReady | undefined, monitor: Monitor) {
    this.#hiccups = hiccups;
    this.#probe = probe;
    this.probe = ready;
    this.monitor = monitor;
  }

  /**
   * Resolves when all watch. Never rejects: what cannot be watched is absent.
   * @param urls of monitoring ports; undefined: the usual one of the server, if it is that server's
   * @param signal ends the wait for a server that does not answer
   */
  static async begin(
    reach: Reach,
    urls: readonly string[] | undefined,
    streams: Monitored["streams"],
    signal: AbortSignal,
  ) {
    const hiccups = new Hiccups();
    const probe = new Probe(reach);
    const ready = await probe.ready(signal);
    const monitor = new Monitor({
      urls: urls ?? (await monitorsOf(ready?.server)),
      streams,
      tls: reach.options.tls,
    });
    await monitor.begin();
    return new Observers(hiccups, probe, ready, monitor);
  }

  look(): Look {
    return {
      hiccups: this.#hiccups.snapshot(),
      probe: this.#probe.snapshot(),
      processorTime: processorTime(),
    };
  }

  async stop(): Promise<void> {
    await Promise.all([this.#hiccups.stop(), this.#probe.stop(), this.monitor.stop()]);
  }
}

/** What was seen between two looks. */
export function disturbanceBetween(from: Look, until: Look): Disturbance {
  const hiccups = until.hiccups.since(from.hiccups);
  const probe = until.probe.since(from.probe);
  return {
    ...sharesBetween(from.processorTime, until.processorTime),
    ...(hiccups.count > 0 && { hiccups: encode(hiccups) }),
    ...(probe.count > 0 && { probe: encode(probe) }),
  };
}
