/**
 * Measurements around a run that do not disturb it: the machine's jitter, an idle connection, processor time that other
 * machines took, and the servers' counters. Created once for all scenarios; a scenario gets the difference between two
 * snapshots.
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

/** Values at one time. */
export interface Look {
  readonly hiccups: Histogram;
  readonly probe: Histogram;
  readonly processorTime: ProcessorTime;
}

/** Values of an interval. */
export type Disturbance = Pick<Interference, "stealShare" | "throttledShare" | "hiccups" | "probe">;

/** All measurements of a benchmark. */
export class Observers {
  readonly #hiccups: Hiccups;
  readonly #probe: Probe;
  /** Facts that the probe has about its server, if it could connect. */
  readonly probe: ProbeReady | undefined;
  readonly monitor: Monitor;

  private constructor(hiccups: Hiccups, probe: Probe, ready: ProbeReady | undefined, monitor: Monitor) {
    this.#hiccups = hiccups;
    this.#probe = probe;
    this.probe = ready;
    this.monitor = monitor;
  }

  /**
   * Starts all measurements. Never rejects: one that cannot start is absent.
   *
   * @param urls of monitoring ports; undefined: the default one, if it belongs to the server of the load
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

/** Returns the values between two snapshots. */
export function disturbanceBetween(from: Look, until: Look): Disturbance {
  const hiccups = until.hiccups.since(from.hiccups);
  const probe = until.probe.since(from.probe);
  return {
    ...sharesBetween(from.processorTime, until.processorTime),
    ...(hiccups.count > 0 && { hiccups: encode(hiccups) }),
    ...(probe.count > 0 && { probe: encode(probe) }),
  };
}
