/**
 * A port with one page, `/metrics`, for a process that lives as long as its work: no scrape of anybody, no users, no
 * TLS. What it answers is what the families are at that moment.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Family } from "../metrics/family.ts";
import type { Log } from "../text/log.ts";
import { clientLeft, isAllowed, parsePath, sendText } from "./answer.ts";
import { beginExposition, sendExposition } from "./exposition-response.ts";
import { HttpReport } from "./http-report.ts";
import { CONNECTION_LIMITS, type ListenAddress, Listener } from "./listener.ts";
import { chooseEncoding, chooseFormat } from "./negotiation.ts";

/** A port that listens. */
export interface MetricsPort {
  /** Base URL with the port that was bound: `http://127.0.0.1:7777`. */
  readonly address: string;
  /** Waits for answers under way, and takes no more connections. */
  close(): Promise<void>;
}

const METRICS = "/metrics";

/** @param families asked at each scrape @throws ListenFailure where the port cannot be had */
export async function openMetricsPort(
  listen: ListenAddress,
  families: () => readonly Family[],
  log: Log,
): Promise<MetricsPort> {
  const listener: Listener = new Listener({
    listen,
    limits: CONNECTION_LIMITS,
    tls: () => undefined,
    report: new HttpReport(),
    log,
    onRequest: (request, response) => void serve(request, response, { listener, families, log }),
  });
  const address = await listener.open();
  return { address, close: () => listener.close() };
}

interface Served {
  readonly listener: Listener;
  readonly families: () => readonly Family[];
  readonly log: Log;
}

/** Never rejects. */
async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { listener, families, log }: Served,
): Promise<void> {
  try {
    if (listener.isLastRequest(request)) response.setHeader("Connection", "close");
    const { path } = parsePath(request.url ?? "/");
    if (path !== METRICS) sendText(response, 404, `there is nothing here; see ${METRICS}`);
    else if (isAllowed(request, response)) await answer(request, response, families);
  } catch (error) {
    if (clientLeft(error)) return;
    log.error("a request could not be answered", { error });
    if (response.headersSent) response.destroy();
    else sendText(response, 500, "natscope failed");
  }
}

async function answer(
  { headers, method }: IncomingMessage,
  response: ServerResponse,
  families: () => readonly Family[],
): Promise<void> {
  const representation = {
    format: chooseFormat(headers.accept),
    encoding: chooseEncoding(headers["accept-encoding"]?.toString()),
  };
  if (method !== "HEAD") return sendExposition(response, families(), representation);
  beginExposition(response, representation);
  response.end();
}
