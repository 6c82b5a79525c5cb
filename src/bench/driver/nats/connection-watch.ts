/**
 * Calls the hooks of a link at the moment at which its connection changes. It wraps the method by which the client
 * notifies its own listeners, because `status()` iterators receive events some microtasks later, when messages may have
 * been published in between.
 *
 * The client discards waiting messages before each attempt to reconnect; messages published after the last attempt are
 * sent. The client's events may repeat during one outage, for example if a server accepts the connection and then
 * rejects the user; the hooks are called only when the state changes.
 */
import type { NatsConnection } from "nats";
import type { LinkHooks } from "../driver.ts";
import { reasonOf } from "./failure.ts";
import { type Protocol, protocolOf, type Status } from "./internals.ts";

/** Watches one connection. */
export class ConnectionWatch {
  readonly #hooks: LinkHooks;
  readonly #protocol: Protocol;
  readonly #onEnd: () => void;
  #isUp = true;
  #isForgotten = false;
  /** Text of the server's last `-ERR`. */
  #lastError = "";

  /** @param onEnd the connection is closed for good, and not by us */
  constructor(connection: NatsConnection, hooks: LinkHooks, onEnd: () => void) {
    this.#hooks = hooks;
    this.#onEnd = onEnd;
    const protocol = protocolOf(connection);
    this.#protocol = protocol;
    const { dispatchStatus, processError } = protocol;
    protocol.dispatchStatus = (status) => {
      this.#see(status);
      dispatchStatus.call(protocol, status);
    };
    protocol.processError = (text) => {
      this.#lastError = new TextDecoder().decode(text).replace(/^'|'$/g, "");
      processError.call(protocol, text);
    };
    void connection.closed().then((error) => this.#end(error));
  }

  /** Calls no more hooks: the caller closes the connection. */
  forget(): void {
    this.#isForgotten = true;
  }

  #see({ type, data }: Status): void {
    switch (type) {
      case "disconnect":
        this.#lose();
        break;
      case "reconnecting":
        if (!this.#isUp) this.#call(() => this.#hooks.discarded());
        break;
      case "reconnect":
        if (this.#isUp || !this.#protocol.connected) return;
        this.#isUp = true;
        this.#call(() => this.#hooks.regained());
        break;
      case "error":
        this.#fail(`the server says: ${this.#lastError || data}`);
    }
  }

  #end(error: unknown): void {
    if (this.#isForgotten) return;
    this.#lose();
    this.#call(() => this.#hooks.discarded());
    const sentence = `the connection is closed for good: ${error ? reasonOf(error) : "the client gave up"}`;
    this.#fail(sentence);
    this.#call(() => this.#hooks.ended?.(sentence));
    this.#call(this.#onEnd);
  }

  #lose(): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#call(() => this.#hooks.lost());
  }

  #fail(sentence: string): void {
    this.#call(() => this.#hooks.failed(sentence));
  }

  /** An exception of a hook must not reach the client, which would never reconnect. */
  #call(hook: () => void): void {
    if (this.#isForgotten) return;
    try {
      hook();
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
