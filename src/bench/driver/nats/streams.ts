/** JetStream over the `nats` client: publishes, consumers' callbacks, batches, ordered consumers. */

import {
  type Consumer,
  ConsumerEvents,
  type ConsumerMessages,
  type JetStreamClient,
  type JsMsg,
  type NatsConnection,
} from "nats";
import type { ApiError } from "../../../nats/client-error.ts";
import {
  type ConsumeOptions,
  type HeaderLines,
  LinkError,
  type LinkHooks,
  type Open,
  type PublishAck,
  type StreamLink,
  type StreamMessage,
} from "../driver.ts";
import { apiError, linkError, reasonOf } from "./failure.ts";
import { headersOf, OutgoingHeaders, StreamMessageView } from "./messages.ts";

/** As the Go client has it: another request when half of the last one is delivered. The client's default is 75 %. */
const REFILL_AT = 0.5;
/**
 * The client takes a consumer for gone when two are missing, and asks anew. Its default, 15 s, is long for a run;
 * a server that is frozen for less than two of them is waited for.
 */
const HEARTBEAT_MS = 2_000;
/** Of a consumption's requests; also how long an ordered consumer waits before it tries again. Default: 30 s. */
const EXPIRES_MS = 10_000;
/** Asked of the stream to store a message but once. */
const ID_HEADER = "Nats-Msg-Id";

const DECODER = new TextDecoder();

/** What a consumption complains of, in words. The client goes on trying in each case. */
const TROUBLES: Readonly<Record<string, string>> = {
  [ConsumerEvents.HeartbeatsMissed]: "sends no heartbeats",
  [ConsumerEvents.ConsumerNotFound]: "does not exist",
  [ConsumerEvents.ConsumerDeleted]: "was deleted",
  [ConsumerEvents.StreamNotFound]: "has no stream",
  [ConsumerEvents.NoResponders]: "does not answer",
};

/** See the file's comment. */
export class NatsStreams implements StreamLink {
  readonly #connection: NatsConnection;
  readonly #js: JetStreamClient;
  readonly #hooks: LinkHooks;
  readonly #headers = new OutgoingHeaders();
  /** Those looked up already: by stream and consumer. */
  readonly #consumers = new Map<string, Promise<Consumer>>();
  readonly #running = new Set<ConsumerMessages>();

  constructor(connection: NatsConnection, js: JetStreamClient, hooks: LinkHooks) {
    this.#connection = connection;
    this.#js = js;
    this.#hooks = hooks;
  }

  /**
   * The client's own publish always sends a block of headers, an empty one if need be; this one sends what was
   * asked for, as other clients do. The rest is the same: a request, and its answer in JSON.
   */
  async publish(
    subject: string,
    payload: Uint8Array,
    { timeoutMs, id, headers }: { timeoutMs: number; id?: string; headers?: HeaderLines },
  ): Promise<PublishAck> {
    try {
      const message = await this.#connection.request(
        subject,
        payload,
        id === undefined && headers === undefined
          ? { timeout: timeoutMs }
          : { timeout: timeoutMs, headers: this.#headersFor(id, headers) },
      );
      return ackOf(message.data, subject);
    } catch (error) {
      throw linkError(error, `publish to the stream of ${subject}`);
    }
  }

  async consume(
    { stream, consumer, batch }: ConsumeOptions,
    deliver: (message: StreamMessage) => void,
  ): Promise<Open> {
    const what = `consumer ${consumer} of stream ${stream}`;
    try {
      const found = await this.#consumer(stream, consumer);
      // Bound: after an outage it asks at once. Else it asks for the consumer's state first, and where that fails
      // (there is no leader yet) it waits for as long as a request may last.
      const messages = await this.#consume(found, what, { ...consumptionOf(batch), bind: true }, deliver);
      return { close: async () => this.#stop(messages) };
    } catch (error) {
      throw linkError(error, what);
    }
  }

  async fetch(options: ConsumeOptions & { expiresMs: number }): Promise<AsyncIterable<StreamMessage>> {
    const { stream, consumer, batch, expiresMs } = options;
    const what = `fetch from consumer ${consumer} of stream ${stream}`;
    try {
      const found = await this.#consumer(stream, consumer);
      const messages = await found.fetch({
        max_messages: batch,
        expires: expiresMs,
        // Else a consumer that is gone looks like one that has nothing: 2.9 does not answer for it.
        idle_heartbeat: Math.min(HEARTBEAT_MS, expiresMs / 4),
      });
      this.#running.add(messages);
      return this.#read(messages, what);
    } catch (error) {
      throw linkError(error, what);
    }
  }

  async consumeOrdered(
    { stream, filter, batch }: { stream: string; filter?: string; batch: number },
    deliver: (message: StreamMessage) => void,
  ): Promise<Open> {
    const what = `ordered consumer of stream ${stream}`;
    try {
      const options = filter === undefined ? {} : { filterSubjects: filter };
      const consumer = await this.#js.consumers.get(stream, options);
      const messages = await this.#consume(consumer, what, consumptionOf(batch), deliver);
      return {
        close: async () => {
          this.#stop(messages);
          // Its own; where that fails, the server removes it when nobody has asked it for a while.
          if (!this.#connection.isClosed()) await consumer.delete().catch(() => {});
        },
      };
    } catch (error) {
      throw linkError(error, what);
    }
  }

  /** Ends all that runs: the client's own timers outlive its connection. */
  stop(): void {
    for (const messages of this.#running) this.#stop(messages);
  }

  #headersFor(id: string | undefined, lines: HeaderLines = []) {
    return id === undefined ? this.#headers.of(lines) : headersOf([...lines, [ID_HEADER, id]]);
  }

  #consumer(stream: string, consumer: string): Promise<Consumer> {
    const key = `${stream} ${consumer}`;
    let found = this.#consumers.get(key);
    if (!found) {
      found = this.#js.consumers.get(stream, consumer);
      this.#consumers.set(key, found);
      found.catch(() => this.#consumers.delete(key));
    }
    return found;
  }

  async #consume(
    consumer: Consumer,
    what: string,
    options: Consumption,
    deliver: (message: StreamMessage) => void,
  ): Promise<ConsumerMessages> {
    let view: StreamMessageView | undefined;
    const troubles = new Troubles(what, this.#hooks);
    const messages = await consumer.consume({
      ...options,
      callback: (message: JsMsg) => {
        view = view?.show(message) ?? new StreamMessageView(message);
        troubles.areOver();
        deliver(view);
      },
    });
    this.#running.add(messages);
    void troubles.listen(messages);
    void messages.closed().then((error) => {
      // Else we have stopped it.
      if (this.#running.delete(messages)) {
        this.#hooks.failed(`${what} ended: ${error ? reasonOf(error) : "the client stopped it"}`);
      }
    });
    return messages;
  }

  async *#read(messages: ConsumerMessages, what: string): AsyncGenerator<StreamMessage> {
    try {
      for await (const message of messages) yield new StreamMessageView(message);
    } catch (error) {
      throw linkError(error, what);
    } finally {
      this.#running.delete(messages);
    }
  }

  #stop(messages: ConsumerMessages): void {
    this.#running.delete(messages);
    messages.stop();
  }
}

type Consumption = ReturnType<typeof consumptionOf> & { readonly bind?: boolean };

function consumptionOf(batch: number) {
  return {
    max_messages: batch,
    threshold_messages: batch * REFILL_AT,
    expires: EXPIRES_MS,
    idle_heartbeat: HEARTBEAT_MS,
  };
}

/** Tells each trouble of a consumption once, until messages come again: the client repeats them. */
class Troubles {
  readonly #what: string;
  readonly #hooks: LinkHooks;
  #last = "";

  constructor(what: string, hooks: LinkHooks) {
    this.#what = what;
    this.#hooks = hooks;
  }

  areOver(): void {
    this.#last = "";
  }

  async listen(messages: ConsumerMessages): Promise<void> {
    for await (const { type } of await messages.status()) {
      const trouble = TROUBLES[type];
      if (trouble === undefined || trouble === this.#last) continue;
      this.#last = trouble;
      this.#hooks.failed(`${this.#what} ${trouble}`);
    }
  }
}

/** `JSPubAckResponse` of nats-server's jetstream_api.go. */
function ackOf(data: Uint8Array, subject: string): PublishAck {
  let answer: { stream?: unknown; seq?: unknown; duplicate?: unknown; error?: ApiError };
  try {
    answer = JSON.parse(DECODER.decode(data)) ?? {};
  } catch {
    answer = {};
  }
  if (answer.error) throw apiError(answer.error, `publish to the stream of ${subject}`);
  const { stream, seq, duplicate } = answer;
  if (typeof stream !== "string" || typeof seq !== "number") {
    throw new LinkError("invalid_ack", `what answers on ${subject} is not a stream`);
  }
  return { stream, sequence: seq, duplicate: duplicate === true };
}
