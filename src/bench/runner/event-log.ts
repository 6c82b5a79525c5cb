/** The events of one run: connections lost and regained, failures. */
import type { RunEvent } from "../result/schema.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { ThreadOutcome } from "../worker/protocol.ts";
import type { ProgressReporter } from "./progress-reporter.ts";

/** Many clients that lose their connection every second cause more. */
const MAX_EVENTS = 10_000;

/** Keeps events and reports each of them. */
export class EventLog {
  readonly #scenario: Scenario;
  readonly #progress: ProgressReporter | undefined;
  readonly #events: RunEvent[] = [];
  #dropped = 0;

  constructor(scenario: Scenario, progress: ProgressReporter | undefined) {
    this.#scenario = scenario;
    this.#progress = progress;
  }

  add(event: RunEvent): void {
    if (this.#events.length < MAX_EVENTS) this.#events.push(event);
    else this.#dropped++;
    this.#progress?.event?.(this.#scenario, event);
  }

  /** Notes for the result. */
  get notes(): readonly string[] {
    return this.#dropped > 0 ? [`${this.#dropped} more events were not recorded`] : [];
  }

  /** The events; failures with the same sentence are one event, at the first time, with their number. */
  merged(outcomes: readonly ThreadOutcome[]): readonly RunEvent[] {
    const repeats = new Map<string, number>();
    const add = (what: string, times: number) => repeats.set(what, (repeats.get(what) ?? 0) + times);
    for (const { what, more } of outcomes.flatMap(({ repetitions }) => repetitions)) add(what, more);
    const seen = new Set<string>();
    const first = this.#events.filter(({ kind, what }) => {
      if (kind !== "failed") return true;
      if (seen.has(what)) add(what, 1);
      return !seen.has(what) && seen.add(what);
    });
    return first.map((event) => {
      const more = event.kind === "failed" ? repeats.get(event.what) : undefined;
      return more === undefined ? event : { ...event, times: more + 1 };
    });
  }
}
