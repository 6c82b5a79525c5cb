/** Where Prometheus finds a benchmark's metrics while it goes on: `--metrics-listen`. */

import type { ListenAddress } from "../../http/listener.ts";
import { type MetricsPort, openMetricsPort } from "../../http/metrics-port.ts";
import type { Family } from "../../metrics/family.ts";
import { errorMessage } from "../../text/wording.ts";

export { ListenFailure } from "../../http/listener.ts";

/** Whoever loads a system is not asked from elsewhere, unless somebody says so. */
const HOST = "127.0.0.1";

/**
 * Serves them until it is closed, which is to be done when the run is over: nothing more changes then.
 *
 * @param listen without a host: on this machine alone
 * @param families asked at each scrape
 * @param complain told of a scrape that failed, a sentence
 * @throws ListenFailure where the port cannot be had
 */
export function serveLiveMetrics(
  { host = HOST, port }: ListenAddress,
  families: () => readonly Family[],
  complain: (sentence: string) => void = () => {},
): Promise<MetricsPort> {
  const tell = (message: string, { error }: Readonly<Record<string, unknown>> = {}) =>
    complain(`live metrics: ${message}${error === undefined ? "" : `: ${errorMessage(error)}`}`);
  return openMetricsPort({ host, port }, families, { info: () => {}, warn: tell, error: tell });
}
