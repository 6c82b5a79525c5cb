/**
 * Publishes core NATS messages. The server does not acknowledge them, so an operation ends when the server answers a
 * flush that was sent after it: then the server has read the message. Flushes also keep a publisher from running ahead
 * of its connection, because the client buffers any number of messages.
 */
import type { Nanos } from "../../time/clock.ts";
import type { Messages } from "./messages.ts";
import type { Sender, SenderAccount, SenderContext } from "./sender.ts";

/** Whether flushes or receivers time the messages. */
export type TimedBy = "flush" | "receiver";

/** The only reaction of the server to a denied publish; it still answers flushes. */
const DENIAL = /permissions violation for publish to "([^"]+)"/i;

/** Publishes the messages of one client. */
export class PublishSender implements Sender {
  readonly #context: SenderContext;
  readonly #messages: Messages;
  readonly #subjectOf: (n: number) => string;
  readonly #timedBy: TimedBy;
  /** Intended and sent times of messages that are not flushed yet, in pairs. */
  #unflushed: Nanos[] = [];
  /** Their subjects. */
  #subjects: string[] = [];
  /** Subjects that the server has denied. */
  readonly #denied = new Set<string>();
  #flushing = 0;
  #sent = 0;
  #bytes = 0;
  #completed = 0;
  #dropped = 0;
  #unanswered = 0;
  #lastAt: Nanos = 0;
  /** Messages published since the connection went down and not discarded yet. */
  #waiting = 0;
  readonly #failed: Record<string, number> = {};

  constructor(
    context: SenderContext,
    messages: Messages,
    subjectOf: (n: number) => string,
    timedBy: TimedBy,
  ) {
    this.#context = context;
    this.#messages = messages;
    this.#subjectOf = subjectOf;
    this.#timedBy = timedBy;
  }

  /** Includes messages that wait for a connection: otherwise a closed loop would send all its messages into an outage. */
  get inFlight(): number {
    return this.#subjects.length + this.#flushing + this.#waiting;
  }

  send(from: number, to: number, intended: (n: number) => Nanos): void {
    const { link, clock, recorder } = this.#context;
    for (let n = from; n < to; n++) {
      const meant = intended(n);
      const sent = clock.now();
      this.#sent++;
      recorder.count("sent");
      const { payload, headers } = this.#messages.next(n, meant, sent);
      const subject = this.#subjectOf(n);
      try {
        link.publish(subject, payload, headers);
      } catch (error) {
        this.#fail(error);
        continue;
      }
      recorder.count("sentBytes", payload.length);
      this.#bytes += payload.length;
      if (link.isUp) {
        this.#unflushed.push(meant, sent);
        this.#subjects.push(subject);
      } else this.#waiting++;
    }
    if (this.#flushing === 0) void this.#flush();
  }

  discarded(): void {
    this.#dropped += this.#waiting;
    this.#waiting = 0;
  }

  regained(): void {
    // They were sent without a flush, so it is unknown whether the server has them.
    this.#unanswered += this.#waiting;
    this.#waiting = 0;
  }

  failed(sentence: string): void {
    const denied = DENIAL.exec(sentence)?.[1];
    if (denied !== undefined) this.#denied.add(denied);
  }

  account(): SenderAccount {
    const { number: publisher } = this.#context;
    // If the connection is down, it is closed with the waiting messages.
    this.discarded();
    return {
      publisher,
      sent: this.#sent,
      bytes: this.#bytes,
      completed: this.#completed,
      failed: { ...this.#failed },
      dropped: this.#dropped,
      unanswered: this.#unanswered + this.inFlight,
      lastAt: this.#lastAt,
    };
  }

  /** One flush at a time: each covers all messages that were sent before it. */
  async #flush(): Promise<void> {
    const { link } = this.#context;
    while (this.#unflushed.length > 0) {
      const times = this.#unflushed;
      const subjects = this.#subjects;
      this.#unflushed = [];
      this.#subjects = [];
      this.#flushing = subjects.length;
      try {
        await link.flush();
        this.#end(times, subjects);
      } catch {
        this.#unanswered += subjects.length;
      }
      this.#flushing = 0;
    }
  }

  #end(times: readonly Nanos[], subjects: readonly string[]): void {
    const { clock, recorder } = this.#context;
    const end = clock.now();
    this.#lastAt = end;
    let ended = 0;
    for (let i = 0; i < subjects.length; i++) {
      if (this.#denied.size > 0 && this.#denied.has(subjects[i] as string)) {
        this.#fail({ type: "permissions_violation" });
        continue;
      }
      ended++;
      if (this.#timedBy === "flush") recorder.ended(times[2 * i] as Nanos, times[2 * i + 1] as Nanos, end);
    }
    this.#completed += ended;
    recorder.count("completed", ended);
  }

  #fail(error: unknown): void {
    const type = (error as { type?: string }).type ?? "error";
    this.#failed[type] = (this.#failed[type] ?? 0) + 1;
    this.#context.recorder.count("failed");
  }
}
