/** `connect` of `nats` 2.x, instrumented from the first byte. */
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import type { ConnectionOptions, NatsConnection } from "nats";
import { instrument } from "./instrument.ts";
import { type InstrumentOptions, settingsOf } from "./options.ts";

/**
 * Connects with `nats` 2.x and returns the instrumented connection. Callbacks of the connection do not run in
 * the context of the code that called `connect`, only in the contexts of their messages.
 *
 * @param options those of `connect` of `nats`
 * @throws TypeError naming every invalid option of `instrument`, before it connects; and the errors of
 *   `connect` of `nats`
 */
export async function connect(
  options: ConnectionOptions = {},
  instrumentOptions: InstrumentOptions = {},
): Promise<NatsConnection> {
  settingsOf(instrumentOptions);
  // Loaded here, not above: applications of `@nats-io/*` call `instrument` and need no `nats`.
  const nats = await import("nats");
  const connection = await context.with(ROOT_CONTEXT, () => nats.connect(options));
  return instrument(connection, instrumentOptions);
}
