/** The metrics of a running benchmark for Prometheus: `--metrics-listen`. */
import { answerWithFamilies } from "../../http/exposition-response.ts";
import { HttpServer } from "../../http/server.ts";
import type { ListenAddress } from "../../input/kinds.ts";
import type { Family } from "../../metrics/family.ts";
import { errorMessage } from "../../text/wording.ts";

/** Reachable only from this machine unless the user names another address. */
const DEFAULT_HOST = "127.0.0.1";

/** A port that serves `/metrics` until it is closed. */
interface LiveMetricsPort {
  /** Base URL with the port that was bound: `http://127.0.0.1:7777`. */
  readonly address: string;
  /** Waits for responses in flight. */
  close(): Promise<void>;
}

/**
 * Opens the port. Close it at the end of the run, after which nothing changes.
 *
 * @param families called for each scrape
 * @param warn receives a sentence about each failed scrape
 * @throws {ListenFailure}
 */
export async function serveLiveMetrics(
  { host = DEFAULT_HOST, port }: ListenAddress,
  families: () => readonly Family[],
  warn: (sentence: string) => void = () => {},
): Promise<LiveMetricsPort> {
  const log = (message: string, { error }: Readonly<Record<string, unknown>> = {}) =>
    warn(`live metrics: ${message}${error === undefined ? "" : `: ${errorMessage(error)}`}`);
  const server = new HttpServer({
    listen: [{ host, port }],
    routes: new Map([
      ["/metrics", { handler: "metrics", answer: (exchange) => answerWithFamilies(exchange, families) }],
    ]),
    notFound: "not found; see /metrics",
    log: { info: () => {}, warn: log, error: log },
  });
  const [address = ""] = await server.open();
  return { address, close: () => server.close() };
}
