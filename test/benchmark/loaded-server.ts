/** A nats-server with many connections, streams and consumers, for benchmarks. */
import { AckPolicy, connect, type NatsConnection, StorageType } from "nats";
import { type RunningNatsServer, runNatsServer } from "../../tools/nats-server/run.ts";

export interface Load {
  readonly connections: number;
  readonly streams: number;
  readonly consumersPerStream: number;
}

/** Connections or assets created at a time: enough to be quick, few enough for the server. */
const AT_A_TIME = 100;
/** Clients share names, as instances of a service do. */
const SERVICES = 50;

export interface LoadedServer extends AsyncDisposable {
  readonly server: RunningNatsServer;
}

export async function startLoadedServer({
  connections,
  streams,
  consumersPerStream,
}: Load): Promise<LoadedServer> {
  const server = await runNatsServer();
  const opened: NatsConnection[] = [];
  const open = async (name: string): Promise<NatsConnection> => {
    const connection = await connect({ servers: server.clientUrl, name, timeout: 30_000 });
    opened.push(connection);
    return connection;
  };
  const admin = await open("benchmark");
  const manager = await admin.jetstreamManager({ timeout: 30_000 });
  await inBatches(streams, async (s) => {
    await manager.streams.add({
      name: `ORDERS_${s}`,
      subjects: [`orders.${s}.>`],
      storage: StorageType.Memory,
    });
    for (let c = 0; c < consumersPerStream; c++) {
      await manager.consumers.add(`ORDERS_${s}`, {
        durable_name: `worker_${c}`,
        ack_policy: AckPolicy.Explicit,
      });
    }
    admin.publish(`orders.${s}.new`, "an order");
  });
  await inBatches(connections - 1, async (i) => {
    const connection = await open(`service-${i % SERVICES}`);
    connection.subscribe(`service.${i}`, { callback: () => {} });
  });
  await admin.flush();
  return {
    server,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await Promise.all(opened.map((connection) => connection.close().catch(() => {})));
    },
  };
}

async function inBatches(count: number, make: (i: number) => Promise<void>): Promise<void> {
  for (let from = 0; from < count; from += AT_A_TIME) {
    const batch = Array.from({ length: Math.min(AT_A_TIME, count - from) }, (_, i) => make(from + i));
    await Promise.all(batch);
  }
}
