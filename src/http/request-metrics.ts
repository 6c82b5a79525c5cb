/** Metrics of an HTTP server about itself. Every label has few values. */
import { type Family, family, labelText, type Metric } from "../metrics/family.ts";

const HTTP_REQUESTS: Metric = {
  name: "natscope_http_requests_total",
  type: "counter",
  help: "HTTP requests by handler and status code. Code 499: the client disconnected before it had the whole response.",
};
const CONNECTIONS_REFUSED: Metric = {
  name: "natscope_http_connections_refused_total",
  type: "counter",
  help: "Connections closed before their first request, by reason: `tls` (handshake failed), `client_certificate` (missing or not accepted), `limit` (too many connections).",
};

/** All metrics of `RequestMetrics`, for the metric reference. */
export const HTTP_METRICS: readonly Metric[] = [HTTP_REQUESTS, CONNECTIONS_REFUSED];

/** Why a connection was closed before its first request. Each is exposed from the start, as 0. */
const REFUSALS = ["tls", "client_certificate", "limit"] as const;

export type Refusal = (typeof REFUSALS)[number];

/** Counts requests and refused connections of one server. */
export class RequestMetrics {
  readonly #requests = new Map<string, number>();
  readonly #refused = new Map<Refusal, number>(REFUSALS.map((reason) => [reason, 0]));

  /** @param handler the route's; `none` for an unknown path or a request that was not admitted */
  answered(handler: string, status: number): void {
    const labels = labelText(["handler", "code"], [handler, String(status)]);
    this.#requests.set(labels, (this.#requests.get(labels) ?? 0) + 1);
  }

  refused(reason: Refusal): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
  }

  families(): Family[] {
    return [
      family(HTTP_REQUESTS, (samples) => {
        for (const [labels, count] of this.#requests) samples.add(labels, count);
      }),
      family(CONNECTIONS_REFUSED, (samples) => {
        for (const [reason, count] of this.#refused) samples.add(labelText(["reason"], [reason]), count);
      }),
    ];
  }
}
