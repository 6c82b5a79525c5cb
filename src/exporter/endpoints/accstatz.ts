/**
 * `/accstatz`: connections and subscriptions of each account on this server, and its traffic since the server
 * started.
 *
 * As in every endpoint, the `account` label is the account's id. Under an operator that is a public key;
 * `nats_account_info` has the name, which need not be unique and therefore identifies no series.
 *
 * The totals include the traffic over links to other servers, so a message that crosses a cluster counts on each
 * server it passes. The traffic per link has its own families, so that `sum()` over a family counts each message
 * once per server. natscope does not subtract links from totals: the server's byte counts are too inexact to keep
 * such a difference from falling.
 *
 * Source: AccountStat and DataStats in nats-server's server/events.go.
 */
import type { Collector } from "../collect/collector.ts";
import { number } from "../collect/conversions.ts";
import { isSelected } from "../collect/selection.ts";
import { from, type Row, type Table } from "../collect/table.ts";
import { at, text } from "../sources/json.ts";
import type { Document } from "../sources/monitoring-port/document.ts";

const ofAccount = (field: string): Pick<Row<unknown>, "field" | "read"> => ({
  ...from(field),
  field: `account_statz[].${field}`,
});

const account: Table<unknown> = {
  item: "account",
  endpoint: "/accstatz",
  labels: ["account"],
  identify: (item) => [text(at(item, ["acc"]))],
  rows: [
    {
      name: "nats_account_connections",
      type: "gauge",
      help: "Open client connections of the account on this server.",
      ...ofAccount("conns"),
    },
    {
      name: "nats_account_leaf_connections",
      type: "gauge",
      help: "Open leaf node connections of the account on this server.",
      ...ofAccount("leafnodes"),
    },
    {
      name: "nats_account_subscriptions",
      type: "gauge",
      help: "Subscriptions of the account known to this server, including its internal ones.",
      since: "2.10.0",
      ...ofAccount("num_subscriptions"),
    },
    {
      name: "nats_account_slow_consumers_total",
      type: "counter",
      help: "Slow-consumer events on connections of the account.",
      ...ofAccount("slow_consumers"),
    },
    {
      name: "nats_account_sent_messages_total",
      type: "counter",
      help: "Messages that this server sent for the account to clients, leaf nodes, routes and gateways.",
      ...ofAccount("sent.msgs"),
    },
    {
      name: "nats_account_sent_bytes_total",
      type: "counter",
      help: "Bytes that this server sent for the account to clients, leaf nodes, routes and gateways.",
      ...ofAccount("sent.bytes"),
    },
    {
      name: "nats_account_received_messages_total",
      type: "counter",
      help: "Messages that this server received for the account from clients and leaf nodes, and since 2.11.5 also from routes and gateways.",
      ...ofAccount("received.msgs"),
    },
    {
      name: "nats_account_received_bytes_total",
      type: "counter",
      help: "Bytes that this server received for the account from clients and leaf nodes, and since 2.11.5 also from routes and gateways.",
      ...ofAccount("received.bytes"),
    },
  ],
};

/** An account's traffic over one type of link, which its totals include. */
interface Link {
  readonly account: string;
  readonly link: string;
  readonly sent: unknown;
  readonly received: unknown;
}

const LINKS: readonly (readonly [link: string, field: string])[] = [
  ["route", "routes"],
  ["gateway", "gateways"],
  ["leaf", "leafs"],
];

const ofLink = (
  direction: "sent" | "received",
  unit: "msgs" | "bytes",
): Pick<Row<Link>, "field" | "read" | "since"> => ({
  field: `account_statz[].${direction}.{routes,gateways,leafs}.${unit}`,
  read: (item) => number(at(item[direction], [unit])),
  since: "2.11.5",
});

const accountLink: Table<Link> = {
  item: "account over a type of link",
  endpoint: "/accstatz",
  labels: ["account", "link"],
  identify: ({ account, link }) => [account, link],
  rows: [
    {
      name: "nats_account_link_sent_messages_total",
      type: "counter",
      help: "Messages sent for the account over this type of link, a part of the account's total. Absent until the link is used.",
      ...ofLink("sent", "msgs"),
    },
    {
      name: "nats_account_link_sent_bytes_total",
      type: "counter",
      help: "Bytes sent for the account over this type of link, a part of the account's total. Absent until the link is used.",
      ...ofLink("sent", "bytes"),
    },
    {
      name: "nats_account_link_received_messages_total",
      type: "counter",
      help: "Messages received for the account over this type of link, a part of the account's total. Absent until the link is used.",
      ...ofLink("received", "msgs"),
    },
    {
      name: "nats_account_link_received_bytes_total",
      type: "counter",
      help: "Bytes received for the account over this type of link, a part of the account's total. Absent until the link is used.",
      ...ofLink("received", "bytes"),
    },
  ],
};

const accountName: Table<unknown> = {
  item: "account",
  endpoint: "/accstatz",
  labels: ["account", "account_name"],
  identify: (item) => [text(at(item, ["acc"])), text(at(item, ["name"]))],
  rows: [
    {
      name: "nats_account_info",
      type: "info",
      help: "Account name. Always 1. Absent if the account has no name besides its id.",
      since: "2.11.0",
      field: "account_statz[].name",
      read: () => 1,
    },
  ],
};

export const accstatz: Collector<{ accstatz: Document }> = {
  name: "accstatz",
  summary: "per account: connections, subscriptions, slow consumers, traffic, traffic per link",
  tables: [account, accountLink, accountName],

  async fetch(ask) {
    // Without `unused`, an account and its counters disappear while it has no connections.
    return { accstatz: await ask({ path: "/accstatz?unused=1", cut: ["account_statz"] }) };
  },

  *read({ accstatz }, { selection }, sink) {
    for (const item of accstatz.elements(at(accstatz.root, ["account_statz"]))) {
      const id = text(at(item, ["acc"]));
      if (id === "" || !isSelected(id, selection.accounts)) continue;
      sink.add(account, item);
      for (const link of linksInUse(id, item)) sink.add(accountLink, link);
      const name = text(at(item, ["name"]));
      if (name !== "" && name !== id) sink.add(accountName, item);
      yield;
    }
  },
};

/**
 * The links with traffic. Most accounts use no link of most types, and zeros for those would outnumber all other
 * series.
 */
function linksInUse(account: string, item: unknown): Link[] {
  return LINKS.map(([link, field]) => ({
    account,
    link,
    sent: at(item, ["sent", field]),
    received: at(item, ["received", field]),
  })).filter(({ sent, received }) =>
    [sent, received].some((way) => [at(way, ["msgs"]), at(way, ["bytes"])].some((n) => number(n))),
  );
}
