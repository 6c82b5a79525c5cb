/**
 * Sends operations that are answered: requests, JetStream publishes, bucket operations. An operation is a promise and
 * ends when the promise settles.
 */

import type { Nanos } from "../../time/clock.ts";
import { Sequence } from "../measure/sequence.ts";
import type { Sender, SenderAccount, SenderContext } from "./sender.ts";

/** Sends operation `n` and resolves when it is answered. Rejects with a `LinkError`. */
type Ask = (n: number, intended: Nanos, sent: Nanos) => Promise<Answered>;

/** An answer. */
interface Answered {
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** The stream had stored the message before. */
  readonly duplicate?: boolean;
}

/** Records a successful operation instead of response, service and send delay. */
type OnAnswer = (intended: Nanos, sent: Nanos, end: Nanos) => void;

/** Differences between workloads. */
export interface AnswerOptions {
  readonly onAnswer?: OnAnswer;
  /** Keeps the numbers of operations by outcome, to look up their messages in a stream or at receivers. */
  readonly remembers?: true;
}

/** Sends the operations of one client. */
export class AnswerSender implements Sender {
  readonly #context: SenderContext;
  readonly #ask: Ask;
  readonly #onAnswer: OnAnswer | undefined;
  readonly #acknowledged: Sequence | undefined;
  readonly #failures: Record<string, Sequence> = {};
  inFlight = 0;
  #sent = 0;
  #bytes = 0;
  #completed = 0;
  #duplicates = 0;
  #lastAt: Nanos = 0;
  readonly #failed: Record<string, number> = {};

  constructor(context: SenderContext, ask: Ask, { onAnswer, remembers }: AnswerOptions = {}) {
    this.#context = context;
    this.#ask = ask;
    this.#onAnswer = onAnswer;
    if (remembers) this.#acknowledged = new Sequence();
  }

  send(from: number, to: number, intended: (n: number) => Nanos): void {
    for (let n = from; n < to; n++) void this.#one(n, intended(n));
  }

  account(): SenderAccount {
    const { number: publisher } = this.#context;
    const failures = Object.entries(this.#failures).map(([type, failed]) => [type, failed.record(publisher)]);
    return {
      publisher,
      sent: this.#sent,
      bytes: this.#bytes,
      completed: this.#completed,
      failed: { ...this.#failed },
      dropped: 0,
      unanswered: this.inFlight,
      lastAt: this.#lastAt,
      duplicates: this.#duplicates,
      ...(this.#acknowledged && {
        known: {
          acknowledged: this.#acknowledged.record(publisher),
          failed: Object.fromEntries(failures),
        },
      }),
    };
  }

  async #one(n: number, intended: Nanos): Promise<void> {
    const { clock, recorder } = this.#context;
    const sent = clock.now();
    this.inFlight++;
    this.#sent++;
    recorder.count("sent");
    try {
      const answered = await this.#ask(n, intended, sent);
      this.#end(n, intended, sent, answered);
    } catch (error) {
      this.#fail(n, error);
    }
    this.inFlight--;
  }

  #end(n: number, intended: Nanos, sent: Nanos, answered: Answered): void {
    const { clock, recorder } = this.#context;
    const end = clock.now();
    this.#lastAt = end;
    this.#completed++;
    const { bytesSent, bytesReceived } = answered;
    if (bytesSent > 0) recorder.count("sentBytes", bytesSent);
    else recorder.count("receivedBytes", bytesReceived);
    this.#bytes += bytesSent || bytesReceived;
    recorder.count("completed");
    if (answered.duplicate) this.#duplicates++;
    else this.#acknowledged?.note(n);
    if (this.#onAnswer) this.#onAnswer(intended, sent, end);
    else recorder.ended(intended, sent, end);
  }

  #fail(n: number, error: unknown): void {
    const { clock, reportFailure, recorder } = this.#context;
    this.#lastAt = clock.now();
    const { type = "error", message } = error as { type?: string; message: string };
    if (this.#failed[type] === undefined) reportFailure(message);
    this.#failed[type] = (this.#failed[type] ?? 0) + 1;
    recorder.count("failed");
    if (!this.#acknowledged) return;
    this.#failures[type] ??= new Sequence();
    this.#failures[type].note(n);
  }
}
