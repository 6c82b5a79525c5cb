/** A stream of orders with a durable consumer, and an instrumented connection of either generation. */
import type { RunningNatsServer } from "../../../tools/nats-server/run.ts";
import { type ClientGeneration, type InstrumentedFixture, instrumentClient } from "../clients.ts";
import { type EndedSpan, endedSpans, operation } from "../ended-spans.ts";

/* biome-ignore-start lint/suspicious/noExplicitAny: the generations' types have nothing in common */
/** The fixture of a test. */
export interface Orders extends InstrumentedFixture {
  /** JetStream of the instrumented connection. */
  readonly js: any;
  /** JetStream client and manager of the raw connection. */
  readonly rawJs: any;
  readonly manager: any;
}
/* biome-ignore-end lint/suspicious/noExplicitAny: see above */

/** Configuration of the stream and its consumer besides their names. */
interface OrdersOptions extends NonNullable<Parameters<typeof instrumentClient>[2]> {
  readonly stream?: object;
  readonly consumer?: object;
}

/** Recreates the stream ORDERS of `orders.>` with a consumer `worker`. */
export async function prepareOrders(
  client: ClientGeneration,
  server: RunningNatsServer,
  { stream, consumer, ...options }: OrdersOptions = {},
): Promise<Orders> {
  const fixture = await instrumentClient(client, server, options);
  const manager = await client.jetstreamManager(fixture.raw);
  await manager.streams.delete("ORDERS").catch(() => {});
  // In memory, because nats-server 2.10 may recover the files of a deleted stream.
  await manager.streams.add({ name: "ORDERS", subjects: ["orders.>"], storage: "memory", ...stream });
  await manager.consumers.add("ORDERS", { durable_name: "worker", ack_policy: "explicit", ...consumer });
  const js = client.jetstream(fixture.connection);
  return { ...fixture, js, manager, rawJs: client.jetstream(fixture.raw) };
}

/** Publishes the numbers from 1 to `orders.new` over the raw connection. */
export async function place(orders: Orders, count: number): Promise<void> {
  for (let i = 1; i <= count; i++) await orders.rawJs.publish("orders.new", String(i));
}

/** Attributes of a delivery: stream sequence, consumer sequence, and delivery count. */
export function deliveryOf(stream: number, consumer: number, count = 1) {
  return {
    "messaging.nats.message.stream_sequence": stream,
    "messaging.nats.message.consumer_sequence": consumer,
    "messaging.nats.message.delivery_count": count,
  };
}

/** Attributes of the consumer. */
export const WORKER = {
  "messaging.nats.stream.name": "ORDERS",
  "messaging.destination.subscription.name": "worker",
} as const;

/** Attributes of the span of a `next` or a `fetch`: a consumer is not a destination of messages. */
export function received(name: "next" | "fetch", more: Readonly<Record<string, unknown>> = {}) {
  return operation(name, "receive", undefined, {
    "messaging.destination.template": "worker",
    ...WORKER,
    ...more,
  });
}

/** The span of a processed message of the consumer. */
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

/** All ended spans except those of the test. */
export function ownSpans(orders: Orders): EndedSpan[] {
  return endedSpans(orders).filter(({ name }) => name !== "test");
}

/** The samples of these metrics. */
export function pick(samples: Record<string, number>, name: RegExp): Record<string, number> {
  return Object.fromEntries(Object.entries(samples).filter(([sample]) => name.test(sample)));
}
