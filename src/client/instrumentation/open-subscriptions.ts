/** What is open on a connection and may hand messages to the application: what its gauges are read from. */
import type { Destination } from "../labels/destination.ts";

/** What there is to know of one. */
export interface OpenSubscriptionParts {
  readonly destination: Destination;
  /** Messages that it holds and has not handed over. */
  pending(): number;
  /** Whether the server may still send messages. Default: it may. */
  isOpen?(): boolean;
  /** Observes what waits to be observed. */
  flush?(): void;
  /** Told once, when it is closed. */
  closed?(): void;
}

/** One that is open. */
export interface OpenSubscription extends OpenSubscriptionParts {
  /** It is over: there will be no further message. A second time does nothing. */
  close(): void;
}

/** Those of one connection. */
export class OpenSubscriptions implements Iterable<OpenSubscription> {
  readonly #open = new Set<OpenSubscription>();

  /**
   * Keeps one until it is closed.
   * @param over closes it when it settles
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

  /** The connection has been closed: loops that nobody reads from would stay open for ever. */
  closeAll(): void {
    for (const subscription of [...this.#open]) subscription.close();
  }

  [Symbol.iterator](): Iterator<OpenSubscription> {
    return this.#open.values();
  }
}
