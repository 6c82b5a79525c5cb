/**
 * Work that is done once for several callers. Each caller has its own deadline; the work is aborted when the last
 * caller has given up.
 */
import { untilAborted } from "../../../time/abort.ts";

export class SharedFlights<Result> {
  readonly #flights = new Map<string, Flight<Result>>();

  /** Number of flights in progress. */
  get size(): number {
    return this.#flights.size;
  }

  /** Joins the flight of `key`, or starts one. Rejects with `deadline.reason` once the deadline is over. */
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
    try {
      return await untilAborted(flight.result, deadline);
    } finally {
      if (--flight.waiting === 0 && deadline.aborted) {
        // A later caller must not join an aborted flight.
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
