/**
 * `/accstatz`: what each account has open on this server, and its traffic since the server started.
 *
 * The label `account` is the account's id, as in every other endpoint. Under an operator that is a public
 * key; `nats_account_info` gives its name, which need not be unique and so names no series.
 *
 * The totals already include what went over links to other servers, so a message that crosses a cluster
 * counts on each server it passes. The links are families of their own: no `sum()` over one counts a message
 * twice, and nothing is subtracted here, as the server's sizes are not exact enough to keep a difference from
 * falling.
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

export const account: Table<unknown> = {
  item: "account",
  endpoint: "/accstatz",
  labels: ["account"],
  identify: (item) => [text(at(item, ["acc"]))],
  rows: [
    {
      name: "nats_account_connections",
      type: "gauge",
      help: "Client connections of the account open on this server.",
      ...ofAccount("conns"),
    },
    {
      name: "nats_account_leaf_connections",
      type: "gauge",
      help: "Leaf node connections of the account open on this server.",
      ...ofAccount("leafnodes"),
    },
    {
      name: "nats_account_subscriptions",
      type: "gauge",
      help: "Subscriptions of the account that this server knows, its own internal ones included.",
      since: "2.10.0",
      ...ofAccount("num_subscriptions"),
    },
    {
      name: "nats_account_slow_consumers_total",
      type: "counter",
      help: "Times that a connection of the account was too slow to take its messages.",
      ...ofAccount("slow_consumers"),
    },
    {
      name: "nats_account_sent_messages_total",
      type: "counter",
      help: "Messages that this server sent for the account: to clients, leaf nodes, routes and gateways.",
      ...ofAccount("sent.msgs"),
    },
    {
      name: "nats_account_sent_bytes_total",
      type: "counter",
      help: "Bytes that this server sent for the account: to clients, leaf nodes, routes and gateways.",
      ...ofAccount("sent.bytes"),
    },
    {
      name: "nats_account_received_messages_total",
      type: "counter",
      help: "Messages that this server received for the account: from clients and leaf nodes, since 2.11.5 from routes and gateways too.",
      ...ofAccount("received.msgs"),
    },
    {
      name: "nats_account_received_bytes_total",
      type: "counter",
      help: "Bytes that this server received for the account: from clients and leaf nodes, since 2.11.5 from routes and gateways too.",
      ...ofAccount("received.bytes"),
    },
  ],
};

/** An account's traffic over one kind of link, as a part of its totals. */
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

export const accountLink: Table<Link> = {
  item: "account over a kind of link",
  endpoint: "/accstatz",
  labels: ["account", "link"],
  identify: ({ account, link }) => [account, link],
  rows: [
    {
      name: "nats_account_link_sent_messages_total",
      type: "counter",
      help: "Messages among the account's sent ones that went over this kind of link. Absent until it is used.",
      ...ofLink("sent", "msgs"),
    },
    {
      name: "nats_account_link_sent_bytes_total",
      type: "counter",
      help: "Bytes among the account's sent ones that went over this kind of link. Absent until it is used.",
      ...ofLink("sent", "bytes"),
    },
    {
      name: "nats_account_link_received_messages_total",
      type: "counter",
      help: "Messages among the account's received ones that came over this kind of link. Absent until it is used.",
      ...ofLink("received", "msgs"),
    },
    {
      name: "nats_account_link_received_bytes_total",
      type: "counter",
      help: "Bytes among the account's received ones that came over this kind of link. Absent until it is used.",
      ...ofLink("received", "bytes"),
    },
  ],
};

export const accountName: Table<unknown> = {
  item: "account",
  endpoint: "/accstatz",
  labels: ["account", "account_name"],
  identify: (item) => [text(at(item, ["acc"])), text(at(item, ["name"]))],
  rows: [
    {
      name: "nats_account_info",
      type: "info",
      help: "The account's name, where an operator gave it one besides its id.",
      since: "2.11.0",
      field: "account_statz[].name",
      read: () => 1,
    },
  ],
};

export const accstatz: Collector<{ accstatz: Document }> = {
  name: "accstatz",
  summary: "per account: connections, subscriptions, slow consumers, traffic and the links it went over",
  tables: [account, accountLink, accountName],

  async fetch(ask) {
    // Without `unused` an account vanishes, counters and all, while nobody is connected.
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

/** Most accounts use no link of most kinds; their zeros would be more than all the rest. */
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
