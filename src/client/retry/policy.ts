/**
 * Retry policy: the options of `publishWithRetry` and `requestWithRetry`, their defaults, and the pauses
 * between attempts. Pure functions: nothing here waits or calls the client.
 */
import { isTransient } from "./transient.ts";

/** Event: an attempt failed, and another will follow. */
export interface Retry {
  /** Number of the failed attempt, from 1. */
  readonly attempt: number;
  readonly error: unknown;
  /** Milliseconds until the next attempt. */
  readonly pauseMs: number;
}

/**
 * Options of `publishWithRetry` and `requestWithRetry`, besides those of the client's own operation. All are
 * optional.
 */
export interface RetryOptions {
  /** Maximum number of attempts, including the first: a whole number from 1, or `Infinity`. Default: 5. */
  readonly attempts?: number;
  /**
   * Time limit for all attempts and pauses together, in milliseconds: from 1 to 2,147,483,647, or `Infinity`.
   * Default: 30,000. The last attempt is cut short at the deadline, and no attempt starts after it.
   */
  readonly deadlineMs?: number;
  /**
   * Maximum first pause, in milliseconds, from 0. Default: 100. Each pause is a random part of its maximum
   * ("full jitter").
   */
  readonly initialPauseMs?: number;
  /** Factor by which the maximum grows with each pause: a number from 1. Default: 2. */
  readonly pauseFactor?: number;
  /** Upper limit of the maximum pause, in milliseconds, from 0. Default: 5,000. */
  readonly maxPauseMs?: number;
  /**
   * Aborts the attempt or the pause; the promise rejects with the signal's reason. A message already sent is
   * not recalled.
   */
  readonly signal?: AbortSignal;
  /** Whether to retry after this error; `attempt` counts from 1. Default: `isTransient`. */
  readonly shouldRetry?: (error: unknown, attempt: number) => boolean;
  /** Called before each pause. An exception ends the retries and is thrown. */
  readonly onRetry?: (retry: Retry) => void;
}

/** Complete options. */
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

/** Maximum delay of a Node.js timer, in milliseconds. */
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
 * Separates the retry options from the client's own options, which are copied.
 *
 * @throws TypeError naming every invalid option
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
 * Milliseconds between a failed attempt and the next: random up to the maximum, so that clients that failed
 * together do not return together ("full jitter").
 * @param random from 0 to less than 1
 */
export function pauseAfter(policy: RetryPolicy, attempt: number, random = Math.random()): number {
  const { initialPauseMs, pauseFactor, maxPauseMs } = policy;
  // After about a thousand attempts the power is Infinity, and Infinity times zero is NaN.
  const longest = initialPauseMs === 0 ? 0 : initialPauseMs * pauseFactor ** (attempt - 1);
  return random * Math.min(longest, maxPauseMs);
}

function isFrom(least: number, value: unknown): value is number {
  return typeof value === "number" && value >= least;
}

/** Checks the methods, so that a signal of another realm is accepted. */
function isSignal(value: unknown): boolean {
  return typeof value === "object" && value !== null && "throwIfAborted" in value && "aborted" in value;
}

function inWords(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
