/**
 * Everything open on a connection that may deliver messages: subscriptions, consumers, watches. Gauges are
 * read from it.
 */
import type { Destination } from "../labels/destination.ts";

/** One subscription. */
export interface OpenSubscriptionParts {
  readonly destination: Destination;
  /** Number of messages that the client holds and has not delivered. */
  pending(): number;
  /** Whether the server may still send messages. Default: yes. */
  isOpen?(): boolean;
  /** Observes durations that are not in the histogram yet. */
  flush?(): void;
  /** Called once, when the subscription closes. */
  closed?(): void;
}

/** One subscription in the set. */
export interface OpenSubscription extends OpenSubscriptionParts {
  /** Removes it: there will be no further message. Further calls have no effect. */
  close(): void;
}

/** The open subscriptions of one connection. */
export class OpenSubscriptions implements Iterable<OpenSubscription> {
  readonly #open = new Set<OpenSubscription>();

  /**
   * Adds a subscription.
   * @param over removes it when it settles
   */
  add(parts: OpenSubscriptionParts, over?: Promise<unknown>): OpenSubscription {
    const opened: OpenSubscription = {
      ...parts,
      close: () => {
        if (!this.#open.delete(opened)) return;
        parts.flush?.();
        parts.closed?.();
      },
    };
    this.#open.add(opened);
    over?.then(opened.close, opened.close);
    return opened;
  }

  /**
   * Closes all, because the connection has closed: a loop without a reader would otherwise stay open for
   * ever.
   */
  closeAll(): void {
    for (const subscription of [...this.#open]) subscription.close();
  }

  [Symbol.iterator](): Iterator<OpenSubscription> {
    return this.#open.values();
  }
}
