/** `/varz`: the server as a whole. */
import type { Collector } from "../collector.ts";
import type { Document } from "../fetch/document.ts";
import { from, type Table } from "../table.ts";

export const server: Table<unknown> = {
  item: "server",
  endpoint: "/varz",
  labels: [],
  identify: () => [],
  rows: [
    {
      name: "nats_server_connections",
      type: "gauge",
      help: "Client connections open now.",
      ...from("connections"),
    },
    {
      name: "nats_server_received_messages_total",
      type: "counter",
      help: "Messages received from clients, routes, gateways and leaf nodes.",
      ...from("in_msgs"),
    },
  ],
};

export const varz: Collector<{ varz: Document }> = {
  name: "varz",
  summary: "the server as a whole: connections, traffic, memory, limits, certificates",
  tables: [server],
  async fetch(ask) {
    return { varz: await ask({ path: "/varz" }) };
  },
  read({ varz }, _scene, sink) {
    sink.add(server, varz.root);
    return undefined;
  },
};
