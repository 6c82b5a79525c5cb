/** The front: accepts an order by HTTP and requests it from the warehouse over NATS. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { context, SpanKind, trace } from "@opentelemetry/api";
import { connect } from "nats";
import { instrument } from "../../../src/client.ts";
import { readyUntilEnd } from "./telemetry.ts";

const connection = instrument(await connect({ servers: process.env.NATS_URL ?? "" }));
const tracer = trace.getTracer("front");

const server = createServer((_, response) => {
  const span = tracer.startSpan("POST /orders", { kind: SpanKind.SERVER });
  context.with(trace.setSpan(context.active(), span), async () => {
    const reply = await connection.request("warehouse.reserve", "42", { timeout: 5000 });
    response.end(reply.string());
    span.end();
  });
});
server.listen(0, "127.0.0.1", () => {
  readyUntilEnd(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, () => connection.drain());
});
