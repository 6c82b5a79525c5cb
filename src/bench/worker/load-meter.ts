/** How busy a thread is during the window: a warm-up compiles code, and a drain only waits. */
import { PerformanceObserver, performance } from "node:perf_hooks";
import { MILLISECOND, type Nanos } from "../../time/clock.ts";
import type { ThreadLoad } from "./protocol.ts";

/** Measures the event loop and the garbage collector of its thread, from its construction. */
export class LoadMeter {
  #since = performance.now();
  #utilization = performance.eventLoopUtilization();
  readonly #observer: PerformanceObserver;
  #gcMs = 0;
  #longestGcMs = 0;
  #idleMs = 0;

  constructor() {
    this.#observer = new PerformanceObserver((list) => this.#add(list.getEntries()));
    this.#observer.observe({ entryTypes: ["gc"] });
  }

  /** Starts again from zero. */
  reset(): void {
    this.#observer.takeRecords();
    this.#since = performance.now();
    this.#utilization = performance.eventLoopUtilization();
    this.#gcMs = 0;
    this.#longestGcMs = 0;
    this.#idleMs = 0;
  }

  /** Time in which the event loop turned without work: to the event loop it looks busy. */
  idled(time: Nanos): void {
    this.#idleMs += time / MILLISECOND;
  }

  end(): ThreadLoad {
    this.#add(this.#observer.takeRecords());
    this.#observer.disconnect();
    const { active, idle } = performance.eventLoopUtilization(this.#utilization);
    return {
      eventLoopUtilization: active > 0 ? Math.max(0, active - this.#idleMs) / (active + idle) : 0,
      gcMs: this.#gcMs,
      longestGcMs: this.#longestGcMs,
      ranMs: performance.now() - this.#since,
    };
  }

  #add(entries: readonly { readonly duration: number }[]): void {
    for (const { duration } of entries) {
      this.#gcMs += duration;
      this.#longestGcMs = Math.max(this.#longestGcMs, duration);
    }
  }
}
