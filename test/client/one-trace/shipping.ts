/** Shipping: consumes the stream, and prints the trace id inside its loop. */
import { context, trace } from "@opentelemetry/api";
import { connect } from "nats";
import { instrument } from "../../../src/client.ts";
import { readyUntilEnd } from "./telemetry.ts";

const connection = instrument(await connect({ servers: process.env.NATS_URL ?? "" }));
const consumer = await connection.jetstream().consumers.get("ORDERS", "shipping");
const messages = await consumer.consume();
readyUntilEnd("ready", async () => {
  await messages.close();
  await connection.drain();
});
for await (const message of messages) {
  const work = trace.getTracer("shipping").startSpan("pack", {}, context.active());
  work.end();
  message.ack();
}
