/** State of one scenario during its run, from the events of the run. */

import { type Clock, type Nanos, SECOND } from "../../time/clock.ts";
import { COUNTERS, type CounterName } from "../measure/recorder.ts";
import type { StageName } from "../measure/stage.ts";
import { EVENT_KINDS, type RunEvent } from "../result/schema.ts";
import type { RecordedSecond } from "../runner/timeline.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { deliveryOf, workloadOf } from "../workloads/workloads.ts";
import { StageTotals } from "./stage-totals.ts";

/** Leaders are reported only after the run. */
const HEARD_KINDS = EVENT_KINDS.filter((kind) => kind !== "leader");

/** A second of the run and its true length: longer than 1 s if the main thread was late. */
interface LastSecond extends RecordedSecond {
  /** Seconds. */
  readonly length: number;
}

/** State of a running scenario. */
export class LiveScenario {
  readonly scenario: Scenario;
  readonly counters = Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Record<CounterName, number>;
  /** Undefined in a closed loop. */
  offered: number | undefined;
  readonly stages = new Map<StageName, StageTotals>();
  readonly events = new Map<RunEvent["kind"], number>(HEARD_KINDS.map((kind) => [kind, 0]));
  /** The last full second, while the scenario runs. */
  lastSecond: LastSecond | undefined;
  isRunning = false;
  /** Nanoseconds since the start of the run, as of the last second. */
  elapsed: Nanos = 0;
  #clock: Clock | undefined;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.offered = scenario.load.kind === "open" ? 0 : undefined;
    for (const stage of workloadOf(scenario.workload).stages) this.stages.set(stage, new StageTotals());
  }

  began(clock: Clock): void {
    this.#clock = clock;
    this.isRunning = true;
  }

  second(recorded: RecordedSecond): void {
    const { second, counters, offered, stages } = recorded;
    for (const name of COUNTERS) this.counters[name] += counters[name];
    if (offered !== undefined) this.offered = (this.offered ?? 0) + offered;
    for (const [stage, histogram] of stages) this.stages.get(stage)?.add(histogram);
    const now = this.#clock?.now() ?? 0;
    // The last second is incomplete and would not be comparable.
    if (now >= (second + 1) * SECOND) {
      this.lastSecond = { ...recorded, length: (now - this.elapsed) / SECOND };
    }
    this.elapsed = now;
  }

  event(kind: RunEvent["kind"]): void {
    this.events.set(kind, (this.events.get(kind) ?? 0) + 1);
  }

  done(): void {
    this.isRunning = false;
    this.lastSecond = undefined;
  }

  /** From 0 to 1, as of the last second; undefined if the scenario has no planned end. */
  get progress(): number | undefined {
    const { amount, warmupSeconds } = this.scenario;
    const shares: number[] = [];
    if (amount.seconds !== undefined) {
      shares.push(this.elapsed / ((warmupSeconds + amount.seconds) * SECOND));
    }
    if (amount.messages !== undefined) shares.push(this.#handled / (amount.messages * this.#copies));
    return shares.length > 0 ? Math.min(1, Math.max(...shares)) : undefined;
  }

  get #handled(): number {
    return workloadOf(this.scenario.workload).sends ? this.counters.sent : this.counters.received;
  }

  /**
   * Number of deliveries of each message: a scenario that only receives gets all messages, unless they are
   * shared.
   */
  get #copies(): number {
    const { sends } = workloadOf(this.scenario.workload);
    return !sends && deliveryOf(this.scenario) === "everyone" ? this.scenario.clients : 1;
  }
}
