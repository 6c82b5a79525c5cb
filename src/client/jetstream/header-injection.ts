/**
 * Adds trace contexts to what a JetStream client publishes. The client builds its headers with its own
 * classes and sends its own request, so each publish runs on a copy of the client whose connection adds the
 * context to the headers. Checks and errors stay the client's.
 */

import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import type { ConnectionShape, Payload } from "../shapes/connection.ts";
import { copyOfHeaders, type HeadersShape } from "../shapes/headers.ts";
import { delegate } from "../wrapping/delegate.ts";

/** Returns the headers to send for those that the client built. */
type HeaderTransform = (headers: HeadersShape | undefined) => unknown;

/** The private member in which both clients keep their connection. */
interface ClientInternals {
  readonly nc?: ConnectionShape;
}

/** Creates the copies of one JetStream client. */
export class HeaderInjector<Client extends object> {
  readonly #client: Client;
  #connection: ConnectionShape | undefined;

  constructor(client: Client) {
    this.#client = client;
    const { nc } = client as ClientInternals;
    if (nc && typeof nc.request === "function") this.#connection = delegate(nc, {});
  }

  /** Returns a copy of the client that passes its headers through `carry`. */
  clientWith(carry: HeaderTransform): Client {
    const connection = this.#connection;
    if (!connection) return this.#client;
    const carrying = <Options extends { headers?: HeadersShape }>(options: Options | undefined) => ({
      ...options,
      headers: carry(options?.headers),
    });
    const nc = inherit(connection, {
      request: (subject: string, data?: Payload, options?: object) =>
        connection.request(subject, data, carrying(options)),
      publish: (subject: string, data?: Payload, options?: object) =>
        connection.publish(subject, data, carrying(options)),
    });
    return inherit(this.#client, { nc });
  }
}

/** Defines the members on a new object: assigning them would change those of its prototype. */
function inherit<T extends object>(prototype: T, members: object): T {
  return Object.create(prototype, Object.getOwnPropertyDescriptors(members)) as T;
}

/** Copies options that the client may write into; it adds headers to the object that it gets. */
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
