/** The warehouse: replies to the front, and publishes to a stream. Uses `@nats-io/*` 3.x. */
import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { instrument } from "../../../src/client.ts";
import { readyUntilEnd } from "./telemetry.ts";

const connection = instrument(await connect({ servers: process.env.NATS_URL ?? "" }));
const stream = jetstream(connection);

connection.subscribe("warehouse.reserve", {
  // @ts-expect-error: the type asks for a synchronous callback, applications give asynchronous ones
  callback: async (_, message) => {
    await stream.publish("orders.reserved", message.data);
    message.respond("reserved");
  },
});
await connection.flush();
readyUntilEnd("ready", () => connection.drain());
