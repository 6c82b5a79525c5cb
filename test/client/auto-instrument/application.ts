/**
 * Applications as child processes of a test, started with `natscope/register` as their users would, and a
 * collector of OpenTelemetry for their spans, which is a small HTTP server.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const REGISTER = new URL("../../../src/register.ts", import.meta.url);

/** How to start an application. */
export interface ApplicationOptions {
  /** Value of `NATS_URL`. */
  readonly natsUrl: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: `--import`. */
  readonly how?: "--import" | "--require";
  /** Default: natscope's `src/register.ts`. */
  readonly register?: URL;
}

/** A running process, killed on dispose. */
export interface Application extends AsyncDisposable {
  readonly process: ChildProcess;
  /** Output so far. */
  readonly output: { readonly stdout: string; readonly stderr: string };
  /** Resolves when the process has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Starts `fixtures/<name>`, or a file elsewhere. */
export function startApplication(name: string | URL, options: ApplicationOptions): Application {
  const { natsUrl, environment = {}, how = "--import", register = REGISTER } = options;
  const file = fileURLToPath(typeof name === "string" ? new URL(`fixtures/${name}`, import.meta.url) : name);
  const started = spawn(process.execPath, [how, fileURLToPath(register), file], {
    env: { ...ownEnvironment(), NATS_URL: natsUrl, ...environment },
    cwd: dirname(file),
    stdio: ["pipe", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    started[stream].setEncoding("utf8").on("data", (text: string) => {
      output[stream] += text;
    });
  }
  const ended = once(started, "close").then(([code, signal]) => ({ code, signal }));
  return {
    process: started,
    output,
    ended,
    async [Symbol.asyncDispose]() {
      started.kill("SIGKILL");
      await ended;
    },
  };
}

/** The environment without variables that configure an SDK or Node.js. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:OTEL_|NATSCOPE_|NODE_OPTIONS|VITEST)/.test(name)),
  );
}

/** A span in OTLP/JSON. */
export interface ExportedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
}

/** Receives spans by OTLP over HTTP. */
export interface Collector extends AsyncDisposable {
  readonly spans: readonly ExportedSpan[];
  /** Variables that make an SDK export to this collector. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Listens on a free port. */
export async function startCollector(): Promise<Collector> {
  const spans: ExportedSpan[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.url === "/v1/traces") {
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as ExportRequest;
      spans.push(...resourceSpans.flatMap((of) => of.scopeSpans).flatMap((of) => of.spans));
    }
    response.setHeader("content-type", "application/json").end("{}");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    spans,
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_METRICS_EXPORTER: "none",
      OTEL_LOGS_EXPORTER: "none",
      OTEL_NODE_RESOURCE_DETECTORS: "none",
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly ExportedSpan[] }[];
  }[];
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createTcpServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
