/**
 * Work that several callers wait for and only one does.
 *
 * Each caller brings its own deadline. One that gives up leaves the others waiting; when the last has given
 * up, the work is aborted.
 */
export class SharedFlights<Result> {
  readonly #flights = new Map<string, Flight<Result>>();

  /** Keys of the work that is under way. */
  get size(): number {
    return this.#flights.size;
  }

  /** Joins the work under way for `key`, or starts it. Rejects with `deadline.reason` when the caller gives up. */
  async join(
    key: string,
    deadline: AbortSignal,
    start: (abandoned: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    deadline.throwIfAborted();
    let flight = this.#flights.get(key);
    if (!flight) {
      const controller = new AbortController();
      const started: Flight<Result> = { controller, waiting: 0, result: start(controller.signal) };
      flight = started;
      this.#flights.set(key, started);
      const land = (): void => {
        if (this.#flights.get(key) === started) this.#flights.delete(key);
      };
      started.result.then(land, land);
    }
    return this.#wait(key, flight, deadline);
  }

  async #wait(key: string, flight: Flight<Result>, deadline: AbortSignal): Promise<Result> {
    flight.waiting++;
    let giveUp: (() => void) | undefined;
    const gaveUp = new Promise<never>((_, reject) => {
      giveUp = () => reject(deadline.reason);
      deadline.addEventListener("abort", giveUp, { once: true });
    });
    try {
      return await Promise.race([flight.result, gaveUp]);
    } finally {
      if (giveUp) deadline.removeEventListener("abort", giveUp);
      if (--flight.waiting === 0 && deadline.aborted) {
        // A later caller must not join work that is being torn down.
        if (this.#flights.get(key) === flight) this.#flights.delete(key);
        flight.controller.abort(deadline.reason);
      }
    }
  }
}

interface Flight<Result> {
  readonly controller: AbortController;
  readonly result: Promise<Result>;
  waiting: number;
}
