/**
 * `/varz`: the server as a whole, its counters since the start, and its configuration.
 *
 * Deliberately absent: `jetstream` except for settings, because `/jsz` has more; addresses and URLs; `metadata`,
 * which can contain anything.
 */
import type { Collector } from "../../collect/collector.ts";
import { requireServerId } from "../../collect/identity.ts";
import { at } from "../../sources/json.ts";
import type { Document } from "../../sources/monitoring-port/document.ts";
import { listener, listeners } from "./listener.ts";
import { entries, feature, gatewayRemote, gatewayRemotes, monitoringEndpoint } from "./named.ts";
import { server, serverConfig, serverInfo } from "./server.ts";
import { connectionKind, connectionKinds } from "./trouble.ts";

export const varz: Collector<{ varz: Document }> = {
  name: "varz",
  summary: "the server as a whole: connections, traffic, memory, limits, certificates",
  tables: [
    server,
    serverInfo,
    serverConfig,
    connectionKind,
    listener,
    gatewayRemote,
    monitoringEndpoint,
    feature,
  ],
  async fetch(ask) {
    return { varz: await ask({ path: "/varz" }) };
  },
  *read({ varz: { root } }, { target }, sink) {
    requireServerId(`GET /varz from ${target.name}`, root);
    sink.add(server, root);
    sink.add(serverInfo, root);
    sink.add(serverConfig, root);
    for (const item of connectionKinds(root)) sink.add(connectionKind, item);
    for (const item of listeners(root)) sink.add(listener, item);
    for (const item of gatewayRemotes(root)) sink.add(gatewayRemote, item);
    for (const item of entries(at(root, ["http_req_stats"]))) {
      sink.add(monitoringEndpoint, item);
      yield;
    }
    for (const item of entries(at(root, ["feature_flags"]))) {
      sink.add(feature, item);
      yield;
    }
  },
};
