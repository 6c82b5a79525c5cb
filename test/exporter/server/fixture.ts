/**
 * Fixture: an exporter server on a free port with a real `Scraper`, a monitoring port that counts requests and can
 * be held, and an HTTP client. Everything stops with its test. The content of NATS replies does not matter here.
 */
import { mkdtempSync, rmSync } from "node:fs";
import http, { type IncomingHttpHeaders } from "node:http";
import https, { type RequestOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";
import type { Collector } from "../../../src/exporter/collect/collector.ts";
import { EVERYTHING } from "../../../src/exporter/collect/selection.ts";
import { from, type Table } from "../../../src/exporter/collect/table.ts";
import { Scraper } from "../../../src/exporter/scrape/scraper.ts";
import {
  type ExporterServer,
  type ExporterServerOptions,
  startExporterServer,
} from "../../../src/exporter/server/server.ts";
import type { Target } from "../../../src/exporter/sources/target.ts";
import type { Log } from "../../../src/text/log.ts";

/** A monitoring port that answers `/varz` and `/jsz`. */
export interface Monitoring {
  readonly url: URL;
  /** Number of requests per path. */
  readonly asked: Readonly<Record<string, number>>;
  /** Maximum number of concurrent requests to one path. */
  readonly maxConcurrent: number;
  /** Answers nothing from now on until `release`. */
  hold(): void;
  release(): void;
}

export async function startMonitoring(): Promise<Monitoring> {
  const asked: Record<string, number> = {};
  const underWay: Record<string, number> = {};
  let maxConcurrent = 0;
  let gate = Promise.withResolvers<void>();
  gate.resolve();
  const server = http.createServer(async (request, response) => {
    const path = request.url ?? "";
    asked[path] = (asked[path] ?? 0) + 1;
    underWay[path] = (underWay[path] ?? 0) + 1;
    maxConcurrent = Math.max(maxConcurrent, underWay[path]);
    response.on("close", () => {
      underWay[path] = (underWay[path] ?? 0) - 1;
    });
    await gate.promise;
    response.end(
      JSON.stringify({ server_id: "NID", server_name: "n1", version: "2.15.1", connections: 3, streams: 5 }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    gate.resolve();
    server.closeAllConnections();
    server.close();
  });
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    asked,
    get maxConcurrent() {
      return maxConcurrent;
    },
    hold() {
      gate = Promise.withResolvers();
    },
    release() {
      gate.resolve();
    },
  };
}

/** A collector with one gauge, so that these tests do not depend on natscope's tables. */
function collectorOf(name: "varz" | "jsz", metric: string, field: string): Collector<unknown> {
  const table: Table<unknown> = {
    item: "server",
    endpoint: `/${name}`,
    labels: [],
    identify: () => [],
    rows: [{ name: metric, type: "gauge", help: "A number.", ...from(field) }],
  };
  return {
    name,
    summary: name,
    tables: [table],
    fetch: async (ask) => ask({ path: `/${name}` }),
    read(document, _context, sink) {
      sink.add(table, (document as { root: unknown }).root);
      return undefined;
    },
  };
}

export interface LoggedLine {
  readonly level: "info" | "warn" | "error";
  readonly message: string;
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
}

/** A server on one address. */
export interface OneExporter extends ExporterServer {
  readonly address: string;
}

export interface Fixture {
  readonly exporter: OneExporter;
  readonly scraper: Scraper;
  readonly log: readonly LoggedLine[];
}

export async function startFixture(
  targets: readonly Target[],
  options: Partial<ExporterServerOptions> = {},
): Promise<Fixture> {
  const lines: LoggedLine[] = [];
  const logAt =
    (level: LoggedLine["level"]): Log["info"] =>
    (message, fields) =>
      lines.push({ level, message, fields });
  const scraper = new Scraper({
    targets,
    collectors: [
      { collector: collectorOf("varz", "nats_server_connections", "connections"), serverLabel: true },
      { collector: collectorOf("jsz", "nats_jetstream_streams", "streams"), serverLabel: true },
    ],
    selection: EVERYTHING,
    seriesLimit: () => 1000,
    limits: { maxBodyBytes: 1_000_000 },
  });
  onTestFinished(() => scraper.close());
  const exporter = await startExporterServer({
    scraper,
    listen: [{ host: "127.0.0.1", port: 0 }],
    metricsPath: "/metrics",
    defaultTimeoutMs: 30_000,
    timeoutMarginMs: 500,
    log: { info: logAt("info"), warn: logAt("warn"), error: logAt("error") },
    version: "1.2.3",
    ...options,
  });
  onTestFinished(() => exporter.close());
  return { exporter: { ...exporter, address: exporter.addresses[0] as string }, scraper, log: lines };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
  /** SHA-256 fingerprint of the server's TLS certificate. */
  readonly fingerprint: string | undefined;
}

/** Sends one request on a new connection, unless an agent is given. */
export function ask(exporter: OneExporter, path: string, options: RequestOptions = {}): Promise<Answer> {
  const url = new URL(exporter.address);
  const transport = url.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    const request = transport.request(
      {
        host: url.hostname.replace(/^\[|\]$/g, ""),
        port: url.port,
        path,
        agent: false,
        rejectUnauthorized: false,
        ...options,
      },
      (response) => {
        const { fingerprint256 } = (response.socket as TLSSocket).getPeerCertificate?.() ?? {};
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const body = Buffer.concat(chunks);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body,
            text: body.toString("utf8"),
            fingerprint: fingerprint256,
          });
        });
      },
    );
    request.on("error", reject);
    request.end();
  });
}

/** A directory that is deleted after the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "natscope-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
