/**
 * The driver on the `nats` client (2.x). It adds as little to the client as possible: the subject of the measurement
 * is a program that uses this client well, with callbacks and without stack traces for each operation.
 */
import { type ConnectionOptions, connect, type NatsConnection } from "nats";
import { natsOptions } from "../../../nats/connect/nats-options.ts";
import { CONNECTION_DEFAULTS, type Driver, type Reach } from "../driver.ts";
import { NatsAdmin } from "./admin.ts";
import { clientVersion } from "./client-version.ts";
import { linkError } from "./failure.ts";
import { NatsLink } from "./link.ts";

/** The driver. */
export const natsDriver: Driver = {
  name: "nats",
  client: `nats ${clientVersion()}`,
  async connect(reach, hooks) {
    // A stack trace for each request is expensive, and the client's own benchmarks have none.
    const connection = await open(reach, { noAsyncTraces: true });
    return new NatsLink(connection, reach.jetstream ?? {}, hooks);
  },
  async administer(reach) {
    return NatsAdmin.over(await open(reach, {}), reach.jetstream ?? {});
  },
};

/** Rejects with a `LinkError` that names the servers. */
async function open({ options }: Reach, more: ConnectionOptions): Promise<NatsConnection> {
  try {
    return await connect({
      ...CONNECTION_DEFAULTS,
      ...natsOptions(options),
      ...more,
    });
  } catch (error) {
    throw linkError(error, `cannot connect to ${options.servers.join(", ")}`);
  }
}
