/** The `rate_limit` of a web configuration: a token bucket. Each request takes a token. */

/** Average rate of requests, and maximum burst. */
export interface RateLimit {
  /** Time until the next token, above 0. */
  readonly intervalMs: number;
  /** Capacity, 1 or more. The bucket starts full. */
  readonly burst: number;
}

/** One bucket for all clients of a server, as in the exporter-toolkit. */
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

  /** Takes a token. False if the bucket is empty. */
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
