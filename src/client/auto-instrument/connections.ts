/**
 * Has every connection of an application observed, of whatever copy of a client: the static `connect` of
 * `NatsConnectionImpl` is what the `connect` of `nats` 2.x and `@nats-io/transport-node`, and `wsconnect`, come
 * to, looked up when they are called.
 */
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { visitLater, visitLoaded } from "../wrapping/loaded-files.ts";

const FILES = /[\\/](?:nats[\\/]lib[\\/]nats-base-client|@nats-io[\\/]nats-core[\\/]lib)[\\/]nats(?:\.js)?$/;

/** `NatsConnectionImpl`. */
interface ConnectionClass {
  connect(this: unknown, options?: object): Promise<object>;
}

/** What is done with an application's connections. */
export interface Connecting {
  /** Somebody is about to connect. */
  before(): void;
  /** @returns what the application gets instead of its connection */
  after(connection: object): object;
}

/** From now on, and for what is loaded already. Neither of `connecting` may throw. */
export function patchConnect(connecting: Connecting): void {
  const taught = new WeakSet<object>();
  const visit = (_folder: string, exports: unknown) => {
    const found = (exports as { readonly NatsConnectionImpl?: ConnectionClass } | undefined)
      ?.NatsConnectionImpl;
    if (typeof found?.connect !== "function" || taught.has(found)) return;
    taught.add(found);
    const { connect } = found;
    found.connect = function (options) {
      connecting.before();
      // Or callbacks would run, for ever, in the context of whoever connected.
      const connected = context.with(ROOT_CONTEXT, connect, this, options);
      return connected.then((connection) => connecting.after(connection));
    };
  };
  visitLoaded(FILES, visit);
  visitLater(FILES, visit);
}
