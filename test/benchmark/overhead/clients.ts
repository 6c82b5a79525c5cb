/**
 * The measured clients. Each connection has its own copy of the client's code, as in a process of its own: code with
 * two kinds of callers is compiled for both, so the raw connection would pay for the instrumented one.
 */
import { createRequire } from "node:module";
import type { ConnectionShape, MessageShape } from "../../../src/client/shapes/connection.ts";
import type { HeadersShape } from "../../../src/client/shapes/headers.ts";

/** Generations of clients, by the package of `connect`. */
export const GENERATIONS = ["nats", "@nats-io/transport-node"] as const;
export type Generation = (typeof GENERATIONS)[number];

/** A measured client. */
export interface Client extends ConnectionShape {
  request(subject: string, data: Uint8Array, options: { timeout: number }): Promise<MessageShape>;
  close(): Promise<void>;
}

/** Functions used of a client's package. */
export interface ClientPackage {
  connect(options: Record<string, unknown>): Promise<Client>;
  headers(): HeadersShape;
}

const require = createRequire(import.meta.url);

/** Loads a package that shares no code with earlier copies. */
export function loadAlone(generation: Generation): ClientPackage {
  for (const path of Object.keys(require.cache)) {
    if (/node_modules[/\\](nats|@nats-io)[/\\]/.test(path)) delete require.cache[path];
  }
  return require(generation) as ClientPackage;
}

/** Without `noAsyncTraces` every request creates a stack trace, which costs more than the rest. */
export function connectTo(server: string, { connect }: ClientPackage): Promise<Client> {
  return connect({ servers: server, noAsyncTraces: true });
}
