/**
 * The HTTP server of `natscope serve`: `/metrics`, `/probe`, `/livez`, `/readyz` and `/`, over a `Scraper`.
 *
 * A scrape is always answered with status 200 and the metrics that could be collected; failures are part of the metrics. Only
 * configured servers are ever fetched.
 */
import type { ServerResponse } from "node:http";
import { answerWithFamilies } from "../../http/exposition-response.ts";
import type { ConnectionLimits } from "../../http/listener.ts";
import { chooseDeadlineMs } from "../../http/negotiation.ts";
import { type Exchange, HttpServer, type Route } from "../../http/server.ts";
import { send, sendText } from "../../http/text-response.ts";
import { type WebConfig, WebConfigProblems } from "../../http/web-config/config.ts";
import { LiveWebConfig } from "../../http/web-config/live.ts";
import type { ListenAddress } from "../../input/kinds.ts";
import { type Family, merge, Samples } from "../../metrics/family.ts";
import type { Log } from "../../text/log.ts";
import { untilAborted } from "../../time/abort.ts";
import type { ScrapeRequest, Scraper } from "../scrape/scraper.ts";
import { LANDING_PAGE_CSP, renderLandingPage } from "./landing-page.ts";
import { collectorsOf, targetOf } from "./scrape-query.ts";

export interface ExporterServerOptions {
  readonly scraper: Scraper;
  /** At least one address. */
  readonly listen: readonly ListenAddress[];
  /** Path of a `web-config.yml`; read again when it or a file that it names changes. */
  readonly webConfigFile?: string;
  /** The same as a value (see `webConfigFromFlags`); files that it names are read again, too. Excludes the file. */
  readonly web?: WebConfig;
  /** Path of the metrics, with its slash: `/metrics`. */
  readonly metricsPath: string;
  /** Deadline for fetching if the client does not send its own timeout. */
  readonly defaultTimeoutMs: number;
  /** Part of the client's timeout that is left for rendering and sending. */
  readonly timeoutMarginMs: number;
  readonly log: Log;
  readonly version: string;
  /** Families besides those of the scraper, such as of the process. Left out of a scrape in which this fails. */
  readonly extraFamilies?: () => Promise<Family[]> | Family[];
  /** Default `CONNECTION_LIMITS`. */
  readonly limits?: Partial<ConnectionLimits>;
}

/** A server that listens. */
export interface ExporterServer {
  /** Base URLs with the ports that were bound: `http://127.0.0.1:7777`. */
  readonly addresses: readonly string[];
  /**
   * Lets scrapes in flight finish; meanwhile `/readyz` and new scrapes get a 503. Then closes the ports. Does not
   * close the scraper.
   */
  close(): Promise<void>;
}

/** @throws {WebConfigProblems} @throws {ListenFailure} */
export async function startExporterServer(options: ExporterServerOptions): Promise<ExporterServer> {
  const exporter = new Exporter(options);
  const addresses = await exporter.server.open();
  return { addresses, close: () => exporter.server.close() };
}

class Exporter {
  readonly server: HttpServer;
  readonly #options: ExporterServerOptions;
  readonly #web: LiveWebConfig;

  constructor(options: ExporterServerOptions) {
    const { webConfigFile, web = { headers: {}, users: new Map() }, log } = options;
    if (webConfigFile !== undefined && options.web) {
      throw new WebConfigProblems(["A web configuration file excludes the flags for TLS and users."]);
    }
    this.#options = options;
    const source = webConfigFile === undefined ? { config: web } : { file: webConfigFile };
    this.#web = new LiveWebConfig(source, log);
    this.server = new HttpServer({
      listen: options.listen,
      routes: this.#routes(),
      notFound: "not found; see /",
      web: () => this.#web.current(),
      log,
      ...(options.limits && { limits: options.limits }),
    });
  }

  /** The path of the metrics is configurable and comes last, so it may be any of the others. */
  #routes(): ReadonlyMap<string, Route> {
    return new Map<string, Route>([
      ["/", { handler: "landing", answer: ({ response }) => this.#answerLandingPage(response) }],
      ["/livez", { handler: "livez", answer: ({ response }) => sendText(response, 200, "ok") }],
      ["/readyz", { handler: "readyz", answer: ({ response }) => this.#answerReadiness(response) }],
      [
        "/probe",
        { handler: "probe", isRefusedWhileClosing: true, answer: (exchange) => this.#answerProbe(exchange) },
      ],
      [
        this.#options.metricsPath,
        {
          handler: "metrics",
          isRefusedWhileClosing: true,
          answer: (exchange) => this.#answerScrape(exchange),
        },
      ],
    ]);
  }

  #answerProbe(exchange: Exchange): Promise<void> {
    const target = targetOf(exchange.query, this.#options.scraper.targets);
    return this.#answerScrape(exchange, [target.name]);
  }

  /** @param targets names; default all */
  async #answerScrape(exchange: Exchange, targets?: readonly string[]): Promise<void> {
    const collectors = collectorsOf(exchange.query, this.#options.scraper.collectorNames);
    const timeout = exchange.request.headers["x-prometheus-scrape-timeout-seconds"]?.toString();
    await answerWithFamilies(exchange, () =>
      this.#gather({
        ...(targets && { targets }),
        ...(collectors && { collectors }),
        deadlineMs: chooseDeadlineMs(timeout, this.#options),
      }),
    );
  }

  async #gather(asked: ScrapeRequest): Promise<Family[]> {
    const [scraped, extra] = await Promise.all([
      this.#options.scraper.scrape(asked).catch((error: unknown): Family[] => {
        this.#options.log.error("the scrape failed", { error });
        return [];
      }),
      this.#extraFamilies(asked.deadlineMs),
    ]);
    return merge([...scraped, ...this.server.families(), ...this.#web.families(), ...extra]);
  }

  async #extraFamilies(deadlineMs: number): Promise<readonly Family[]> {
    const { extraFamilies, log } = this.#options;
    if (!extraFamilies) return [];
    try {
      const gathered = Promise.resolve().then(extraFamilies);
      const families: unknown = await untilAborted(gathered, AbortSignal.timeout(deadlineMs));
      if (!Array.isArray(families) || !families.every(isFamily)) throw new TypeError("expected families");
      return families;
    } catch (error) {
      log.error("this scrape omits the metrics of natscope's own process", { error });
      return [];
    }
  }

  #answerReadiness(response: ServerResponse): void {
    if (this.server.isClosing) sendText(response, 503, "shutting down");
    else sendText(response, 200, "ok");
  }

  #answerLandingPage(response: ServerResponse): void {
    const { version, metricsPath, scraper } = this.#options;
    if (!response.hasHeader("Content-Security-Policy")) {
      response.setHeader("Content-Security-Policy", LANDING_PAGE_CSP);
    }
    response.setHeader("Referrer-Policy", "no-referrer");
    send(
      response,
      200,
      "text/html; charset=utf-8",
      renderLandingPage({ version, metricsPath, targets: scraper.targets }),
    );
  }
}

function isFamily(value: unknown): value is Family {
  const { metric, columns } = (value ?? {}) as Partial<Family>;
  return (
    typeof metric?.name === "string" &&
    typeof metric.help === "string" &&
    Array.isArray(columns) &&
    columns.every((samples) => samples instanceof Samples)
  );
}
