/**
 * How long a message takes until it is stored: the stream's time stamp minus the sender's wall clock. Only comparable
 * if server and sender run on this host; otherwise nothing is recorded, and the result has a note about it.
 */
import { MILLISECOND } from "../../time/clock.ts";
import { wallAtZero } from "../../time/wall.ts";
import type { StreamMessage } from "../driver/driver.ts";
import { isThisHost } from "../measure/host.ts";
import type { ClientContext } from "./client.ts";
import type { Times } from "./receiver.ts";

/** A wall clock that is set during a run moves by more, one that NTP disciplines by less. */
const MAX_DRIFT_MS = 1;

/** Records the stage `stored` of one client. */
export class StoredTime {
  readonly #context: ClientContext;
  readonly #isThisHost: boolean;
  #zeroMs = Number.NaN;

  constructor(context: ClientContext) {
    this.#context = context;
    this.#isThisHost = isThisHost(context.link.server.host);
  }

  /** Call when the run's zero is known. */
  begin(): void {
    if (this.#isThisHost) this.#zeroMs = wallAtZero(this.#context.clock);
  }

  record({ intended, sent }: Times, { storedAtMs }: StreamMessage): void {
    if (!this.#isThisHost) return;
    const storedAt = (storedAtMs - this.#zeroMs) * MILLISECOND;
    this.#context.recorder.of(intended)?.stored.record(storedAt - sent);
  }

  /** Notes for the result, at the end of a run. */
  notes(): readonly string[] {
    if (!this.#isThisHost) {
      return ["the stage stored is not timed: the server is on another host, with another clock"];
    }
    const drift = Math.abs(wallAtZero(this.#context.clock) - this.#zeroMs);
    if (!(drift > MAX_DRIFT_MS)) return [];
    return [`the stage stored is inaccurate: the wall clock moved by ${drift.toFixed(1)} ms during the run`];
  }
}
