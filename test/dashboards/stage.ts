/**
 * A complete installation on this machine: servers of every kind, natscope, an instrumented application, a benchmark,
 * and a Prometheus with the rules in fast motion. It contains deliberate faults.
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect } from "nats";
import { ALERT_GROUPS } from "../../dashboards/sources/alerts/alerts.ts";
import { ruleFile, ruleFileYaml } from "../../dashboards/sources/prometheus/rule-file.ts";
import { type RunningNatsServer, runNatsServer } from "../../tools/nats-server/run.ts";
import { startNatscope } from "../cli/natscope.ts";
import { issue } from "../http/certificates.ts";
import { JetStreamApi } from "../rig/jetstream-api.ts";
import { cutForSlowness, populate } from "../rig/populate.ts";
import { Prometheus } from "../rig/prometheus.ts";
import { Rig } from "../rig/rig.ts";
import { until } from "../rig/until.ts";
import { startBenchmark } from "./benchmark.ts";
import { accelerated } from "./hasten.ts";

/** Seconds between scrapes, and between evaluations of rules. */
export const INTERVAL = 2;
/** Factor by which the rules run faster: five minutes become ten seconds. */
export const FACTOR = 30;
/** Value of `$__rate_interval` in Grafana for this scrape interval: four scrapes. */
export const RATE_INTERVAL = `${4 * INTERVAL}s`;

const APPLICATION = fileURLToPath(new URL("./application.ts", import.meta.url));
const DAY_MS = 86_400_000;
const STORE = 20 * 1024 * 1024;

export interface Stage extends AsyncDisposable {
  readonly rig: Rig;
  readonly prometheus: Prometheus;
}

/** Starts the stage. Traffic and faults continue until it is disposed. */
export async function startStage(prometheusBinary: string, version: string): Promise<Stage> {
  process.env.GOMEMLIMIT ??= "2GiB"; // so that the servers report a memory limit
  const rig = await Rig.start({ version });
  const stage = { rig, [Symbol.asyncDispose]: () => rig.stop() };
  try {
    await populate(rig);
    const small = await smallServer(rig, version);
    const application = await startApplication(rig);
    const bench = await startBenchmark(rig);
    await injectFaults(rig);
    const address = await startExporter(rig, small);
    const jobs = { nats: new URL(address).host, shop: application, bench };
    const prometheus = await Prometheus.start(prometheusBinary, jobs, {
      interval: INTERVAL,
      rules: ruleFileYaml(accelerated(ruleFile(ALERT_GROUPS), FACTOR, 2 * INTERVAL)),
      args: ["--enable-feature=exemplar-storage"],
    });
    rig.onStop(() => prometheus.stop());
    return { ...stage, prometheus };
  } catch (error) {
    await rig.stop();
    throw error;
  }
}

/** Resolves to the `host:port` of the application's metrics. */
async function startApplication(rig: Rig): Promise<string> {
  const child = spawn(process.execPath, [APPLICATION], {
    env: { ...process.env, NATS_URL: rig.server("n1").clientUrl },
    stdio: ["ignore", "pipe", "inherit"],
  });
  rig.onStop(() => child.kill("SIGKILL"));
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  return until("the application to serve its metrics", () => {
    const url = /metrics at (\S+)/.exec(output)?.[1];
    return url && new URL(url).host;
  });
}

async function startExporter(rig: Rig, small: RunningNatsServer): Promise<string> {
  const monitors = [
    ...rig.targets().map(({ name, url }) => `${name}=${url.origin}`),
    `small=${new URL(small.monitorUrl).origin}`,
  ].flatMap((monitor) => ["--monitor", monitor]);
  const argv = ["serve", "--listen", "127.0.0.1:0", "--names", "both", ...monitors];
  return startNatscope(argv, {}, (end) => rig.onStop(end)).address();
}

/** A server with a certificate that expires in two days, and a store that fills up. */
async function smallServer(rig: Rig, version: string): Promise<RunningNatsServer> {
  const directory = await mkdtemp(join(tmpdir(), "natscope-small-"));
  const { certificate, key } = issue({ name: "localhost", notAfter: new Date(Date.now() + 2 * DAY_MS) });
  const files = { certificate: join(directory, "cert.pem"), key: join(directory, "key.pem") };
  await Promise.all([writeFile(files.certificate, certificate), writeFile(files.key, key)]);
  const config = `jetstream { max_file: ${STORE}, max_mem: ${STORE} }
websocket { host: 127.0.0.1, port: -1, tls { cert_file: "${files.certificate}", key_file: "${files.key}" } }`;
  const server = await runNatsServer({ version, config, name: "small" });
  const connection = await connect({ servers: server.clientUrl });
  await new JetStreamApi(connection).request("STREAM.CREATE.FILLS", {
    name: "FILLS",
    subjects: ["fills"],
    retention: "limits",
  });
  const write = (bytes: number) => connection.request("fills", new Uint8Array(bytes), { timeout: 10_000 });
  for (let written = 0; written < 0.6 * STORE; written += 500_000) await write(500_000);
  const timer = setInterval(() => void write(2_000).catch(() => {}), 200);
  rig.onStop(async () => {
    clearInterval(timer);
    await connection.close();
    await server[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });
  return server;
}

/** Creates a consumer that falls behind, and a client that is repeatedly cut off as a slow consumer. */
async function injectFaults(rig: Rig): Promise<void> {
  const writer = await rig.connect("n1", "app", { name: "writer" });
  const api = new JetStreamApi(writer);
  await api.request("STREAM.CREATE.BACKLOG", {
    name: "BACKLOG",
    subjects: ["backlog"],
    num_replicas: 3,
    retention: "limits",
  });
  await api.request("CONSUMER.CREATE.BACKLOG.behind", {
    stream_name: "BACKLOG",
    config: {
      name: "behind",
      durable_name: "behind",
      ack_policy: "explicit",
      deliver_policy: "all",
      replay_policy: "instant",
    },
  });
  const publishing = setInterval(() => {
    for (let i = 0; i < 20; i++) writer.publish("backlog", "work");
  }, 100);
  const consumer = await writer.jetstream().consumers.get("BACKLOG", "behind");
  const working = setInterval(
    () =>
      void consumer.next({ expires: 1000 }).then(
        (one) => one?.ack(),
        () => {},
      ),
    500,
  );
  let stopped = false;
  const slow = (async () => {
    while (!stopped) {
      await cutForSlowness(rig).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 15_000));
    }
  })();
  rig.onStop(async () => {
    clearInterval(publishing);
    clearInterval(working);
    stopped = true;
    await Promise.race([slow, new Promise((resolve) => setTimeout(resolve, 1000))]);
  });
}
