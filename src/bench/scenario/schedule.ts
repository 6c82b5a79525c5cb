/**
 * When each operation is meant to happen. An intended time is a function of the operation's index alone: it is
 * computed, never added up, and nothing that happens during the run changes it. What is overdue is sent at
 * once; its intended time stays what it was, and the wait is part of its response time.
 *
 * (Tene, "How NOT to Measure Latency"; Schroeder et al., "Open Versus Closed: A Cautionary Tale", NSDI 2006.)
 */
import { type Nanos, SECOND } from "../../time/clock.ts";
import { randomOf } from "./random.ts";

/** Intended times of operations 0, 1, 2 ..., and the inverse. */
export interface Schedule {
  /** When operation `n` is meant to be sent, since the run's zero; Infinity if it never is. */
  intended(n: number): Nanos;
  /** How many operations are meant to have been sent at this time: of `intended` the exact inverse. */
  due(elapsed: Nanos): number;
}

/** A rate that goes from one value to another in a time, evenly; the same value twice is a constant rate. */
export interface Stage {
  /** Operations per second, 0 or more. */
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
}

/** How operations come within a rate. */
export type Arrival = "uniform" | "poisson";

/**
 * Operations at the rates of these stages, one after the other, from the run's zero.
 * @param seed for `poisson`, whose gaps are exponential and repeat with the seed
 */
export function scheduleOf(stages: readonly Stage[], arrival: Arrival, seed: number): Schedule {
  const curve = new RateCurve(stages);
  return arrival === "poisson" ? new PoissonSchedule(curve, seed) : new UniformSchedule(curve);
}

/** The operations of one client: every `count`-th of a schedule, from its own first. */
export function shareOf(schedule: Schedule, first: number, count: number): Schedule {
  return {
    intended: (n) => schedule.intended(first + n * count),
    due: (elapsed) => Math.max(0, Math.ceil((schedule.due(elapsed) - first) / count)),
  };
}

/** How many operations the rates make up, and when. */
class RateCurve {
  readonly #parts: readonly Part[];
  /** Of all stages; operations beyond are never sent. */
  readonly total: number;
  readonly end: Nanos;

  constructor(stages: readonly Stage[]) {
    let time = 0;
    let operations = 0;
    // A stage without length is a step: nothing happens in it.
    this.#parts = stages
      .filter(({ seconds }) => seconds > 0)
      .map(({ from, to, seconds }) => {
        const part = { time, operations, from, more: to - from, seconds };
        time += seconds;
        if (from + to > 0) operations = whole(operations + ((from + to) / 2) * seconds);
        return part;
      });
    this.total = operations;
    this.end = time * SECOND;
  }

  /** Operations until a time: the rate's integral. */
  operationsAt(elapsed: Nanos): number {
    const seconds = Math.min(elapsed, Number.MAX_VALUE) / SECOND;
    const part = this.#parts.findLast(({ time }) => time <= seconds);
    if (!part) return 0;
    const within = Math.min(seconds - part.time, part.seconds);
    return part.operations + within * (part.from + (part.more / 2) * (within / part.seconds));
  }

  /** When there have been so many operations: its inverse. Infinity if there never are. */
  timeOf(operations: number): Nanos {
    if (operations >= this.total) return Number.POSITIVE_INFINITY;
    const part = this.#parts.findLast((one) => one.operations <= operations);
    if (!part) return 0;
    return (part.time + timeWithin(part, operations - part.operations)) * SECOND;
  }
}

/** Seconds from the beginning of a part until there have been so many operations in it. */
function timeWithin({ from, more, seconds }: Part, operations: number): number {
  if (operations === 0) return 0;
  if (more === 0) return operations / from;
  // Of x = time / seconds: from * x + more / 2 * x^2 = mean, in the form that loses no digits when more is little.
  const mean = operations / seconds;
  return (2 * operations) / (from + Math.sqrt(Math.max(0, from * from + 2 * more * mean)));
}

/** A sum that was meant to be a whole number, without its rounding: else an operation is put before a pause. */
function whole(operations: number): number {
  const near = Math.round(operations);
  return Math.abs(operations - near) <= Math.max(1e-9, 1e-14 * near) ? near : operations;
}

interface Part {
  /** Seconds and operations before it. */
  readonly time: number;
  readonly operations: number;
  /** The rate at its beginning, and how much more it is at its end. */
  readonly from: number;
  readonly more: number;
  readonly seconds: number;
}

class UniformSchedule implements Schedule {
  readonly #curve: RateCurve;

  constructor(curve: RateCurve) {
    this.#curve = curve;
  }

  intended(n: number): Nanos {
    return this.#curve.timeOf(n);
  }

  due(elapsed: Nanos): number {
    if (elapsed < 0) return 0;
    const { total } = this.#curve;
    // The first operation is due at zero, and the one at `total` never.
    const guess = Math.min(Math.floor(this.#curve.operationsAt(elapsed)) + 1, Math.ceil(total));
    return settle(this, guess, elapsed);
  }
}

/** Roundings apart, `due` has to be the exact inverse of `intended`: an operation is sent once, and not early. */
function settle(schedule: Schedule, guess: number, elapsed: Nanos): number {
  // What is never sent is not due at the end of all time either.
  const until = Math.min(elapsed, Number.MAX_VALUE);
  let due = guess;
  while (due > 0 && schedule.intended(due - 1) > until) due--;
  while (schedule.intended(due) <= until) due++;
  return due;
}

/** Positions are remembered for the first of each block; within a block they are made again from its seed. */
const BLOCK = 256;
/** So many blocks are kept: the clients of a schedule ask for operations that lie a few blocks apart. */
const KEPT = 16;

/** Gaps are exponential in operations, so that a ramp's rate scales them. */
class PoissonSchedule implements Schedule {
  readonly #curve: RateCurve;
  readonly #seed: number;
  /** Position, in mean gaps, at which each block begins. */
  readonly #starts: number[] = [0];
  readonly #kept = Array.from({ length: KEPT }, () => new Float64Array(BLOCK));
  /** Which block each of those is. */
  readonly #blocks = new Float64Array(KEPT).fill(-1);

  constructor(curve: RateCurve, seed: number) {
    this.#curve = curve;
    this.#seed = seed;
  }

  intended(n: number): Nanos {
    const block = Math.floor(n / BLOCK);
    while (this.#starts.length <= block) this.#positions(this.#starts.length - 1);
    return this.#curve.timeOf(this.#positions(block)[n % BLOCK] as number);
  }

  due(elapsed: Nanos): number {
    if (elapsed < 0) return 0;
    const reached = this.#curve.operationsAt(Math.min(elapsed, this.#curve.end));
    while ((this.#starts.at(-1) as number) <= reached) this.#positions(this.#starts.length - 1);
    // From the end: what is due now is in the newest block or the one before.
    const block = this.#starts.findLastIndex((start) => start <= reached);
    const positions = this.#positions(block);
    let within = 0;
    while (within < BLOCK && (positions[within] as number) <= reached) within++;
    return settle(this, block * BLOCK + within, elapsed);
  }

  /** Of a block whose start is known. */
  #positions(block: number): Float64Array {
    const positions = this.#kept[block % KEPT] as Float64Array;
    if (this.#blocks[block % KEPT] === block) return positions;
    const random = randomOf(this.#seed ^ Math.imul(block + 1, 0x9e3779b1));
    let position = this.#starts[block] as number;
    for (let i = 0; i < BLOCK; i++) {
      position -= Math.log(1 - random());
      positions[i] = position;
    }
    this.#blocks[block % KEPT] = block;
    if (this.#starts.length === block + 1) this.#starts.push(position);
    return positions;
  }
}
