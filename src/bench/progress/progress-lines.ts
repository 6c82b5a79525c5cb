/** Progress of a benchmark as lines, one for each running scenario. Pure: state and width in, text out. */

import { count, duration } from "../../text/quantity.ts";
import { visible } from "../../text/visible.ts";
import { SECOND } from "../../time/clock.ts";
import { percentileOf } from "../measure/hdr.ts";
import { achievedRate, endedIn } from "../result/figures.ts";
import { trustIn } from "../result/statistics/enough-samples.ts";
import type { LiveScenario } from "./live-scenario.ts";

/** State of a scenario. */
export type ProgressPhase = "calibrating" | "preparing" | "warming up" | "measuring" | "draining";

/** A running scenario. */
export interface ScenarioUnderWay {
  readonly live: LiveScenario;
  readonly phase: ProgressPhase;
}

/** Columns and rows of a terminal. */
interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** A longer name would leave no room for the state. */
const MAX_NAME = 30;
/** Width of "warming up" and "calibrating". */
const PHASE_WIDTH = 11;
const GAP = "  ";

/**
 * Returns lines that are narrower than the screen, so that none wraps, and fewer than its rows, so that all of them can
 * be erased.
 */
export function progressLines(
  all: readonly ScenarioUnderWay[],
  { columns, rows }: ScreenSize,
): readonly string[] {
  const room = Math.max(1, rows - 1);
  const shown = all.length > room ? all.slice(0, room - 1) : all;
  const names = shown.map(({ live }) => cut(visible(live.scenario.name), MAX_NAME));
  const width = Math.max(0, ...names.map(cellsOf));
  const lines = shown.map((one, i) => {
    const name = names[i] as string;
    return [name + " ".repeat(width - cellsOf(name)), one.phase.padEnd(PHASE_WIDTH), ...partsOf(one)].join(
      GAP,
    );
  });
  if (shown.length < all.length) lines.push(`and ${all.length - shown.length} more`);
  return lines.map((line) => cut(line.trimEnd(), columns - 1));
}

function partsOf({ live, phase }: ScenarioUnderWay): readonly string[] {
  if (!live.isRunning || phase === "preparing" || phase === "calibrating") return [];
  const { counters, lastSecond } = live;
  const failures = [
    `${count(counters.failed)} failed`,
    ...(counters.errors > 0 ? [`${count(counters.errors)} error${counters.errors === 1 ? "" : "s"}`] : []),
  ];
  return [
    timesOf(live, phase),
    ...(lastSecond
      ? [`${count(achievedRate(endedIn([lastSecond], live.scenario), lastSecond.length))}/s`]
      : []),
    ...latencyOf(live),
    failures.join(", "),
  ];
}

/** Estimated from the messages so far if the number of messages decides the end. */
function timesOf({ elapsed, progress, scenario }: LiveScenario, phase: ProgressPhase): string {
  const passed = elapsed / SECOND;
  if (phase === "draining" || progress === undefined || progress <= 0) return clock(passed);
  const left = (passed * (1 - progress)) / progress;
  return `${clock(passed)}, ${scenario.amount.messages === undefined ? "" : "~"}${clock(left)} left`;
}

/** The highest percentile up to p99 for which the last second has enough samples. */
function latencyOf({ lastSecond, scenario }: LiveScenario): readonly string[] {
  const stage = scenario.load.kind === "open" ? "response" : "service";
  const histogram = lastSecond?.stages.get(stage);
  if (!histogram) return [];
  const samples = histogram.count;
  const share = [0.99, 0.9, 0.5].find((one) => trustIn(one, samples) !== "refused");
  if (share === undefined) return [];
  return [`${stage} p${share * 100} ${duration(percentileOf(histogram, share))}`];
}

/** `0:07`, `1:02:03`. */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (value: number) => `${value}`.padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/**
 * Maximum number of cells that a text takes: terminals differ for characters outside of ASCII, up to two
 * cells each.
 */
function cellsOf(text: string): number {
  return [...text].reduce((sum, one) => sum + (one <= "~" ? 1 : 2), 0);
}

function cut(text: string, cells: number): string {
  let rest = cells;
  let kept = "";
  for (const one of text) {
    rest -= cellsOf(one);
    if (rest < 0) break;
    kept += one;
  }
  return kept;
}
