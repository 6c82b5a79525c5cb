/** A connection of the `nats` client as a `Link`. */
import type { Msg, NatsConnection, ServerInfo } from "nats";
import type { JetStreamReach } from "../../../nats/connect/connection.ts";
import { MILLISECOND, type Nanos } from "../../../time/clock.ts";
import {
  type HeaderLines,
  type Link,
  LinkError,
  type LinkHooks,
  type Message,
  type Open,
  type ServerFacts,
} from "../driver.ts";
import { NatsBuckets } from "./buckets.ts";
import { ConnectionWatch } from "./connection-watch.ts";
import { linkError } from "./failure.ts";
import { type Protocol, protocolOf } from "./internals.ts";
import { MessageView, OutgoingHeaders } from "./messages.ts";
import { NatsStreams } from "./streams.ts";

/** A connection for load. */
export class NatsLink implements Link {
  readonly streams: NatsStreams;
  readonly buckets: NatsBuckets;
  readonly #connection: NatsConnection;
  readonly #protocol: Protocol;
  readonly #hooks: LinkHooks;
  readonly #watch: ConnectionWatch;
  readonly #headers = new OutgoingHeaders();
  /** Outstanding flushes: the client does not settle them when it closes. */
  readonly #flushes = new Set<(error: LinkError) => void>();
  #server: ServerFacts;

  /** @param connection that is up */
  constructor(connection: NatsConnection, jetstream: JetStreamReach, hooks: LinkHooks) {
    this.#connection = connection;
    this.#protocol = protocolOf(connection);
    this.#hooks = hooks;
    this.#server = factsOf(connection, this.#protocol, connection.info as ServerInfo);
    // Without checkAPI: the user may be denied to read the account's usage.
    const js = connection.jetstream({ ...jetstream, checkAPI: false });
    this.streams = new NatsStreams(connection, js, hooks);
    this.buckets = new NatsBuckets(js, hooks);
    this.#watch = new ConnectionWatch(connection, hooks, () => this.#end());
  }

  get server(): ServerFacts {
    const { info } = this.#connection;
    if (info) this.#server = factsOf(this.#connection, this.#protocol, info);
    return this.#server;
  }

  get isUp(): boolean {
    return this.#protocol.connected && !this.#connection.isClosed();
  }

  get backlogBytes(): number | undefined {
    const { outbound, transport } = this.#protocol;
    if (!outbound) return undefined;
    return outbound.size() + (transport?.socket?.writableLength ?? 0);
  }

  publish(subject: string, payload: Uint8Array, headers?: HeaderLines): void {
    try {
      if (headers === undefined) this.#connection.publish(subject, payload);
      else this.#connection.publish(subject, payload, { headers: this.#headers.of(headers) });
    } catch (error) {
      throw linkError(error, `publish to ${subject}`);
    }
  }

  async request(
    subject: string,
    payload: Uint8Array,
    timeoutMs: number,
    headers?: HeaderLines,
  ): Promise<Message> {
    try {
      const options =
        headers === undefined
          ? { timeout: timeoutMs }
          : { timeout: timeoutMs, headers: this.#headers.of(headers) };
      return new MessageView(await this.#connection.request(subject, payload, options));
    } catch (error) {
      throw linkError(error, `request to ${subject}`);
    }
  }

  subscribe(subject: string, queue: string | undefined, deliver: (message: Message) => void): Open {
    let view: MessageView | undefined;
    const callback = (error: Error | null, message: Msg): void => {
      // A permission violation, which the connection watch has reported.
      if (error) return;
      view = view?.show(message) ?? new MessageView(message);
      try {
        deliver(view);
      } catch (thrown) {
        // The exception would end the client's reading without a trace while the connection stays up.
        this.#hooks.failed(linkError(thrown, `a message on ${subject} could not be handled`).message);
      }
    };
    try {
      const options = queue === undefined ? { callback } : { callback, queue };
      const subscription = this.#connection.subscribe(subject, options);
      return { close: async () => subscription.unsubscribe() };
    } catch (error) {
      throw linkError(error, `subscribe to ${subject}`);
    }
  }

  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#flushes.add(reject);
      const settle = () => this.#flushes.delete(reject);
      this.#connection.flush().then(
        () => {
          settle();
          resolve();
        },
        (error) => {
          settle();
          reject(linkError(error, "flush"));
        },
      );
    });
  }

  async roundTrip(): Promise<Nanos> {
    if (!this.isUp) throw new LinkError("disconnected", "round trip: the connection is down");
    const start = performance.now();
    await this.flush();
    return (performance.now() - start) * MILLISECOND;
  }

  async close(): Promise<void> {
    this.#watch.forget();
    this.#end();
    await this.#connection.close();
  }

  /** Ends operations that the client leaves pending when its connection closes. */
  #end(): void {
    this.streams.stop();
    const error = new LinkError("connection_closed", "flush: the connection is closed");
    for (const reject of this.#flushes) reject(error);
    this.#flushes.clear();
  }
}

function factsOf(connection: NatsConnection, protocol: Protocol, info: ServerInfo): ServerFacts {
  const { cluster } = info as { readonly cluster?: string };
  return {
    name: info.server_name,
    id: info.server_id,
    version: info.version,
    ...(cluster !== undefined && { cluster }),
    // The address by which it was reached: the server may listen on 0.0.0.0.
    host: connection.getServer(),
    jetstream: info.jetstream === true,
    headers: info.headers === true,
    maxPayload: info.max_payload,
    tls: protocol.transport?.isEncrypted?.() ?? info.tls_required === true,
    clientId: info.client_id,
  };
}
