/**
 * Assets, clients and a static backlog on a rig, and the events that a monitor should notice: a slow consumer that is
 * disconnected, and clients that are rejected. After `populate` no value changes.
 */
import net from "node:net";
import { createInbox, ErrorCode, type Msg, type NatsConnection } from "nats";
import { askLeader } from "./ask-leader.ts";
import { type Asset, analyticsAssets, appAssets, LEAF_ASSETS, PUBLISHED } from "./assets.ts";
import { JetStreamApi } from "./jetstream-api.ts";
import { lead, leadMetaGroup } from "./leadership.ts";
import type { Rig, User } from "./rig.ts";
import { C1, type NodeName } from "./topology.ts";
import { until } from "./until.ts";

/** One JetStream domain of the rig as one account sees it. */
export interface Realm {
  readonly user: User;
  readonly account: "APP" | "ANALYTICS";
  /** A server that answers for it. */
  readonly node: NodeName;
  /** Servers that can hold its assets. */
  readonly nodes: readonly NodeName[];
  readonly api: JetStreamApi;
  readonly assets: readonly Asset[];
}

export interface PopulateOptions {
  /**
   * Server that leads every stream and consumer of the cluster and holds those with one replica. Default:
   * any.
   */
  readonly leader?: NodeName;
}

/** Creates the assets that the rig's servers can hold, and waits until nothing changes. */
export async function populate(rig: Rig, { leader }: PopulateOptions = {}): Promise<Realm[]> {
  const clustered = C1.every((name) => rig.has(name));
  if (clustered && leader) await leadMetaGroup(rig, leader);
  const realms = await Promise.all([
    ...(clustered
      ? [
          realm(rig, "app", "n1", C1, appAssets(rig.version, 3), leader),
          realm(rig, "ana", "n2", C1, analyticsAssets(3), leader),
        ]
      : []),
    ...(rig.has("leaf1") ? [realm(rig, "app", "leaf1", ["leaf1"], LEAF_ASSETS)] : []),
    ...(rig.has("solo")
      ? [
          realm(rig, "app", "solo", ["solo"], appAssets(rig.version, 1)),
          realm(rig, "ana", "solo", ["solo"], analyticsAssets(1)),
        ]
      : []),
  ]);
  await Promise.all([
    ...(clustered ? [coreTraffic(rig), refusals(rig, "n1")] : []),
    ...(rig.has("solo") ? [cutForSlowness(rig), refusals(rig, "solo")] : []),
  ]);
  return realms;
}

async function realm(
  rig: Rig,
  user: "app" | "ana",
  node: NodeName,
  nodes: readonly NodeName[],
  assets: readonly Asset[],
  leader?: NodeName,
): Promise<Realm> {
  const connection = await rig.connect(node, user, { name: `${user}-service` });
  const api = new JetStreamApi(connection);
  await until(`JetStream of ${user} on ${node}`, async () => (await api.account()) && true);
  for (const { stream, config } of assets) {
    const body = { name: stream, retention: "limits", ...config };
    await until(`stream ${stream}`, () => api.request(`STREAM.CREATE.${stream}`, body));
  }
  await Promise.all(
    assets.flatMap(({ stream, consumers }) =>
      consumers.map((config) => createConsumer(api, stream, config, leader)),
    ),
  );
  if (leader) await leadAll(rig, api, assets, leader);
  await publish(connection, assets);
  await Promise.all([settled(api, assets), ...assets.map((asset) => consume(connection, api, asset))]);
  return { user, account: user === "app" ? "APP" : "ANALYTICS", node, nodes, api, assets };
}

async function createConsumer(
  api: JetStreamApi,
  stream: string,
  config: Asset["consumers"][number],
  home: NodeName | undefined,
): Promise<void> {
  const body = {
    stream_name: stream,
    config: { deliver_policy: "all", replay_policy: "instant", ...config },
  };
  await until(`consumer ${config.name} of ${stream}`, async () => {
    await api.request(`CONSUMER.CREATE.${stream}.${config.name}`, body);
    const { cluster } = await api.consumer(stream, config.name);
    if (home === undefined || cluster?.leader === home || cluster?.replicas?.length) return true;
    // The cluster placed the only replica on another server: let it choose again.
    await api.request(`CONSUMER.DELETE.${stream}.${config.name}`);
    return undefined;
  });
}

async function leadAll(
  rig: Rig,
  api: JetStreamApi,
  assets: readonly Asset[],
  leader: NodeName,
): Promise<void> {
  const groups = assets.flatMap(({ stream, consumers }) => [
    [stream] as const,
    ...consumers.map(({ name }) => [stream, name] as const),
  ]);
  await Promise.all(groups.map((group) => lead(api, rig, group, leader)));
}

async function publish(connection: NatsConnection, assets: readonly Asset[]): Promise<void> {
  const patterns = assets.flatMap(({ config }) => (config.subjects ?? []) as string[]);
  const kept = (subject: string): boolean =>
    patterns.some((pattern) => subject.startsWith(pattern.replace(/[*>]$/, "")));
  for (const [subject, count] of Object.entries(PUBLISHED)) {
    if (!kept(subject)) continue;
    await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const body = `${i} ${"x".repeat(100)}`;
        const stored = (await askLeader(connection, subject, body, () => ({ timeout: 30_000 }))).json();
        if ((stored as { error?: unknown }).error) throw new Error(`${subject}: ${JSON.stringify(stored)}`);
      }),
    );
  }
}

/** Waits until mirrors and aggregates have all messages and every replica is current. */
async function settled(api: JetStreamApi, assets: readonly Asset[]): Promise<void> {
  const expected: Record<string, number> = { MIRROR: 200, AGGREGATE: 105 };
  await Promise.all(
    assets.map(({ stream }) =>
      until(`${stream} to settle`, async () => {
        const { state, cluster } = await api.stream(stream);
        const current = (cluster?.replicas ?? []).every((replica) => replica.current && !replica.lag);
        return (current && state.messages >= (expected[stream] ?? 0)) || undefined;
      }),
    ),
  );
}

const ACK = "+ACK";
const REJECT = "-NAK";

/**
 * Number of messages held before they are rejected, so that each of them, and no other, is delivered twice.
 */
const REJECTED = 4;

const PARK_AGAIN_MS = 50;

/** Brings the consumers of a stream into the states that `assets.ts` documents. */
async function consume(
  connection: NatsConnection,
  api: JetStreamApi,
  { stream, consumers }: Asset,
): Promise<void> {
  const next = (name: string): string => `$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`;
  const pull = async (name: string, count: number, verdict?: string, extra = {}): Promise<void> => {
    const taken = await take(connection, next(name), count, extra);
    if (verdict) await Promise.all(taken.map((message) => answer(connection, message, verdict)));
  };
  let parking = true;
  const states: Record<string, () => Promise<unknown>> = {
    healthy: () => pull("healthy", 100, ACK),
    slow: () => pull("slow", 7),
    stuck: () => pull("stuck", 10),
    redelivered: async () => {
      const held = await take(connection, next("redelivered"), REJECTED);
      await Promise.all(held.map((message) => answer(connection, message, REJECT)));
      await pull("redelivered", REJECTED);
    },
    pushed: async () => {
      const subscription = connection.subscribe("deliver.pushed", { callback: () => {} });
      await connection.flush();
      await until("everything to be pushed", () => subscription.getReceived() >= 200 || undefined);
    },
    parked: async () => {
      const reply = createInbox();
      const park = (): void =>
        connection.publish(next("parked"), JSON.stringify({ batch: 1, expires: 3600e9 }), { reply });
      // No message ever comes. A response means that there is no leader, or no longer.
      const answered = (): unknown => parking && setTimeout(park, PARK_AGAIN_MS);
      connection.subscribe(reply, { callback: answered });
      park();
    },
    single: () => pull("single", 3),
    ephemeral1: () => pull("ephemeral1", 2),
    pinned: () => pull("pinned", 1, undefined, { group: "A" }),
    worker: async () => {
      await pull("worker", 5, ACK);
      await pull("worker", 2);
    },
    watcher: () => pull("watcher", 5),
    loader: () => pull("loader", 30, ACK),
    leafreader: () => pull("leafreader", 3, ACK),
  };
  await Promise.all(consumers.map(({ name }) => states[name]?.()));
  await until(`consumers of ${stream} to rest`, () => atRest(api, stream, consumers));
  parking = false;
}

/** Takes `count` messages, one pull after another. */
async function take(
  connection: NatsConnection,
  subject: string,
  count: number,
  extra: object = {},
): Promise<Msg[]> {
  const taken: Msg[] = [];
  for (let i = 0; i < count; i++) {
    const body = JSON.stringify({ batch: 1, expires: 20e9, ...extra });
    // A delivered message keeps its own subject, so a shared inbox could not tell which pull it answers.
    const own = () => ({ timeout: 25_000, noMux: true, reply: createInbox() });
    // A leader that goes takes its pulls with it, without a response. After our timeout the pull has expired
    // everywhere.
    const untaken = [ErrorCode.NoResponders, ErrorCode.Timeout];
    const message = await askLeader(connection, subject, body, own, untaken);
    if (message.headers && message.headers.code >= 400) {
      throw new Error(`${subject} answered ${message.headers.code} ${message.headers.description}`);
    }
    taken.push(message);
  }
  return taken;
}

/** Acknowledges or rejects a message, and waits for the server's confirmation. */
async function answer(connection: NatsConnection, message: Msg, verdict: string): Promise<void> {
  if (!message.reply) throw new Error(`${message.subject} has no reply subject`);
  await askLeader(connection, message.reply, verdict, () => ({ timeout: 25_000 }));
}

async function atRest(
  api: JetStreamApi,
  stream: string,
  consumers: Asset["consumers"],
): Promise<true | undefined> {
  const infos = await Promise.all(consumers.map(({ name }) => api.consumer(stream, name)));
  const rests = infos.every(
    ({ name, num_waiting, cluster }) =>
      num_waiting === (name === "parked" ? 1 : 0) &&
      (cluster?.replicas ?? []).every((replica) => replica.current && !replica.lag),
  );
  return rests || undefined;
}

/** Sends messages over routes, the gateway, the leaf connection and between accounts. */
async function coreTraffic(rig: Rig): Promise<void> {
  const chat = await rig.connect("n3", "plain", { name: "chat-reader" });
  chat.subscribe("chat.>", { callback: () => {} });
  chat.subscribe("chat.>", { queue: "q", callback: () => {} });
  await chat.flush();
  const writers = await Promise.all([
    rig.connect("n1", "plain", { name: "chat-writer" }),
    ...(rig.has("g1") ? [rig.connect("g1", "plain", { name: "chat-writer" })] : []),
  ]);
  for (const writer of writers) {
    for (let i = 0; i < 50; i++) writer.publish("chat.a", "hello");
    await writer.flush();
  }
  const echo = await rig.connect("n1", "app", { name: "echo-service" });
  echo.subscribe("svc.echo", { callback: (_, message) => message.respond(message.data) });
  await echo.flush();
  const asking = await rig.connect("n2", "ana", { name: "echo-asker" });
  await until("the echo", async () => (await asking.request("svc.echo", "hi", { timeout: 1000 })) && true);
}

/** Connects clients that the server rejects (by password, by permission), and one that comes and goes. */
async function refusals(rig: Rig, node: NodeName): Promise<void> {
  await rig.connect(node, "app", { pass: "wrong", maxReconnectAttempts: 0, reconnect: false }).then(
    () => Promise.reject(new Error(`${node} accepted a wrong password`)),
    () => {},
  );
  const limited = await rig.connect(node, "limited", { name: "limited-client" });
  limited.publish("forbidden.subject", "no");
  await limited.flush();
  const visitor = await rig.connect(node, "plain", { name: "short-lived" });
  await visitor.flush();
  await visitor.close();
}

/** Connects a client of `solo` that subscribes and never reads, and waits until the server disconnects it. */
export async function cutForSlowness(rig: Rig): Promise<void> {
  const solo = rig.server("solo");
  const reader = net.connect(Number(new URL(solo.clientUrl).port), "127.0.0.1");
  rig.onStop(() => reader.destroy());
  reader.on("error", () => {});
  reader.pause();
  const options = {
    user: "plain",
    pass: "plain",
    name: "slowpoke",
    verbose: false,
    pedantic: false,
    lang: "raw",
  };
  reader.write(`CONNECT ${JSON.stringify(options)}\r\nSUB flood.> 1\r\nPING\r\n`);
  await until("the slow client's subscription", async () => {
    const { connections } = (await solo.monitor("/connz?subs=1")) as { connections: ConnectionSummary[] };
    return connections.find(({ name }) => name === "slowpoke")?.subscriptions_list?.length || undefined;
  });
  const writer = await rig.connect("solo", "plain", { name: "flooder" });
  const cuts = async () => ((await solo.monitor("/varz")) as { slow_consumers: number }).slow_consumers;
  const before = await cuts();
  const payload = new Uint8Array(500_000);
  await until("the slow client to be cut", async () => {
    for (let i = 0; i < 10; i++) writer.publish("flood.a", payload);
    await writer.flush();
    return (await cuts()) > before || undefined;
  });
}

interface ConnectionSummary {
  readonly name?: string;
  readonly subscriptions_list?: readonly string[];
}
