/**
 * How often to try, how long to wait in between, and when to give up: what `publishWithRetry` and
 * `requestWithRetry` may be told, and what holds when they are not. Pure: it neither waits nor calls anything.
 */
import { isTransient } from "./transient.ts";

/** An attempt failed, and there will be another. */
export interface Retry {
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  readonly error: unknown;
  /** Until the next attempt begins. */
  readonly pauseMs: number;
}

/** Every one is optional. */
export interface RetryOptions {
  /** The most attempts, the first included: a whole number from 1, or `Infinity`. Default 5. */
  readonly attempts?: number;
  /**
   * Milliseconds for all attempts and pauses together, or `Infinity`. Default 30,000. An attempt that would last
   * longer is cut, and none begins that would begin later.
   */
  readonly deadlineMs?: number;
  /** The longest first pause, in milliseconds. Default 100. A pause is a random part of the longest one. */
  readonly initialPauseMs?: number;
  /** How much longer the longest pause is each time. From 1; default 2. */
  readonly pauseFactor?: number;
  /** What the longest pause never exceeds, in milliseconds. Default 5,000. */
  readonly maxPauseMs?: number;
  /** Ends it, attempt or pause, with the signal's reason. What was sent is sent. */
  readonly signal?: AbortSignal;
  /** Whether an attempt that failed so is worth another. Default: `isTransient`. */
  readonly shouldRetry?: (error: unknown, attempt: number) => boolean;
  /** Told before each pause. What it throws is thrown. */
  readonly onRetry?: (retry: Retry) => void;
}

/** Options, complete. */
export type RetryPolicy = Required<Omit<RetryOptions, "signal" | "onRetry">> &
  Pick<RetryOptions, "signal" | "onRetry">;

const DEFAULTS = {
  attempts: 5,
  deadlineMs: 30_000,
  initialPauseMs: 100,
  pauseFactor: 2,
  maxPauseMs: 5000,
  shouldRetry: isTransient,
} as const satisfies RetryOptions;

/** The most that a timer takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

type Rule = readonly [expected: string, holds: (value: unknown) => boolean];

const MILLISECONDS: Rule = [
  `a number of milliseconds from 0 to ${MAX_TIMER_MS}`,
  (value) => isFrom(0, value) && value <= MAX_TIMER_MS,
];
const FUNCTION: Rule = ["a function", (value) => typeof value === "function"];

const RULES: Readonly<Record<keyof RetryOptions, Rule>> = {
  attempts: [
    "a whole number from 1, or Infinity",
    (value) => isFrom(1, value) && (Number.isInteger(value) || value === Infinity),
  ],
  deadlineMs: [
    `a number of milliseconds from 1 to ${MAX_TIMER_MS}, or Infinity`,
    (value) => isFrom(1, value) && (value <= MAX_TIMER_MS || value === Infinity),
  ],
  initialPauseMs: MILLISECONDS,
  pauseFactor: ["a number from 1", (value) => isFrom(1, value) && value !== Infinity],
  maxPauseMs: MILLISECONDS,
  signal: ["an AbortSignal", isSignal],
  shouldRetry: FUNCTION,
  onRetry: FUNCTION,
};

/**
 * Parts what is said of retries from the client's own options; of these it gives a copy.
 *
 * Throws one `TypeError` that names everything that is wrong.
 */
export function policyOf<Own extends object>(
  caller: string,
  options: RetryOptions & Own,
): { policy: RetryPolicy; own: Omit<Own, keyof RetryOptions> } {
  const given: Record<string, unknown> = {};
  const own: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    const part = Object.hasOwn(RULES, name) ? given : own;
    if (value !== undefined) part[name] = value;
  }
  const problems = Object.entries(given).flatMap(([name, value]) => {
    const [expected, holds] = RULES[name as keyof RetryOptions];
    return holds(value) ? [] : [`\`${name}\` is ${inWords(value)}: expected ${expected}`];
  });
  if (problems.length > 0) throw new TypeError(`${caller}: ${problems.join("; ")}`);
  return { policy: { ...DEFAULTS, ...given }, own: own as Omit<Own, keyof RetryOptions> };
}

/**
 * Milliseconds between an attempt that failed and the next: anything up to the longest, so that many clients
 * that failed at once do not come back at once ("full jitter").
 * @param random from 0 to less than 1
 */
export function pauseAfter(policy: RetryPolicy, attempt: number, random = Math.random()): number {
  const { initialPauseMs, pauseFactor, maxPauseMs } = policy;
  // Beyond some thousand attempts the power is Infinity, which times zero is no number.
  const longest = initialPauseMs === 0 ? 0 : initialPauseMs * pauseFactor ** (attempt - 1);
  return random * Math.min(longest, maxPauseMs);
}

function isFrom(least: number, value: unknown): value is number {
  return typeof value === "number" && value >= least;
}

/** By its methods: that of another realm will do. */
function isSignal(value: unknown): boolean {
  return typeof value === "object" && value !== null && "throwIfAborted" in value && "aborted" in value;
}

function inWords(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
