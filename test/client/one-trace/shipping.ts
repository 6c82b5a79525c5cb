/** Shipping: consumes the stream, and says inside its loop whose trace it is in. */
import { context, trace } from "@opentelemetry/api";
import { connect } from "nats";
import { instrument } from "../../../src/client.ts";
import { readyUntilTold } from "./telemetry.ts";

const connection = instrument(await connect({ servers: process.env.NATS_URL ?? "" }));
const consumer = await connection.jetstream().consumers.get("ORDERS", "shipping");
const messages = await consumer.consume();
readyUntilTold("ready", async () => {
  await messages.close();
  await connection.drain();
});
for await (const message of messages) {
  const work = trace.getTracer("shipping").startSpan("pack", {}, context.active());
  work.end();
  message.ack();
}
