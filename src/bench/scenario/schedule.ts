/**
 * The schedule of an open loop: when each operation is due. An intended time is a function of the operation's number
 * alone. It is computed, never accumulated, and nothing during the run changes it. An overdue operation is sent at once;
 * it keeps its intended time, and the wait is part of its response time.
 *
 * Sources: Tene, "How NOT to Measure Latency"; Schroeder et al., "Open Versus Closed: A Cautionary Tale", NSDI 2006.
 */
import { type Nanos, SECOND } from "../../time/clock.ts";
import { randomOf } from "./random.ts";

/** Intended times of the operations 0, 1, 2 …, and the inverse function. */
export interface Schedule {
  /** When operation `n` is due, since the run's zero. Infinity if it is never due. */
  intended(n: number): Nanos;
  /** Number of operations that are due at a time: the exact inverse of `intended`. */
  due(elapsed: Nanos): number;
}

/** A rate that changes linearly from one value to another; equal values are a constant rate. */
export interface Stage {
  /** Operations per second, 0 or more. */
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
}

/** How operations are distributed within a rate: evenly, or with exponential gaps. */
export type Arrival = "uniform" | "poisson";

/**
 * The schedule of consecutive stages from the run's zero.
 * @param seed of the gaps of `poisson`
 */
export function scheduleOf(stages: readonly Stage[], arrival: Arrival, seed: number): Schedule {
  const curve = new RateCurve(stages);
  return arrival === "poisson" ? new PoissonSchedule(curve, seed) : new UniformSchedule(curve);
}

/** The schedule of one client: every `count`-th operation, beginning with `first`. */
export function shareOf(schedule: Schedule, first: number, count: number): Schedule {
  return {
    intended: (n) => schedule.intended(first + n * count),
    due: (elapsed) => Math.max(0, Math.ceil((schedule.due(elapsed) - first) / count)),
  };
}

/** The integral of the rates over time. */
class RateCurve {
  readonly #parts: readonly Part[];
  /** Number of operations of all stages. */
  readonly total: number;
  readonly end: Nanos;

  constructor(stages: readonly Stage[]) {
    let time = 0;
    let operations = 0;
    // A stage without length is a step between rates, without operations.
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

  /** Number of operations until a time. */
  operationsAt(elapsed: Nanos): number {
    const seconds = Math.min(elapsed, Number.MAX_VALUE) / SECOND;
    const part = this.#parts.findLast(({ time }) => time <= seconds);
    if (!part) return 0;
    const within = Math.min(seconds - part.time, part.seconds);
    return part.operations + within * (part.from + (part.more / 2) * (within / part.seconds));
  }

  /** The inverse: when this number of operations is reached. Infinity if it is never reached. */
  timeOf(operations: number): Nanos {
    if (operations >= this.total) return Number.POSITIVE_INFINITY;
    const part = this.#parts.findLast((one) => one.operations <= operations);
    if (!part) return 0;
    return (part.time + timeWithin(part, operations - part.operations)) * SECOND;
  }
}

/** Seconds from the beginning of a part until it has this number of operations. */
function timeWithin({ from, more, seconds }: Part, operations: number): number {
  if (operations === 0) return 0;
  if (more === 0) return operations / from;
  // Solves from * x + more / 2 * x^2 = mean for x = time / seconds, in the form that is precise for small `more`.
  const mean = operations / seconds;
  return (2 * operations) / (from + Math.sqrt(Math.max(0, from * from + 2 * more * mean)));
}

/** Removes the rounding error of a sum that should be a whole number. It would add an operation before a pause. */
function whole(operations: number): number {
  const near = Math.round(operations);
  return Math.abs(operations - near) <= Math.max(1e-9, 1e-14 * near) ? near : operations;
}

interface Part {
  /** Seconds and operations before it. */
  readonly time: number;
  readonly operations: number;
  /** The rate at its beginning, and its increase until its end. */
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
    // The first operation is due at 0, and operation `total` never.
    const guess = Math.min(Math.floor(this.#curve.operationsAt(elapsed)) + 1, Math.ceil(total));
    return settle(this, guess, elapsed);
  }
}

/** Corrects rounding errors: `due` has to be the exact inverse, so that an operation is sent once and not early. */
function settle(schedule: Schedule, guess: number, elapsed: Nanos): number {
  // An operation that is never due is not due at Infinity either.
  const until = Math.min(elapsed, Number.MAX_VALUE);
  let due = guess;
  while (due > 0 && schedule.intended(due - 1) > until) due--;
  while (schedule.intended(due) <= until) due++;
  return due;
}

/** The position of the first operation of each block is kept; the others are generated again from the block's seed. */
const BLOCK = 256;
/** Number of blocks in the cache: the clients of a schedule need operations that are a few blocks apart. */
const CACHED = 16;

/** Gaps are exponential in numbers of operations, so that the rate of a ramp scales them. */
class PoissonSchedule implements Schedule {
  readonly #curve: RateCurve;
  readonly #seed: number;
  /** Position of the start of each block, in mean gaps. */
  readonly #starts: number[] = [0];
  readonly #cache = Array.from({ length: CACHED }, () => new Float64Array(BLOCK));
  /** The block in each place of the cache. */
  readonly #blocks = new Float64Array(CACHED).fill(-1);

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
    // From the end, because operations that are due now are in one of the last blocks.
    const block = this.#starts.findLastIndex((start) => start <= reached);
    const positions = this.#positions(block);
    let within = 0;
    while (within < BLOCK && (positions[within] as number) <= reached) within++;
    return settle(this, block * BLOCK + within, elapsed);
  }

  /** Positions of the operations of a block whose start is known. */
  #positions(block: number): Float64Array {
    const positions = this.#cache[block % CACHED] as Float64Array;
    if (this.#blocks[block % CACHED] === block) return positions;
    const random = randomOf(this.#seed ^ Math.imul(block + 1, 0x9e3779b1));
    let position = this.#starts[block] as number;
    for (let i = 0; i < BLOCK; i++) {
      position -= Math.log(1 - random());
      positions[i] = position;
    }
    this.#blocks[block % CACHED] = block;
    if (this.#starts.length === block + 1) this.#starts.push(position);
    return positions;
  }
}
