/**
 * Configurations of the rig's servers: a cluster C1 of three with JetStream, a cluster C2 of one behind a gateway, a
 * leaf node with its own JetStream domain, and a standalone server. Each has four accounts.
 *
 *   n1 ── n2 ── n3   (C1)  ══ gateway ══  g1 (C2)
 *   │
 *   leaf1 (domain LEAF)                   solo
 *
 * Text only: `rig.ts` starts the servers.
 */
export const NODE_NAMES = ["n1", "n2", "n3", "g1", "leaf1", "solo"] as const;
export type NodeName = (typeof NODE_NAMES)[number];

/** Servers with JetStream. */
export const JETSTREAM_NODES: readonly NodeName[] = ["n1", "n2", "n3", "leaf1", "solo"];
export const C1: readonly NodeName[] = ["n1", "n2", "n3"];

/** Ports of one server; it listens on those that its configuration names. */
export interface NodePorts {
  readonly client: number;
  readonly monitor: number;
  readonly route: number;
  readonly gateway: number;
  readonly leafnode: number;
  readonly websocket: number;
  readonly mqtt: number;
}
export type Ports = Readonly<Record<NodeName, NodePorts>>;

/** Each password is the user name, and the name tells the permissions. */
const ACCOUNTS = `
accounts {
  SYS: { users: [ { user: sys, password: sys } ] }
  APP: {
    jetstream: { max_mem: 64MB, max_file: 256MB, max_streams: 20, max_consumers: 100 }
    users: [
      { user: app, password: app }
      { user: limited, password: limited, permissions: { publish: "orders.>", subscribe: ["_INBOX.>", "orders.>"] } }
    ]
    exports: [ { service: "svc.echo" }, { stream: "pub.feed.>" } ]
  }
  ANALYTICS: {
    jetstream: enabled
    users: [ { user: ana, password: ana } ]
    imports: [
      { service: { account: APP, subject: "svc.echo" } }
      { stream: { account: APP, subject: "pub.feed.>" }, prefix: "imported" }
    ]
  }
  PLAIN: { users: [ { user: plain, password: plain } ] }
}
system_account: SYS
`;

function head(name: NodeName, ports: NodePorts): string {
  return `
server_name: "${name}"
host: 127.0.0.1
port: ${ports.client}
http: "127.0.0.1:${ports.monitor}"
`;
}

function gateway(cluster: "C1" | "C2", own: NodePorts, ports: Ports): string {
  return `gateway {
  name: ${cluster}, host: 127.0.0.1, port: ${own.gateway}
  gateways: [
    { name: C1, urls: ["nats://127.0.0.1:${ports.n1.gateway}"] }
    { name: C2, urls: ["nats://127.0.0.1:${ports.g1.gateway}"] }
  ]
}
`;
}

function jetstream(domain = ""): string {
  return `jetstream { max_mem: 128MB, max_file: 1GB${domain && `, domain: ${domain}`} }\n`;
}

function clusterNode(name: NodeName, ports: Ports, nodes: readonly NodeName[]): string {
  const own = ports[name];
  const routes = C1.map((node) => `"nats-route://127.0.0.1:${ports[node].route}"`).join(", ");
  return [
    head(name, own),
    `server_tags: ["region:eu", "node:${name}"]\n`,
    jetstream(),
    `cluster { name: C1, host: 127.0.0.1, port: ${own.route}, routes: [${routes}] }\n`,
    // In a cluster whose gateway has no remote, JetStream does not start.
    nodes.includes("g1") ? gateway("C1", own, ports) : "",
    name === "n1" ? listeners(own) : "",
    ACCOUNTS,
  ].join("");
}

function listeners({ leafnode, websocket, mqtt }: NodePorts): string {
  return `leafnodes { host: 127.0.0.1, port: ${leafnode} }
websocket { host: 127.0.0.1, port: ${websocket}, no_tls: true }
mqtt { host: 127.0.0.1, port: ${mqtt} }
`;
}

/**
 * Returns the configuration file of each server for a rig with these `nodes`. The store directory is an
 * argument of the server.
 */
export function configurations(ports: Ports, nodes: readonly NodeName[]): Record<NodeName, string> {
  const hub = `127.0.0.1:${ports.n1.leafnode}`;
  return {
    n1: clusterNode("n1", ports, nodes),
    n2: clusterNode("n2", ports, nodes),
    n3: clusterNode("n3", ports, nodes),
    g1: [
      head("g1", ports.g1),
      `cluster { name: C2, host: 127.0.0.1, port: ${ports.g1.route} }\n`,
      gateway("C2", ports.g1, ports),
      ACCOUNTS,
    ].join(""),
    leaf1: [
      head("leaf1", ports.leaf1),
      jetstream("LEAF"),
      `leafnodes {
  remotes: [
    { url: "nats-leaf://app:app@${hub}", account: APP }
    { url: "nats-leaf://ana:ana@${hub}", account: ANALYTICS }
  ]
}
`,
      ACCOUNTS,
    ].join(""),
    // A client that does not read is disconnected after half a second instead of ten.
    solo: [head("solo", ports.solo), 'write_deadline: "500ms"\n', jetstream(), ACCOUNTS].join(""),
  };
}
