/** Every way to get a pull consumer; for push consumers see `push.test.ts`. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { describeEachServer } from "../../outside-programs.ts";
import { describeEachClient, keepContexts } from "../clients.ts";
import { type Orders, ownSpans, place, prepareOrders, received } from "./orders.ts";

keepContexts();

/** Gets a consumer from a JetStream client. */
type Getter = (js: Orders["js"], orders: Orders) => unknown;

const streamOf = (js: Orders["js"]) => js.streams.get("ORDERS");
const managerOf = (js: Orders["js"]) => js.jetstreamManager();
const infoOf = ({ manager }: Orders) => manager.consumers.info("ORDERS", "worker");

/** Ways to the durable consumer `worker`. */
const NAMED = {
  get: (js) => js.consumers.get("ORDERS", "worker"),
  "getConsumer of a stream": async (js) => (await streamOf(js)).getConsumer("worker"),
  "getConsumer of the best stream": async (js) => (await (await streamOf(js)).best()).getConsumer("worker"),
  "getConsumer of a manager's stream": async (js) =>
    (await (await managerOf(js)).streams.get("ORDERS")).getConsumer("worker"),
  "get of a manager's client": async (js) =>
    (await managerOf(js)).jetstream().consumers.get("ORDERS", "worker"),
} satisfies Record<string, Getter>;

/** Ways without a request to the server. */
const DESCRIBED = {
  "nats 2": {
    getPullConsumerFor: async (js, orders) => js.consumers.getPullConsumerFor(await infoOf(orders)),
    "getConsumerFromInfo of a stream": async (js, orders) =>
      (await streamOf(js)).getConsumerFromInfo(await infoOf(orders)),
  },
  "@nats-io 3": {
    getConsumerFromInfo: async (js, orders) => js.consumers.getConsumerFromInfo(await infoOf(orders)),
  },
} satisfies Record<string, Record<string, Getter>>;

const ORDERED = {
  get: (js) => js.consumers.get("ORDERS"),
  ordered: (js) => js.consumers.ordered("ORDERS", {}),
  "getConsumer of a stream": async (js) => (await streamOf(js)).getConsumer(),
} satisfies Record<string, Getter>;

const GETTERS = {
  "nats 2": ["get", "getPullConsumerFor", "ordered"],
  "@nats-io 3": [
    "get",
    "getBoundPushConsumer",
    "getConsumerFromInfo",
    "getOrderedPushConsumer",
    "getPushConsumer",
    "ordered",
  ],
};

/** All samples after one `next`. */
const left = (consumer: string) => ({
  nats_connection_status: 1,
  'nats_messages_received_total{subject="orders.new"}': 1,
  'nats_received_bytes_total{subject="orders.new"}': 1,
  [`nats_jetstream_fetch_seconds_count{stream="ORDERS",consumer="${consumer}",outcome="ok"}`]: 1,
  [`nats_jetstream_delivery_count_count{stream="ORDERS",consumer="${consumer}"}`]: 1,
});

describeEachServer("consumers", ({ version }) => {
  let server: RunningNatsServer;
  beforeAll(async () => {
    server = await runNatsServer({ version });
  });
  afterAll(() => server.stop());

  describeEachClient("are instrumented in every way to get them", (client) => {
    const nextOf = async (getter: Getter, orders: Orders) => {
      await place(orders, 1);
      const consumer = (await getter(orders.js, orders)) as Orders["js"];
      expect((await consumer.next({ expires: 1000 })).seq).toBe(1);
      return ownSpans(orders);
    };

    it.each(Object.entries<Getter>({ ...NAMED, ...DESCRIBED[client.name] }))("%s", async (_, getter) => {
      await using orders = await prepareOrders(client, server);
      const [span, ...more] = await nextOf(getter, orders);
      expect(more).toEqual([]);
      expect(span).toMatchObject({ name: "next worker", attributes: received("next") });
      expect(span?.attributes).not.toHaveProperty("messaging.destination.name");
      expect(await orders.samples()).toEqual(left("worker"));
    });

    it.each(Object.entries<Getter>(ORDERED))("%s: an ordered consumer", async (_, getter) => {
      await using orders = await prepareOrders(client, server);
      const [span, ...more] = await nextOf(getter, orders);
      expect(more).toEqual([]);
      expect(span).toMatchObject({
        name: "next ORDERS",
        attributes: {
          "messaging.destination.template": "ORDERS",
          "messaging.nats.stream.name": "ORDERS",
        },
      });
      for (const name of ["messaging.destination.name", "messaging.destination.subscription.name"]) {
        expect(span?.attributes).not.toHaveProperty(name);
      }
      expect(await orders.samples()).toEqual(left("_ephemeral"));
    });

    it("have no way to get them without a test", async () => {
      await using orders = await prepareOrders(client, server);
      const members = Object.getOwnPropertyNames(Object.getPrototypeOf(orders.rawJs.consumers));
      const others = ["constructor", "checkVersion"];
      expect(members.filter((name) => !others.includes(name)).sort()).toEqual(GETTERS[client.name]);
    });
  });
});
