/** `connect`, of the client that natscope brings along (`nats` 2.x), observed from the start. */
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import type { ConnectionOptions, NatsConnection } from "nats";
import { instrument } from "./instrument.ts";
import { type InstrumentOptions, settingsOf } from "./options.ts";

/**
 * As `connect` of `nats`, and `instrument` of what it resolves with. Callbacks of the connection run in no
 * context but their messages', whoever connected.
 *
 * Rejects with a `TypeError` that names every wrong option of `instrument`, before anything is dialled, and with
 * what the client rejects with.
 */
export async function connect(
  options: ConnectionOptions = {},
  instrumentOptions: InstrumentOptions = {},
): Promise<NatsConnection> {
  settingsOf(instrumentOptions);
  // Only now: with `@nats-io/*` nobody needs it.
  const nats = await import("nats");
  const connection = await context.with(ROOT_CONTEXT, () => nats.connect(options));
  return instrument(connection, instrumentOptions);
}
