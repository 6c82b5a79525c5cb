/** JetStream of the `nats` client: publishes, consumers with callbacks, batches, ordered consumers. */

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

/** Requests more when half of a batch is delivered, as the Go client does. The client's default is 75 %. */
const REFILL_AT = 0.5;
/**
 * After two missing heartbeats the client requests again. Its default of 15 s is long for a run; a server that is
 * frozen for less than two heartbeats is waited for.
 */
const HEARTBEAT_MS = 2_000;
/** Expiry of requests, and the time after which an ordered consumer tries again. The client's default is 30 s. */
const EXPIRES_MS = 10_000;
/** A stream stores a message with the same id only once. */
const ID_HEADER = "Nats-Msg-Id";

const DECODER = new TextDecoder();

/** Problems of a consumption, as ends of sentences. The client keeps trying in each case. */
const PROBLEMS: Readonly<Record<string, string>> = {
  [ConsumerEvents.HeartbeatsMissed]: "sends no heartbeats",
  [ConsumerEvents.ConsumerNotFound]: "does not exist",
  [ConsumerEvents.ConsumerDeleted]: "was deleted",
  [ConsumerEvents.StreamNotFound]: "belongs to a stream that does not exist",
  [ConsumerEvents.NoResponders]: "does not answer",
};

/** JetStream operations of one connection. */
export class NatsStreams implements StreamLink {
  readonly #connection: NatsConnection;
  readonly #js: JetStreamClient;
  readonly #hooks: LinkHooks;
  readonly #headers = new OutgoingHeaders();
  /** Consumers by stream and name, looked up once. */
  readonly #consumers = new Map<string, Promise<Consumer>>();
  readonly #running = new Set<ConsumerMessages>();

  constructor(connection: NatsConnection, js: JetStreamClient, hooks: LinkHooks) {
    this.#connection = connection;
    this.#js = js;
    this.#hooks = hooks;
  }

  /**
   * A request whose answer is JSON. The client's own publish does the same but always sends headers, if necessary an
   * empty block; other clients do not.
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
      // With bind it requests messages at once after an outage. Without, it requests the consumer's state first, and if
      // that fails, for example because there is no leader yet, it waits until a request would expire.
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
        // Detects a deleted consumer, for which 2.9 servers do not answer.
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
          // If this fails, the server removes the inactive consumer later.
          if (!this.#connection.isClosed()) await consumer.delete().catch(() => {});
        },
      };
    } catch (error) {
      throw linkError(error, what);
    }
  }

  /** Stops all consumptions: the client's timers outlive its connection. */
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
    const problems = new Problems(what, this.#hooks);
    const messages = await consumer.consume({
      ...options,
      callback: (message: JsMsg) => {
        view = view?.show(message) ?? new StreamMessageView(message);
        problems.areOver();
        deliver(view);
      },
    });
    this.#running.add(messages);
    void problems.listen(messages);
    void messages.closed().then((error) => {
      // Already removed if this driver stopped it.
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

/** Reports each problem of a consumption once until messages arrive again; the client repeats its events. */
class Problems {
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
      const problem = PROBLEMS[type];
      if (problem === undefined || problem === this.#last) continue;
      this.#last = problem;
      this.#hooks.failed(`${this.#what} ${problem}`);
    }
  }
}

/** Parses `JSPubAckResponse` of nats-server's jetstream_api.go. */
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
    throw new LinkError("invalid_ack", `the answer on ${subject} is not from a stream`);
  }
  return { stream, sequence: seq, duplicate: duplicate === true };
}
