/**
 * The driver on the `nats` client. It adds as little to the client as can be: what is measured is a program
 * that uses this client well, with callbacks and without stack traces of its own.
 */
import { type ConnectionOptions, connect as connectByNats } from "nats";
import { natsOptions } from "../../../nats/connect/nats-options.ts";
import type { Driver, Link, LinkHooks, Reach } from "../driver.ts";
import { clientVersion } from "./client-version.ts";
import { linkError } from "./failure.ts";
import { NatsLink } from "./link.ts";

/** See the file's comment. */
export const natsClient: Driver = { name: `nats ${clientVersion()}`, connect };

/** How servers' monitoring shows a connection of a run where the user gave it no name. */
const CONNECTION_NAME = "natscope-bench";

/** Rejects with a `LinkError` that names the servers. */
async function connect({ options, jetstream = {} }: Reach, hooks: LinkHooks): Promise<Link> {
  try {
    return new NatsLink(await connectByNats(clientOptions(options)), jetstream, hooks);
  } catch (error) {
    throw linkError(error, `cannot connect to ${options.servers.join(", ")}`);
  }
}

function clientOptions(plain: Reach["options"]): ConnectionOptions {
  return {
    name: CONNECTION_NAME,
    // A run ends by its own deadline, and a server may be away for longer than the client's ten attempts.
    maxReconnectAttempts: -1,
    ...natsOptions(plain),
    // A stack for each request is dear, and the client's own benchmarks make none either.
    noAsyncTraces: true,
  };
}
