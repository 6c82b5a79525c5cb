/**
 * Instruments every connection of an application, from any copy of a client. The static method `connect` of
 * `NatsConnectionImpl` is patched: `connect` of `nats` 2.x and of `@nats-io/transport-node`, and `wsconnect`,
 * look it up when they are called.
 */
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { visitLater, visitLoaded } from "../wrapping/loaded-files.ts";
import { registerPatched } from "../wrapping/registrations.ts";

const FILES = /[\\/](?:nats[\\/]lib[\\/]nats-base-client|@nats-io[\\/]nats-core[\\/]lib)[\\/]nats(?:\.js)?$/;

/** `NatsConnectionImpl`. */
interface ConnectionClass {
  connect(this: unknown, options?: object): Promise<object>;
}

/** Hooks around each `connect` of the application. */
interface Connecting {
  /** Called before the client connects. */
  before(): void;
  /** @returns the connection for the application */
  after(connection: object): object;
}

/**
 * Patches the clients that are loaded, and those that will be. The methods of `connecting` must not throw.
 */
export function patchConnect(connecting: Connecting): void {
  const visit = (_folder: string, exports: unknown) => {
    const found = (exports as { readonly NatsConnectionImpl?: ConnectionClass } | undefined)
      ?.NatsConnectionImpl;
    if (typeof found?.connect !== "function" || !registerPatched(found)) return;
    const { connect } = found;
    found.connect = function (options) {
      connecting.before();
      // Otherwise callbacks would run, for the life of the connection, in the context of the code that
      // connected.
      const connected = context.with(ROOT_CONTEXT, connect, this, options);
      return connected.then((connection) => connecting.after(connection));
    };
  };
  visitLoaded(FILES, visit);
  visitLater(FILES, visit);
}
