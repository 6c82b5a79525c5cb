/**
 * Sends what is answered: requests, JetStream publishes, bucket operations. An operation ends with its answer,
 * which is a promise; what it is an answer to, the lane does not know.
 */
import type { Nanos } from "../time/clock.ts";
import type { Lane, LaneAccount, LaneSurroundings } from "./lane.ts";

/** Sends operation `n` and resolves with its answer, or rejects with a `LinkError`. */
export type Ask = (n: number, intended: Nanos, sent: Nanos) => Promise<Answered>;

/** What is known of an answer. */
export interface Answered {
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** The stream had it already. */
  readonly duplicate?: boolean;
}

/** Told of an operation that ended well, beside the recorder. */
export type OnAnswer = (n: number, intended: Nanos, sent: Nanos, end: Nanos, answered: Answered) => void;

/** See the file's comment. */
export class AnswerLane implements Lane {
  readonly #around: LaneSurroundings;
  readonly #ask: Ask;
  readonly #onAnswer: OnAnswer | undefined;
  inFlight = 0;
  #sent = 0;
  #bytes = 0;
  #completed = 0;
  readonly #failed: Record<string, number> = {};

  /** @param onAnswer instead of recording response, service and delay */
  constructor(around: LaneSurroundings, ask: Ask, onAnswer?: OnAnswer) {
    this.#around = around;
    this.#ask = ask;
    this.#onAnswer = onAnswer;
  }

  send(from: number, to: number, intended: (n: number) => Nanos): void {
    for (let n = from; n < to; n++) void this.#one(n, intended(n));
  }

  account(): LaneAccount {
    return {
      publisher: this.#around.publisher,
      sent: this.#sent,
      bytes: this.#bytes,
      completed: this.#completed,
      failed: this.#failed,
      dropped: 0,
      unanswered: this.inFlight,
    };
  }

  async #one(n: number, intended: Nanos): Promise<void> {
    const { clock, recorder } = this.#around;
    const sent = clock.now();
    this.inFlight++;
    this.#sent++;
    recorder.count("sent");
    try {
      const answered = await this.#ask(n, intended, sent);
      const end = clock.now();
      this.#completed++;
      recorder.count("sentBytes", answered.bytesSent);
      this.#bytes += answered.bytesSent;
      recorder.count("completed");
      if (this.#onAnswer) this.#onAnswer(n, intended, sent, end, answered);
      else recorder.ended(intended, sent, end);
    } catch (error) {
      const type = (error as { type?: string }).type ?? "error";
      this.#failed[type] = (this.#failed[type] ?? 0) + 1;
      recorder.count("failed");
    }
    this.inFlight--;
  }
}
