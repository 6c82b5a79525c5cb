/**
 * A connection for what is done around a run: look, make, remove. It is apart from those that the load runs on,
 * and of the `nats` client whichever of them sends.
 */
import { connect, type JetStreamClient, type JetStreamManager, type NatsConnection, NatsError } from "nats";
import { natsOptions } from "../../nats/connect/nats-options.ts";
import type { Reach } from "../driver/driver.ts";
import { linkError } from "../driver/nats/failure.ts";
import { prepareError } from "./prepare-error.ts";

/** See the file's comment. Whatever fails rejects with a `RunError`. */
export class Admin implements AsyncDisposable {
  readonly #connection: NatsConnection;
  readonly #manager: JetStreamManager;
  readonly js: JetStreamClient;
  /** Of everything that is made here: what has it is ours to remove. */
  readonly mark: string;

  private constructor(
    connection: NatsConnection,
    manager: JetStreamManager,
    js: JetStreamClient,
    mark: string,
  ) {
    this.#connection = connection;
    this.#manager = manager;
    this.js = js;
    this.mark = mark;
  }

  /** @param run see `RunOptions` */
  static async connect({ options, jetstream = {} }: Reach, run: number): Promise<Admin> {
    try {
      const connection = await connect({
        name: "natscope-bench",
        // What was made has to be removed, even if the server is away for a while.
        maxReconnectAttempts: -1,
        ...natsOptions(options),
      });
      const access = { ...jetstream, checkAPI: false };
      const mark = `made by natscope bench, run ${run.toString(16)}-${Date.now().toString(16)}`;
      const js = connection.jetstream(access);
      return new Admin(connection, await connection.jetstreamManager(access), js, mark);
    } catch (error) {
      throw prepareError(linkError(error, `cannot connect to ${options.servers.join(", ")}`));
    }
  }

  /** @param attempt what is tried, for the sentence of a failure */
  async try<Value>(
    attempt: string,
    operation: (manager: JetStreamManager) => Promise<Value>,
  ): Promise<Value> {
    try {
      return await operation(this.#manager);
    } catch (error) {
      throw prepareError(linkError(error, attempt));
    }
  }

  /** As `try`; undefined if there is no such thing. */
  async find<Value>(
    attempt: string,
    operation: (manager: JetStreamManager) => Promise<Value>,
  ): Promise<Value | undefined> {
    return this.try(attempt, async (manager) => {
      try {
        return await operation(manager);
      } catch (error) {
        if (error instanceof NatsError && error.api_error?.code === 404) return undefined;
        throw error;
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
  }
}
