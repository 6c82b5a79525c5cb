/** `rate_limit` of a web configuration: a bucket of tokens, one for each request. */

/** How fast requests may come on average, and how many at once. */
export interface RateLimit {
  /** Time in which one token drops into the bucket, > 0. */
  readonly intervalMs: number;
  /** Tokens that the bucket holds, at least 1; it starts full. */
  readonly burst: number;
}

/** One bucket for all clients of a port, as the exporter-toolkit has it. */
export class TokenBucket {
  readonly #limit: RateLimit;
  readonly #now: () => number;
  #tokens: number;
  #since: number;

  /** @param now monotonic milliseconds */
  constructor(limit: RateLimit, now: () => number = () => performance.now()) {
    this.#limit = limit;
    this.#now = now;
    this.#tokens = limit.burst;
    this.#since = now();
  }

  /** Whether there was a token to take. */
  take(): boolean {
    const now = this.#now();
    const { intervalMs, burst } = this.#limit;
    this.#tokens = Math.min(burst, this.#tokens + (now - this.#since) / intervalMs);
    this.#since = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
