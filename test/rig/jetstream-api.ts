/**
 * The JetStream API as subjects and JSON, as the reference that natscope's metrics are compared with. A client library
 * would be no reference: it may be older than the server, and it rejects requests that an older server ignores.
 */
import type { NatsConnection } from "nats";

export interface ReplicaInfo {
  readonly name: string;
  readonly current: boolean;
  readonly offline?: boolean;
  readonly lag?: number;
}

export interface ClusterInfo {
  readonly leader?: string;
  readonly replicas?: readonly ReplicaInfo[];
}

export interface ConsumerInfo {
  readonly stream_name: string;
  readonly name: string;
  readonly config: { readonly durable_name?: string; readonly num_replicas?: number };
  readonly num_pending: number;
  readonly num_ack_pending: number;
  readonly num_redelivered: number;
  readonly num_waiting: number;
  readonly push_bound?: boolean;
  readonly paused?: boolean;
  readonly cluster?: ClusterInfo;
}

export interface StreamInfo {
  readonly config: { readonly name: string; readonly num_replicas: number };
  readonly state: { readonly messages: number; readonly bytes: number; readonly consumer_count: number };
  readonly cluster?: ClusterInfo;
}

export interface AccountInfo {
  readonly memory: number;
  readonly storage: number;
  readonly streams: number;
  readonly consumers: number;
}

/** Short, because callers repeat the request: while an asset has no leader, no server answers. */
const INFO_TIMEOUT_MS = 1000;

export class JetStreamApi {
  readonly #connection: NatsConnection;

  constructor(connection: NatsConnection) {
    this.#connection = connection;
  }

  /** Sends a request and returns its response. Throws the error of a response. */
  async request<Answer>(subject: string, body: unknown = "", timeoutMs = 10_000): Promise<Answer> {
    const payload = body === "" ? "" : JSON.stringify(body);
    const message = await this.#connection.request(`$JS.API.${subject}`, payload, { timeout: timeoutMs });
    const answer = message.json<Answer & { error?: { code: number; description: string } }>();
    if (answer.error) throw new Error(`${subject}: ${answer.error.description} (${answer.error.code})`);
    return answer;
  }

  account(): Promise<AccountInfo> {
    return this.request("INFO");
  }

  stream(name: string): Promise<StreamInfo> {
    return this.request(`STREAM.INFO.${name}`, "", INFO_TIMEOUT_MS);
  }

  consumer(stream: string, name: string): Promise<ConsumerInfo> {
    return this.request(`CONSUMER.INFO.${stream}.${name}`, "", INFO_TIMEOUT_MS);
  }

  async streamNames(): Promise<string[]> {
    return this.#names("STREAM.NAMES", "streams");
  }

  /** Returns the names of consumers except internal ones, with which a stream reads its sources. */
  async consumerNames(stream: string): Promise<string[]> {
    return this.#names(`CONSUMER.NAMES.${stream}`, "consumers");
  }

  /** Returns the info of every consumer, as its leader answers it. */
  async consumers(): Promise<ConsumerInfo[]> {
    const infos = await Promise.all(
      (await this.streamNames()).map(async (stream) =>
        Promise.all((await this.consumerNames(stream)).map((name) => this.consumer(stream, name))),
      ),
    );
    return infos.flat();
  }

  async #names(subject: string, key: "streams" | "consumers"): Promise<string[]> {
    const names: string[] = [];
    for (;;) {
      const page = await this.request<{ total: number } & Record<string, string[] | null>>(subject, {
        offset: names.length,
      });
      names.push(...(page[key] ?? []));
      if ((page[key]?.length ?? 0) === 0 || names.length >= page.total) return names;
    }
  }
}
