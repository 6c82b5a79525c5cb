/**
 * Members of the `nats` client that the driver uses and its types do not declare. The version is pinned in
 * package.json: check these members before an update.
 */
import type { NatsConnection } from "nats";

/** `ProtocolHandler` in nats-base-client/protocol.ts. */
export interface Protocol {
  /** False from the moment a loss is noticed until subscriptions and waiting messages are sent again. */
  readonly connected: boolean;
  /** Bytes that the socket does not have yet. Discarded before each attempt to reconnect. */
  readonly outbound?: { size(): number };
  readonly transport?: {
    isEncrypted?(): boolean;
    readonly socket?: { readonly writableLength?: number };
  };
  /** Receives every event of `status()` when it happens. An exception ends all attempts to reconnect. */
  dispatchStatus(status: Status): void;
  /** Receives the text of a server's `-ERR`, of which `status()` reports only a class. */
  processError(text: Uint8Array): void;
}

/** An event of `status()`. */
export interface Status {
  readonly type: string;
  readonly data: unknown;
}

/** The private field of a connection. */
export function protocolOf(connection: NatsConnection): Protocol {
  return (connection as unknown as { readonly protocol: Protocol }).protocol;
}
