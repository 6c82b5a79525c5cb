/**
 * What the driver uses of the `nats` client beyond its types. The version is pinned (package.json); a new one
 * has to be looked through for what is named here.
 */
import type { NatsConnection } from "nats";

/** `ProtocolHandler` (nats-base-client/protocol.ts): the connection's own side. */
export interface Protocol {
  /** False from the moment a loss is noticed until subscriptions and what waited are sent again. */
  readonly connected: boolean;
  /** What has not been given to the socket. Thrown away before each attempt to reconnect. */
  readonly outbound?: { size(): number };
  readonly transport?: {
    isEncrypted?(): boolean;
    readonly socket?: { readonly writableLength?: number };
  };
  /** Every event of `status()`, at the moment it happens. What it throws would end reconnecting for good. */
  dispatchStatus(status: Status): void;
  /** The text of a server's `-ERR`; of it `status()` has only a class. */
  processError(text: Uint8Array): void;
}

/** An event of `status()`. */
export interface Status {
  readonly type: string;
  readonly data: unknown;
}

/** The hidden field of a connection. */
export function protocolOf(connection: NatsConnection): Protocol {
  return (connection as unknown as { readonly protocol: Protocol }).protocol;
}
