/** What the HTTP side says about itself. Every label value is one of a few. */
import { type Family, family, labelText, type Metric } from "../metrics/family.ts";

export const HTTP_REQUESTS: Metric = {
  name: "natscope_http_requests_total",
  type: "counter",
  help: "Requests answered by natscope, by handler and status code; 499 is a client that left before its answer was whole.",
};
export const CONNECTIONS_REFUSED: Metric = {
  name: "natscope_http_connections_refused_total",
  type: "counter",
  help: "Connections ended before a request: `tls` no common ground in the handshake, `client_certificate` missing or not accepted, `limit` too many at once.",
};

/** All that an HttpReport may expose, for the metric reference. */
export const HTTP_METRICS: readonly Metric[] = [HTTP_REQUESTS, CONNECTIONS_REFUSED];

/** Who answered; `none` is every path that is nobody's, and every request turned away at the door. */
export type Handler = "metrics" | "probe" | "livez" | "readyz" | "landing" | "none";

/** Why a connection ended before its first request. Each is exposed from the start, as 0. */
export const REFUSALS = ["tls", "client_certificate", "limit"] as const;

export type Refusal = (typeof REFUSALS)[number];

/** Counts requests and refused connections of one port since it was made. */
export class HttpReport {
  readonly #requests = new Map<string, number>();
  readonly #refused = new Map<Refusal, number>(REFUSALS.map((reason) => [reason, 0]));

  answered(handler: Handler, status: number): void {
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
