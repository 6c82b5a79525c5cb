/**
 * Publishes. Core NATS answers to no message, so an operation ends when the server has answered to a flush that
 * was sent after it: it has read the message by then. Flushes are also what keeps a publisher from running
 * ahead of its connection: the client itself takes any number of messages.
 */
import type { Nanos } from "../time/clock.ts";
import type { Lane, LaneAccount, LaneSurroundings } from "./lane.ts";
import type { Messages } from "./messages.ts";

/** Who times the messages. */
export type TimedBy = "flush" | "receiver";

/** See the file's comment. */
export class PublishLane implements Lane {
  readonly #around: LaneSurroundings;
  readonly #messages: Messages;
  readonly #subjectOf: (n: number) => string;
  readonly #timedBy: TimedBy;
  /** Intended and sent times of what is not flushed yet, in pairs. */
  #unflushed: Nanos[] = [];
  #flushing = 0;
  #sent = 0;
  #bytes = 0;
  #completed = 0;
  #dropped = 0;
  #unanswered = 0;
  /** Published since the connection went down, and not thrown away yet. */
  #waiting = 0;
  readonly #failed: Record<string, number> = {};

  constructor(
    around: LaneSurroundings,
    messages: Messages,
    subjectOf: (n: number) => string,
    timedBy: TimedBy,
  ) {
    this.#around = around;
    this.#messages = messages;
    this.#subjectOf = subjectOf;
    this.#timedBy = timedBy;
  }

  get inFlight(): number {
    return this.#unflushed.length / 2 + this.#flushing;
  }

  send(from: number, to: number, intended: (n: number) => Nanos): void {
    const { link, clock, recorder } = this.#around;
    for (let n = from; n < to; n++) {
      const meant = intended(n);
      const sent = clock.now();
      this.#sent++;
      const { payload, headers } = this.#messages.next(n, meant, sent);
      try {
        link.publish(this.#subjectOf(n), payload, headers);
      } catch (error) {
        this.#fail(error);
        continue;
      }
      recorder.count("sent");
      recorder.count("sentBytes", payload.length);
      this.#bytes += payload.length;
      if (link.isUp) this.#unflushed.push(meant, sent);
      else this.#waiting++;
    }
    if (this.#flushing === 0) void this.#flush();
  }

  discarded(): void {
    this.#dropped += this.#waiting;
    this.#waiting = 0;
  }

  regained(): void {
    // They were sent; that the server has them, nobody said.
    this.#unanswered += this.#waiting;
    this.#waiting = 0;
  }

  account(): LaneAccount {
    const { publisher } = this.#around;
    this.discarded();
    return {
      publisher,
      sent: this.#sent,
      bytes: this.#bytes,
      completed: this.#completed,
      failed: this.#failed,
      dropped: this.#dropped,
      unanswered: this.#unanswered + this.inFlight,
    };
  }

  /** One at a time: each answers for everything that was sent before it. */
  async #flush(): Promise<void> {
    const { link, clock, recorder } = this.#around;
    while (this.#unflushed.length > 0) {
      const times = this.#unflushed;
      const count = times.length / 2;
      this.#unflushed = [];
      this.#flushing = count;
      try {
        await link.flush();
        const end = clock.now();
        this.#completed += count;
        recorder.count("completed", count);
        if (this.#timedBy === "flush") {
          for (let i = 0; i < times.length; i += 2) {
            recorder.ended(times[i] as Nanos, times[i + 1] as Nanos, end);
          }
        }
      } catch {
        this.#unanswered += count;
      }
      this.#flushing = 0;
    }
  }

  #fail(error: unknown): void {
    const type = (error as { type?: string }).type ?? "error";
    this.#failed[type] = (this.#failed[type] ?? 0) + 1;
    this.#around.recorder.count("failed");
  }
}
