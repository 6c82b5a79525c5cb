/**
 * Three processes and both client generations in one trace: HTTP front, request, responder, JetStream
 * publish, consumer. OpenTelemetry's SDK exports over OTLP/HTTP to a collector endpoint in this test.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { connect } from "nats";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningNatsServer, runNatsServer } from "../../tools/nats-server/run.ts";
import { until } from "../rig/until.ts";

/** A span in OTLP/JSON, and the service that sent it. */
interface ExportedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
}

let server: RunningNatsServer;
let collector: Server;
const spans: ExportedSpan[] = [];
const processes: ChildProcess[] = [];

beforeAll(async () => {
  server = await runNatsServer();
  const connection = await connect({ servers: server.clientUrl });
  const manager = await connection.jetstreamManager();
  await manager.streams.add({ name: "ORDERS", subjects: ["orders.>"] });
  await manager.consumers.add("ORDERS", { durable_name: "shipping", ack_policy: "explicit" as never });
  await connection.close();
  collector = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.url === "/v1/traces") spans.push(...spansOf(JSON.parse(Buffer.concat(chunks).toString())));
    response.setHeader("content-type", "application/json").end("{}");
  }).listen(0, "127.0.0.1");
  await once(collector, "listening");
});

afterAll(async () => {
  for (const child of processes) child.kill("SIGKILL");
  collector.close();
  await server.stop();
});

it("an order through three processes is one connected trace", async () => {
  const [, shipping] = await start("shipping");
  const [, warehouse] = await start("warehouse");
  const [address, front] = await start("front");
  const answer = await fetch(address, { method: "POST", signal: AbortSignal.timeout(10_000) });
  expect(await answer.text()).toBe("reserved");
  // The span of the last consumer: the order has passed all processes.
  for (const child of [front, warehouse, shipping]) await end(child);
  const packed = await until("the consumer's span", () => spans.find(({ name }) => name === "pack"));
  const trace = spans.filter(({ traceId }) => traceId === packed.traceId);
  const parents = Object.fromEntries(
    trace.map((span) => {
      const parent = trace.find(({ spanId }) => spanId === span.parentSpanId);
      return [`${span.service}: ${span.name}`, parent && `${parent.service}: ${parent.name}`];
    }),
  );
  expect(parents).toEqual({
    "front: POST /orders": undefined,
    "front: request warehouse.reserve": "front: POST /orders",
    "warehouse: process warehouse.reserve": "front: request warehouse.reserve",
    "warehouse: publish orders.reserved": "warehouse: process warehouse.reserve",
    "warehouse: respond": "warehouse: process warehouse.reserve",
    "shipping: process orders.reserved": "warehouse: publish orders.reserved",
    "shipping: pack": "shipping: process orders.reserved",
  });
});

async function start(service: string): Promise<[ready: string, child: ChildProcess]> {
  const file = fileURLToPath(new URL(`./one-trace/${service}.ts`, import.meta.url));
  const { port } = collector.address() as AddressInfo;
  const child = spawn(process.execPath, [file], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      ...process.env,
      NATS_URL: server.clientUrl,
      OTEL_SERVICE_NAME: service,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_METRICS_EXPORTER: "none",
      OTEL_LOGS_EXPORTER: "none",
    },
  });
  processes.push(child);
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const [ready] = (await Promise.race([
    once(lines, "line"),
    once(child, "exit").then(([code]) => Promise.reject(new Error(`${service} ended with ${code}`))),
  ])) as [string];
  return [ready, child];
}

async function end(child: ChildProcess): Promise<void> {
  const exit = once(child, "exit");
  child.stdin?.end();
  expect((await exit)[0]).toBe(0);
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly Omit<ExportedSpan, "service">[] }[];
  }[];
}

function spansOf({ resourceSpans }: Export): ExportedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = resource.attributes.find(({ key }) => key === "service.name")?.value.stringValue ?? "";
    return scopeSpans.flatMap(({ spans: some }) => some.map((span) => ({ ...span, service })));
  });
}
