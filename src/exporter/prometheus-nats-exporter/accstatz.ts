/** `accstatz`: traffic of every account on this server. */
import type { Collector } from "../collect/collector.ts";
import { isSelected } from "../collect/selection.ts";
import type { Table } from "../collect/table.ts";
import { type JsonObject, object, text } from "../sources/json.ts";
import type { Document } from "../sources/monitoring-port/document.ts";
import { count, objects, replyObject } from "./decoding.ts";
import type { Naming } from "./naming.ts";

const PATH = "/accstatz?unused=1";

interface AccountTraffic {
  readonly serverId: string;
  readonly account: JsonObject;
  readonly sent: JsonObject;
  readonly received: JsonObject;
}

export function accstatz(naming: Naming): Collector<{ reply: Document }> {
  const traffic = accountTraffic(naming);
  return {
    name: "accstatz",
    summary: "connections and traffic of each account",
    tables: [traffic],
    async fetch(ask) {
      return { reply: await ask({ path: PATH, cut: ["account_statz"] }) };
    },
    *read({ reply }, context, sink) {
      const serverId = naming.serverId(context);
      if (serverId === undefined) return;
      for (const account of objects(reply, replyObject(reply, PATH).account_statz)) {
        if (!isSelected(text(account.acc), context.selection.accounts)) continue;
        sink.add(traffic, {
          serverId,
          account,
          sent: object(account.sent),
          received: object(account.received),
        });
        yield;
      }
    },
  };
}

function accountTraffic({ core }: Naming): Table<AccountTraffic> {
  const row = (
    name: string,
    field: string,
    help: string,
    read: (traffic: AccountTraffic) => unknown,
  ): Table<AccountTraffic>["rows"][number] => ({
    name: core("accstatz", name),
    type: "gauge",
    help,
    field: `account_statz.${field}`,
    read: (traffic) => count(read(traffic)),
  });
  return {
    item: "account",
    endpoint: "/accstatz",
    labels: ["server_id", "account", "account_id", "account_name"],
    identify: ({ serverId, account }) => [serverId, text(account.acc), text(account.acc), text(account.name)],
    rows: [
      row("current_connections", "conns", "Open client connections.", (t) => t.account.conns),
      row(
        "total_connections",
        "total_conns",
        "Open client and leaf node connections.",
        (t) => t.account.total_conns,
      ),
      row("subscriptions", "num_subscriptions", "Subscriptions.", (t) => t.account.num_subscriptions),
      row("leaf_nodes", "leafnodes", "Open leaf node connections.", (t) => t.account.leafnodes),
      row("sent_messages", "sent.msgs", "Messages sent since the server started.", (t) => t.sent.msgs),
      row("sent_bytes", "sent.bytes", "Bytes sent since the server started.", (t) => t.sent.bytes),
      row(
        "received_messages",
        "received.msgs",
        "Messages received since the server started.",
        (t) => t.received.msgs,
      ),
      row(
        "received_bytes",
        "received.bytes",
        "Bytes received since the server started.",
        (t) => t.received.bytes,
      ),
      row(
        "slow_consumers",
        "slow_consumers",
        "Slow consumers since the server started.",
        (t) => t.account.slow_consumers,
      ),
    ],
  };
}
