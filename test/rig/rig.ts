/**
 * A rig: real servers on 127.0.0.1 as one disposable value. `stop()` removes all its processes, connections and
 * stores; a start that fails removes them, too.
 */
import { type ConnectionOptions, connect, type NatsConnection } from "nats";
import type { Target } from "../../src/exporter/sources/target.ts";
import { freePort } from "../../tools/nats-server/ports.ts";

import { RigServer } from "./server.ts";
import {
  C1,
  configurations,
  JETSTREAM_NODES,
  NODE_NAMES,
  type NodeName,
  type NodePorts,
  type Ports,
} from "./topology.ts";
import { until } from "./until.ts";

/** Elections may take several rounds of some seconds, and more on a busy machine. */
const CLUSTER_MS = 90_000;

/** The users of `topology.ts`; each password is the user name. */
export type User = "sys" | "app" | "limited" | "ana" | "plain";

export interface RigOptions {
  readonly version: string;
  /**
   * Servers to start. Default: all. A cluster node needs its peers; the gateway and the leaf node need n1.
   */
  readonly nodes?: readonly NodeName[];
}

export class Rig {
  readonly version: string;
  readonly #servers = new Map<NodeName, RigServer>();
  readonly #connections: NatsConnection[] = [];
  readonly #atEnd: (() => unknown)[] = [];

  private constructor(version: string) {
    this.version = version;
  }

  /** Starts the servers and waits until clusters have leaders, links are up and JetStream answers. */
  static async start({ version, nodes = NODE_NAMES }: RigOptions): Promise<Rig> {
    const ports = await choosePorts();
    const texts = configurations(ports, nodes);
    const rig = new Rig(version);
    const starting = new Map<NodeName, Promise<void>>();
    for (const name of nodes) {
      const start = async (): Promise<void> => {
        // The gateway of C2 dials any server of C1 that it knows: it has to know n1 before the others.
        if (nodes.includes("g1") && (name === "n2" || name === "n3")) {
          await Promise.all([starting.get("n1"), starting.get("g1")]);
          await rig.#linked("g1", "/gatewayz", (doc) => hasGateway(doc, "C1"));
        }
        const { client: clientPort, monitor: monitorPort } = ports[name];
        const config = texts[name];
        rig.#servers.set(name, await RigServer.start({ name, version, config, clientPort, monitorPort }));
      };
      starting.set(name, Promise.resolve().then(start));
    }
    try {
      await Promise.all(starting.values());
      await rig.ready();
      return rig;
    } catch (error) {
      await Promise.allSettled(starting.values());
      await rig.stop();
      throw error;
    }
  }

  get servers(): readonly RigServer[] {
    return NODE_NAMES.flatMap((name) => this.#servers.get(name) ?? []);
  }

  server(name: NodeName): RigServer {
    const server = this.#servers.get(name);
    if (!server) throw new Error(`the rig has no server ${name}`);
    return server;
  }

  has(name: NodeName): boolean {
    return this.#servers.has(name);
  }

  /** Returns the scrape targets for the servers named. Default: all. */
  targets(...names: NodeName[]): Target[] {
    return this.servers
      .filter(({ name }) => names.length === 0 || names.includes(name as NodeName))
      .map(({ name, monitorUrl }) => ({ name, url: monitorUrl }));
  }

  /** Connects to that server and no other, so that every run has the same connections on the same servers. */
  async connect(node: NodeName, user: User, options: ConnectionOptions = {}): Promise<NatsConnection> {
    const connection = await connect({
      servers: this.server(node).clientUrl,
      user,
      pass: user,
      ignoreClusterUpdates: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 100,
      ...options,
    });
    this.#connections.push(connection);
    return connection;
  }

  /** Registers a function that runs when the rig stops, before its servers do. */
  onStop(end: () => unknown): void {
    this.#atEnd.push(end);
  }

  /** Resolves when every running server and every link of the topology is up. */
  async ready(): Promise<void> {
    const has = (name: NodeName): boolean => this.has(name);
    await Promise.all([
      ...JETSTREAM_NODES.filter(has).map((name) => this.#healthy(name)),
      ...(C1.every(has) ? [this.#clustered()] : []),
      ...(has("g1") ? [this.#linked("g1", "/gatewayz", (doc) => hasGateway(doc, "C1"))] : []),
      ...(has("g1")
        ? C1.filter(has).map((name) => this.#linked(name, "/gatewayz", (doc) => hasGateway(doc, "C2")))
        : []),
      ...(has("leaf1") ? [this.#linked("leaf1", "/leafz", ({ leafnodes }) => leafnodes === 2)] : []),
    ]);
  }

  async stop(): Promise<void> {
    for (const end of this.#atEnd.splice(0)) await end();
    await Promise.allSettled(this.#connections.map((connection) => connection.close()));
    await Promise.allSettled(this.servers.map((server) => server.dispose()));
  }

  #healthy(name: NodeName): Promise<unknown> {
    return this.#linked(name, "/healthz", ({ status }) => status === "ok");
  }

  /**
   * Waits until the meta leader has heard from all peers. Until then it rejects a stream with three replicas.
   */
  async #clustered(): Promise<void> {
    await until(
      "the cluster to have a meta leader with current replicas",
      async () => {
        const names = C1.map((name) => this.server(name));
        const replies = (await Promise.all(names.map((server) => server.monitor("/jsz")))) as MetaReply[];
        const leaders = new Set(replies.map(({ meta_cluster }) => meta_cluster?.leader ?? ""));
        const [leader] = leaders;
        if (leaders.size !== 1 || !leader) return undefined;
        const replicas = replies[C1.indexOf(leader as NodeName)]?.meta_cluster?.replicas ?? [];
        return replicas.length === C1.length - 1 && replicas.every(({ current }) => current)
          ? true
          : undefined;
      },
      CLUSTER_MS,
    );
  }

  #linked(name: NodeName, path: string, isUp: (doc: Record<string, unknown>) => boolean): Promise<unknown> {
    return until(`${path} of ${name} to be up`, async () => {
      const doc = (await this.server(name).monitor(path)) as Record<string, unknown>;
      return isUp(doc) || undefined;
    });
  }
}

async function choosePorts(): Promise<Ports> {
  const taken = new Set<number>();
  const another = async (): Promise<number> => {
    const port = await freePort();
    if (taken.has(port)) return another();
    taken.add(port);
    return port;
  };
  const ofNode = async (): Promise<NodePorts> => ({
    client: await another(),
    monitor: await another(),
    route: await another(),
    gateway: await another(),
    leafnode: await another(),
    websocket: await another(),
    mqtt: await another(),
  });
  return {
    n1: await ofNode(),
    n2: await ofNode(),
    n3: await ofNode(),
    g1: await ofNode(),
    leaf1: await ofNode(),
    solo: await ofNode(),
  };
}

interface MetaReply {
  readonly meta_cluster?: {
    readonly leader?: string;
    readonly replicas?: readonly { readonly current: boolean }[];
  };
}

function hasGateway(doc: Record<string, unknown>, cluster: string): boolean {
  const gateways = (doc.outbound_gateways ?? {}) as Record<string, unknown>;
  return cluster in gateways;
}
