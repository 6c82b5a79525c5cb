/**
 * Progress of a benchmark on a terminal, redrawn in place. It draws only on events of the run, at most once a second: it
 * has no timer and does no work while a second is measured.
 */

import { SECOND } from "../../time/clock.ts";
import type { ProgressReporter } from "../runner/progress-reporter.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { LiveScenario } from "./live-scenario.ts";
import { type ProgressPhase, progressLines, type ScenarioUnderWay } from "./progress-lines.ts";

/** The members of standard error that are used. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** Tolerance for events that come slightly early or late. */
const MIN_INTERVAL_MS = 900;
/** Size of a terminal that reports none, or 0. */
const USUAL = { columns: 80, rows: 24 };

const CARRIAGE_RETURN = "\r";
const CLEAR_TO_END = "\u001b[J";
const up = (rows: number) => (rows > 0 ? `\u001b[${rows}A` : "");

type Listener = Required<ProgressReporter>;

/**
 * Whether to draw progress: standard error must be a terminal.
 *
 * @param wanted `true` for `--progress`, `false` for `--no-progress`, undefined for neither
 */
export function isProgressShown(
  { isTTY = false }: Screen,
  { CI = "", TERM = "" }: Readonly<Record<string, string | undefined>>,
  wanted: boolean | undefined,
): boolean {
  const isAutomatic = CI !== "" && CI !== "false" && CI !== "0";
  return isTTY && TERM !== "dumb" && (wanted ?? !isAutomatic);
}

/** Draws and erases the lines of progress. */
export class Progress implements Listener {
  readonly #screen: Screen;
  readonly #now: () => number;
  readonly #all: ReadonlyMap<string, LiveScenario>;
  readonly #phases = new Map<LiveScenario, ProgressPhase>();
  #height = 0;
  #drawnAt = Number.NEGATIVE_INFINITY;

  /** @param now monotonic milliseconds */
  constructor(scenarios: readonly Scenario[], screen: Screen, now: () => number = () => performance.now()) {
    this.#screen = screen;
    this.#now = now;
    this.#all = new Map(scenarios.map((scenario) => [scenario.name, new LiveScenario(scenario)]));
  }

  readonly phase: Listener["phase"] = (phase, scenario) => {
    const live = this.#of(scenario);
    // Scenarios are calibrated one after the other before any is prepared, without an event at the end of
    // each.
    for (const [other, its] of this.#phases) if (its === "calibrating") this.#phases.delete(other);
    if (phase === "done") {
      live.done();
      this.#phases.delete(live);
    } else this.#phases.set(live, phase);
    this.#draw();
  };

  readonly began: Listener["began"] = (scenario, clock) => {
    const live = this.#of(scenario);
    live.began(clock);
    this.#phases.set(live, scenario.warmupSeconds > 0 ? "warming up" : "measuring");
  };

  readonly second: Listener["second"] = (scenario, second) => {
    const live = this.#of(scenario);
    live.second(second);
    const isWarm = live.elapsed >= scenario.warmupSeconds * SECOND;
    if (this.#phases.get(live) === "warming up" && isWarm) this.#phases.set(live, "measuring");
    this.#draw();
  };

  readonly event: Listener["event"] = () => {};

  /** Erases the lines. Call it before anything else is written; the next output starts in their place. */
  erase(): void {
    if (this.#height > 0) this.#screen.write(this.#toBegin() + CLEAR_TO_END);
    this.#height = 0;
  }

  #of({ name }: Scenario): LiveScenario {
    return this.#all.get(name) as LiveScenario;
  }

  #draw(): void {
    const now = this.#now();
    if (now - this.#drawnAt < MIN_INTERVAL_MS) return;
    this.#drawnAt = now;
    const columns = this.#screen.columns || USUAL.columns;
    const rows = this.#screen.rows || USUAL.rows;
    const underWay = [...this.#phases].map(([live, phase]): ScenarioUnderWay => ({ live, phase }));
    const lines = progressLines(underWay, { columns, rows });
    // Erase and draw in one write, because two writes flicker.
    this.#screen.write(this.#toBegin() + CLEAR_TO_END + lines.join("\n"));
    this.#height = lines.length;
  }

  #toBegin(): string {
    return CARRIAGE_RETURN + up(this.#height - 1);
  }
}
