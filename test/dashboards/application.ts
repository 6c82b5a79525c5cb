/**
 * An instrumented application that uses every NATS feature, with and without errors, so that each panel of the client
 * dashboard has data. It runs until it is killed. `NATS_URL` is a server with JetStream and the users of
 * `test/rig/topology.ts`. The first line that it prints has the address of its metrics.
 */
import { context } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { connect } from "nats";
import { type OpenMetricsContentType, Registry } from "prom-client";
import { instrument, startMetricsServer } from "../../src/client.ts";

const PAUSE_MS = 100;
const URL = process.env.NATS_URL ?? "";

// Errors of the failing handler below end here.
process.on("unhandledRejection", () => {});
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const registry = new Registry<OpenMetricsContentType>();
registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
const tracer = new TracerProvider({
  spanProcessors: [new SimpleSpanProcessor({ exporter: new InMemorySpanExporter() })],
}).getTracer("application");
const connected = async (user: string) =>
  instrument(await connect({ servers: URL, user, pass: user, name: `${user}-shop` }), { registry, tracer });
const [nc, denied] = await Promise.all([connected("app"), connected("limited")]);
const server = await startMetricsServer({ port: 0, host: "127.0.0.1", registry });
const work = [await messages(), await jetstream(), await services()];
console.log(`metrics at ${server.url}`);
for (let round = 0; ; round++) {
  await Promise.all(work.map((each) => each(round)));
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

type Round = (round: number) => Promise<void>;

function ignoreErrors(promise: Promise<unknown>): Promise<void> {
  return promise.then(() => {}).catch(() => {});
}

/** Core NATS: slow and failing handlers, requests with and without a responder. */
async function messages(): Promise<Round> {
  nc.subscribe("shop.orders.*", {
    callback: async (_, { data }) => {
      await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * 20));
      if (data.length === 0) throw new Error("an order without content");
    },
  });
  nc.subscribe("shop.price", { callback: (_, message) => message.respond("42") });
  return async (round) => {
    for (let i = 0; i < 5; i++) nc.publish(`shop.orders.${round}`, "an order");
    if (round % 5 === 0) nc.publish(`shop.orders.${round}`);
    if (round % 10 === 0) denied.publish("forbidden.subject", "no");
    await ignoreErrors(nc.request("shop.price", "tea", { timeout: 1000 }));
    if (round % 4 === 0) await ignoreErrors(nc.request("shop.nobody", "hello?", { timeout: 1000 }));
  };
}

/** Streams, buckets and an object store, with some redeliveries and some publishes that no stream stores. */
async function jetstream(): Promise<Round> {
  const manager = await nc.jetstreamManager();
  await manager.streams.add({ name: "SHOP", subjects: ["shop.events.>"], max_bytes: 50_000_000 });
  await manager.consumers.add("SHOP", { durable_name: "ledger", ack_policy: "explicit" as never });
  const js = nc.jetstream();
  const kv = await js.views.kv("SHOP_CART");
  const files = await js.views.os("SHOP_FILES");
  const consumer = await js.consumers.get("SHOP", "ledger");
  return async (round) => {
    await ignoreErrors(js.publish("shop.events.paid", "paid"));
    if (round % 7 === 0) await ignoreErrors(js.publish("shop.nowhere", "lost", { timeout: 500 }));
    await ignoreErrors(kv.put(`cart.${round % 5}`, "tea"));
    await ignoreErrors(kv.get(`cart.${round % 5}`));
    if (round % 5 === 0) await ignoreErrors(files.putBlob({ name: "receipt" }, new Uint8Array(1000)));
    const message = await consumer.next({ expires: 1000 }).catch(() => null);
    if (round % 9 === 0) message?.nak();
    else message?.ack();
  };
}

/** A service that the application itself calls. */
async function services(): Promise<Round> {
  const service = await nc.services.add({ name: "calculator", version: "1.0.0" });
  service.addEndpoint("double", (_error, message) => {
    message.respond(String(Number(message.string()) * 2));
  });
  return async (round) => ignoreErrors(nc.request("double", String(round), { timeout: 1000 }));
}
