/**
 * Puts contexts into what a JetStream client publishes. It builds its headers itself, by its own classes, and
 * sends a request of its own; so for a publish it is the same client over a connection that adds the context
 * on the way. Whatever the client checks and however it fails, it does so itself.
 */

import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import type { ConnectionShape, Payload } from "../shapes/connection.ts";
import { copyOfHeaders, type HeadersShape } from "../shapes/headers.ts";
import { delegate } from "../wrapping/delegate.ts";

/** Gives the headers that are sent, for those that the client built. */
export type Carry = (headers: HeadersShape | undefined) => unknown;

/** What both clients keep their connection as. */
interface ClientInternals {
  readonly nc?: ConnectionShape;
}

/** Makes one JetStream client's publishes carry contexts. */
export class Sender<Client extends object> {
  readonly #client: Client;
  #connection: ConnectionShape | undefined;

  constructor(client: Client) {
    this.#client = client;
    const { nc } = client as ClientInternals;
    if (nc && typeof nc.request === "function") this.#connection = delegate(nc, {});
  }

  /** The client, whose sent messages have the headers that `carry` says. */
  through(carry: Carry): Client {
    const connection = this.#connection;
    if (!connection) return this.#client;
    const carrying = <Options extends { headers?: HeadersShape }>(options: Options | undefined) => ({
      ...options,
      headers: carry(options?.headers),
    });
    const nc = before(connection, {
      request: (subject: string, data?: Payload, options?: object) =>
        connection.request(subject, data, carrying(options)),
      publish: (subject: string, data?: Payload, options?: object) =>
        connection.publish(subject, data, carrying(options)),
    });
    return before(this.#client, { nc });
  }
}

/** Defines the members: to set them would be to set those of what stands behind. */
function before<T extends object>(behind: T, members: object): T {
  return Object.create(behind, Object.getOwnPropertyDescriptors(members)) as T;
}

/** Options that the client may write into: it adds headers to the ones that it is given. */
export function ownOptions<Options extends { headers?: HeadersShape | undefined }>(
  instrumentation: Instrumentation,
  options: Options | undefined,
): Options | undefined {
  if (!options?.headers) return options && { ...options };
  const { headers } = options;
  return {
    ...options,
    headers: instrumentation.problems.guard("message", () => copyOfHeaders(headers)) ?? headers,
  };
}
