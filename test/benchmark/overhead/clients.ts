/**
 * The clients that are measured. Each connection has a copy of its client's code to itself, as it would have in
 * a process of its own: code that two kinds of callers share is compiled for both, and the raw one would pay for
 * the observed one's presence.
 */
import { createRequire } from "node:module";
import type { ConnectionShape, MessageShape } from "../../../src/client/shapes/connection.ts";
import type { HeadersShape } from "../../../src/client/shapes/headers.ts";

/** Generations of clients, by the package whose `connect` is used. */
export const GENERATIONS = ["nats", "@nats-io/transport-node"] as const;
export type Generation = (typeof GENERATIONS)[number];

/** A client that is measured. */
export interface Client extends ConnectionShape {
  request(subject: string, data: Uint8Array, options: { timeout: number }): Promise<MessageShape>;
  close(): Promise<void>;
}

/** What is used of a client's package. */
export interface ClientPackage {
  connect(options: Record<string, unknown>): Promise<Client>;
  headers(): HeadersShape;
}

const require = createRequire(import.meta.url);

/** A package that shares no code with the one that was loaded before. */
export function loadAlone(generation: Generation): ClientPackage {
  for (const path of Object.keys(require.cache)) {
    if (/node_modules[/\\](nats|@nats-io)[/\\]/.test(path)) delete require.cache[path];
  }
  return require(generation) as ClientPackage;
}

/** Without `noAsyncTraces` every request makes a stack trace, and that is most of what would be measured. */
export function connectTo(server: string, { connect }: ClientPackage): Promise<Client> {
  return connect({ servers: server, noAsyncTraces: true });
}
