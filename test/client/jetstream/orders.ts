/** A stream of orders and a durable consumer of it, seen through an instrumented connection of either generation. */
import type { RunningNatsServer } from "../../../tools/nats-server/run.ts";
import { type ClientGeneration, type InstrumentedFixture, instrumentClient } from "../clients.ts";
import { type EndedSpan, endedSpans, operation } from "../ended-spans.ts";

/* biome-ignore-start lint/suspicious/noExplicitAny: the generations' types have nothing in common */
/** What a test has. */
export interface Orders extends InstrumentedFixture {
  /** JetStream of the instrumented connection. */
  readonly js: any;
  /** JetStream of the other connection, and its manager. */
  readonly rawJs: any;
  readonly manager: any;
}
/* biome-ignore-end lint/suspicious/noExplicitAny: see above */

/** What the stream and its consumer are to have beside their names. */
interface OrdersOptions extends NonNullable<Parameters<typeof instrumentClient>[2]> {
  readonly stream?: object;
  readonly consumer?: object;
}

/** Makes the stream ORDERS of `orders.>` anew, with a consumer `worker`. */
export async function prepareOrders(
  client: ClientGeneration,
  server: RunningNatsServer,
  { stream, consumer, ...options }: OrdersOptions = {},
): Promise<Orders> {
  const fixture = await instrumentClient(client, server, options);
  const manager = await client.jetstreamManager(fixture.raw);
  await manager.streams.delete("ORDERS").catch(() => {});
  // In memory: nats-server 2.10 may find a deleted stream's files again.
  await manager.streams.add({ name: "ORDERS", subjects: ["orders.>"], storage: "memory", ...stream });
  await manager.consumers.add("ORDERS", { durable_name: "worker", ack_policy: "explicit", ...consumer });
  const js = client.jetstream(fixture.connection);
  return { ...fixture, js, manager, rawJs: client.jetstream(fixture.raw) };
}

/** Publishes `orders.new` with the numbers from 1 on, by the other connection. */
export async function place(orders: Orders, count: number): Promise<void> {
  for (let i = 1; i <= count; i++) await orders.rawJs.publish("orders.new", String(i));
}

/** What spans say of a message: its place in the stream and in its consumer, and which delivery it was. */
export function deliveryOf(stream: number, consumer: number, count = 1) {
  return {
    "messaging.nats.message.stream_sequence": stream,
    "messaging.nats.message.consumer_sequence": consumer,
    "messaging.nats.message.delivery_count": count,
  };
}

/** What spans say of the consumer. */
export const WORKER = {
  "messaging.nats.stream.name": "ORDERS",
  "messaging.destination.subscription.name": "worker",
} as const;

/** Attributes of the span of a `next` or a `fetch`: a consumer is no destination that messages are sent to. */
export function received(name: "next" | "fetch", more: Readonly<Record<string, unknown>> = {}) {
  return operation(name, "receive", undefined, {
    "messaging.destination.template": "worker",
    ...WORKER,
    ...more,
  });
}

/** The span of a message of the consumer that was processed. */
export function processed(
  stream: number,
  consumer: number,
  more: Partial<EndedSpan> & { readonly count?: number; readonly subject?: string } = {},
): EndedSpan {
  const { count, subject = "orders.new", ...rest } = more;
  return {
    name: `process ${subject}`,
    kind: "CONSUMER",
    attributes: operation("process", "process", subject, {
      ...WORKER,
      ...deliveryOf(stream, consumer, count),
    }),
    ...rest,
  };
}

/** All spans but those of the test itself. */
export function told(orders: Orders): EndedSpan[] {
  return endedSpans(orders).filter(({ name }) => name !== "test");
}

/** The samples of these metrics only. */
export function pick(samples: Record<string, number>, name: RegExp): Record<string, number> {
  return Object.fromEntries(Object.entries(samples).filter(([sample]) => name.test(sample)));
}
