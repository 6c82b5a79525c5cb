/**
 * Tells what happens to a connection by itself, at the moment it happens. It listens where the client tells its
 * own listeners: `status()` is told some microtasks later, when messages may have been published in between.
 *
 * The client throws away what waits before each attempt to reconnect; what is published after the last of them
 * is sent. One outage may end, and begin, several times in its events (a server that answers and refuses, for
 * one): edges are told, not events.
 */
import type { NatsConnection } from "nats";
import type { LinkHooks } from "../driver.ts";
import { reasonOf } from "./failure.ts";
import { type Protocol, protocolOf, type Status } from "./internals.ts";

/** See the file's comment. */
export class ConnectionWatch {
  readonly #hooks: LinkHooks;
  readonly #protocol: Protocol;
  readonly #onEnd: () => void;
  #isUp = true;
  #isForgotten = false;
  /** What the server last complained of. */
  #complaint = "";

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
      this.#complaint = new TextDecoder().decode(text).replace(/^'|'$/g, "");
      processError.call(protocol, text);
    };
    void connection.closed().then((error) => this.#end(error));
  }

  /** From now on what happens is our own doing. */
  forget(): void {
    this.#isForgotten = true;
  }

  #see({ type, data }: Status): void {
    switch (type) {
      case "disconnect":
        this.#lose();
        break;
      case "reconnecting":
        if (!this.#isUp) this.#tell(() => this.#hooks.discarded());
        break;
      case "reconnect":
        if (this.#isUp || !this.#protocol.connected) return;
        this.#isUp = true;
        this.#tell(() => this.#hooks.regained());
        break;
      case "error":
        this.#fail(`the server says: ${this.#complaint || data}`);
    }
  }

  #end(error: unknown): void {
    if (this.#isForgotten) return;
    this.#lose();
    this.#tell(() => this.#hooks.discarded());
    const sentence = `the connection is closed for good: ${error ? reasonOf(error) : "the client gave up"}`;
    this.#fail(sentence);
    this.#tell(() => this.#hooks.ended?.(sentence));
    this.#tell(this.#onEnd);
  }

  #lose(): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#tell(() => this.#hooks.lost());
  }

  #fail(sentence: string): void {
    this.#tell(() => this.#hooks.failed(sentence));
  }

  /** What a hook throws is a mistake of ours, but must not become the client's: it would never reconnect. */
  #tell(hook: () => void): void {
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
