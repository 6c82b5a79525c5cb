/**
 * How long a message took to be stored: the stream's time stamp against the wall clock of who sent it. Only where
 * both are of this host is it worth anything; where they are not, it is left out, and said so.
 */

import { MILLISECOND } from "../../time/clock.ts";
import { wallAtZero } from "../../time/wall.ts";
import type { StreamMessage } from "../driver/driver.ts";
import { isThisHost } from "../measure/host.ts";
import type { Times } from "../worker/receiver.ts";
import type { ClientContext } from "../worker/thread.ts";

/** A wall clock that is set during a run may be moved by more; one that is disciplined, by less. */
const MOST_DRIFT_MS = 1;

/** See the file's comment. */
export class StoredTime {
  readonly #around: ClientContext;
  readonly #isShared: boolean;
  #zeroMs = Number.NaN;

  constructor(around: ClientContext) {
    this.#around = around;
    this.#isShared = isThisHost(around.link.server.host);
  }

  /** Once the run's zero is known. */
  begin(): void {
    if (this.#isShared) this.#zeroMs = wallAtZero(this.#around.clock);
  }

  record({ intended, sent }: Times, { storedAtMs }: StreamMessage): void {
    if (!this.#isShared) return;
    const storedAt = (storedAtMs - this.#zeroMs) * MILLISECOND;
    this.#around.recorder.of(intended)?.stored.record(storedAt - sent);
  }

  /** Sentences, at the end of a run. */
  notes(): readonly string[] {
    if (!this.#isShared) {
      return [
        "when messages were stored is not shown: the server is on another host, with a clock of its own",
      ];
    }
    const drift = Math.abs(wallAtZero(this.#around.clock) - this.#zeroMs);
    if (!(drift > MOST_DRIFT_MS)) return [];
    return [`the wall clock was moved by ${drift.toFixed(1)} ms: when messages were stored is not exact`];
  }
}
