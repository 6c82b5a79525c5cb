/**
 * The HTTP server of `natscope serve`: `/metrics`, `/probe`, `/livez`, `/readyz`, `/`, over a `Scraper`.
 *
 * A scrape is always answered 200 with whatever could be had; how asking went is part of the answer. No
 * request body is read, and nothing but the configured servers is ever fetched.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { clientLeft, isAllowed, parsePath, send, sendText } from "../../http/answer.ts";
import { BasicAuthentication } from "../../http/basic-auth.ts";
import { beginExposition, sendExposition } from "../../http/exposition-response.ts";
import { type Handler, HttpReport } from "../../http/http-report.ts";
import {
  CONNECTION_LIMITS,
  type ConnectionLimits,
  type ListenAddress,
  Listener,
} from "../../http/listener.ts";
import { chooseDeadlineMs, chooseEncoding, chooseFormat } from "../../http/negotiation.ts";
import { TokenBucket } from "../../http/token-bucket.ts";
import { type WebConfig, WebConfigProblems } from "../../http/web-config/config.ts";
import { LiveWebConfig } from "../../http/web-config/live.ts";
import type { LoadedWebConfig } from "../../http/web-config/load.ts";
import { type Family, merge, Samples } from "../../metrics/family.ts";
import type { Log } from "../../text/log.ts";
import type { ScrapeRequest, Scraper } from "../scrape/scraper.ts";
import { LANDING_PAGE_CSP, renderLandingPage } from "./landing-page.ts";
import { collectorsOf, QueryError, targetOf } from "./scrape-query.ts";

export interface ExporterServerOptions {
  readonly scraper: Scraper;
  readonly listen: ListenAddress;
  /** Path of a `web-config.yml`; read again when it or a file that it names changes. */
  readonly webConfigFile?: string;
  /** The same from elsewhere (see `webConfigFromFlags`); files that it names are read again too. Not both. */
  readonly web?: WebConfig;
  /** Path of the metrics, with its slash: `/metrics`. */
  readonly metricsPath: string;
  /** How long fetching may take where the client does not say how long it waits. */
  readonly defaultTimeoutMs: number;
  /** How much less than the client's timeout fetching may take. */
  readonly timeoutMarginMs: number;
  readonly log: Log;
  readonly version: string;
  /** Families besides those of the watch, such as of the process. May fail: then they are left out. */
  readonly extraFamilies?: () => Promise<Family[]> | Family[];
  /** `CONNECTION_LIMITS` where absent. */
  readonly limits?: ConnectionLimits;
}

/** A sidecar that listens. */
export interface ExporterServer {
  /** Base URL with the port that was bound: `http://127.0.0.1:7777`. */
  readonly address: string;
  /**
   * Ends: scrapes under way finish, and while they do, `/readyz` and new scrapes are answered 503; then no
   * connection is taken any more. Leaves the watch open.
   */
  close(): Promise<void>;
}

/** Rejects with WebConfigProblems, and with ListenFailure where the port cannot be had. */
export async function startExporterServer(options: ExporterServerOptions): Promise<ExporterServer> {
  const server = new HttpServer(options);
  const address = await server.listener.open();
  return { address, close: () => server.close() };
}

/** Answers one path. Resolves when the client has its answer. */
type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
) => Promise<void> | void;

const SCRAPES: readonly Handler[] = ["metrics", "probe"];

class HttpServer {
  readonly listener: Listener;
  readonly #options: ExporterServerOptions;
  readonly #web: LiveWebConfig;
  readonly #report = new HttpReport();
  readonly #authentication = new BasicAuthentication();
  readonly #routes: ReadonlyMap<string, { readonly handler: Handler; readonly answer: Answer }>;
  #bucket: { readonly config: LoadedWebConfig; readonly bucket: TokenBucket | undefined } | undefined;

  constructor(options: ExporterServerOptions) {
    const { webConfigFile, web = { headers: {}, users: new Map() }, metricsPath, log } = options;
    if (webConfigFile !== undefined && options.web) {
      throw new WebConfigProblems([
        "A web configuration file and the flags in its place cannot both be given.",
      ]);
    }
    this.#options = options;
    this.#web = new LiveWebConfig(
      webConfigFile === undefined ? { config: web } : { file: webConfigFile },
      log,
    );
    this.listener = new Listener({
      listen: options.listen,
      limits: options.limits ?? CONNECTION_LIMITS,
      tls: () => this.#web.current().tls,
      report: this.#report,
      log,
      onRequest: (request, response) => void this.#serve(request, response),
    });
    // The metrics' path is the operator's to choose and goes last, so that it may be any of the others.
    this.#routes = new Map([
      ["/", { handler: "landing", answer: (_, response) => this.#answerLandingPage(response) }],
      ["/livez", { handler: "livez", answer: (_, response) => sendText(response, 200, "ok") }],
      ["/readyz", { handler: "readyz", answer: (_, response) => this.#answerReadiness(response) }],
      ["/probe", { handler: "probe", answer: (...given) => this.#answerProbe(...given) }],
      [metricsPath, { handler: "metrics", answer: (...given) => this.#answerMetrics(...given) }],
    ]);
  }

  async close(): Promise<void> {
    await this.listener.close();
    await this.#authentication.close();
  }

  /** Never rejects. */
  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { path, query } = parsePath(request.url ?? "/");
    const route = this.#routes.get(path);
    const isLate = this.listener.isClosing;
    let handler: Handler = "none";
    response.on("close", () =>
      this.#report.answered(handler, response.writableFinished ? response.statusCode : 499),
    );
    try {
      if (this.listener.isLastRequest(request)) response.setHeader("Connection", "close");
      if (!(await this.#admit(request, response))) return;
      if (!route) return sendText(response, 404, "there is nothing here; see /");
      handler = route.handler;
      if (!isAllowed(request, response)) return;
      if (isLate && SCRAPES.includes(handler)) return sendText(response, 503, "shutting down");
      await route.answer(request, response, query);
    } catch (error) {
      this.#answerFailure(response, error);
    }
  }

  /** Applies the web configuration in force, to every path. False where the answer is given already. */
  async #admit(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const config = this.#web.current();
    response.setHeader("X-Content-Type-Options", "nosniff");
    for (const [name, value] of Object.entries(config.headers)) response.setHeader(name, value);
    if (!this.#takeToken(config)) {
      response.setHeader("Retry-After", "1");
      sendText(response, 429, "too many requests");
      return false;
    }
    if (config.users.size === 0) return true;
    const verdict = await this.#authentication.verify(request.headers.authorization, config.users);
    if (verdict === "admitted") return true;
    if (verdict === "busy") {
      response.setHeader("Retry-After", "1");
      sendText(response, 503, "too many passwords are being checked");
    } else {
      response.setHeader("WWW-Authenticate", 'Basic realm="natscope", charset="UTF-8"');
      sendText(response, 401, "a user and a password are needed");
    }
    return false;
  }

  #takeToken(config: LoadedWebConfig): boolean {
    if (this.#bucket?.config !== config) {
      this.#bucket = { config, bucket: config.rateLimit && new TokenBucket(config.rateLimit) };
    }
    return this.#bucket.bucket?.take() ?? true;
  }

  async #answerMetrics(
    request: IncomingMessage,
    response: ServerResponse,
    query: URLSearchParams,
  ): Promise<void> {
    const collectors = collectorsOf(query, this.#options.scraper.collectorNames);
    await this.#answerScrape(request, response, { ...(collectors && { collectors }) });
  }

  async #answerProbe(
    request: IncomingMessage,
    response: ServerResponse,
    query: URLSearchParams,
  ): Promise<void> {
    const target = targetOf(query, this.#options.scraper.targets);
    const collectors = collectorsOf(query, this.#options.scraper.collectorNames);
    await this.#answerScrape(request, response, {
      targets: [target.name],
      ...(collectors && { collectors }),
    });
  }

  async #answerScrape(
    { headers, method }: IncomingMessage,
    response: ServerResponse,
    asked: Omit<ScrapeRequest, "deadlineMs">,
  ): Promise<void> {
    const representation = {
      format: chooseFormat(headers.accept),
      encoding: chooseEncoding(headers["accept-encoding"]?.toString()),
    };
    if (method === "HEAD") {
      beginExposition(response, representation);
      response.end();
      return;
    }
    const timeout = headers["x-prometheus-scrape-timeout-seconds"]?.toString();
    const families = await this.#gather({ ...asked, deadlineMs: chooseDeadlineMs(timeout, this.#options) });
    if (response.destroyed) return;
    if (this.listener.isClosing) response.setHeader("Connection", "close");
    await sendExposition(response, families, representation);
  }

  async #gather(asked: ScrapeRequest): Promise<Family[]> {
    const [watched, extra] = await Promise.all([
      this.#options.scraper.scrape(asked).catch((error: unknown): Family[] => {
        this.#options.log.error("the scrape failed", { error });
        return [];
      }),
      this.#extraFamilies(asked.deadlineMs),
    ]);
    return merge([...watched, ...this.#report.families(), ...this.#web.families(), ...extra]);
  }

  /** Whatever they do, the rest is served. */
  async #extraFamilies(deadlineMs: number): Promise<readonly Family[]> {
    const { extraFamilies, log } = this.#options;
    if (!extraFamilies) return [];
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("no answer before the deadline of the scrape")), deadlineMs);
    });
    try {
      const families: unknown = await Promise.race([extraFamilies(), deadline]);
      if (!Array.isArray(families) || !families.every(isFamily)) throw new TypeError("they are no families");
      return families;
    } catch (error) {
      log.error("metrics besides those of the servers are left out of this scrape", { error });
      return [];
    } finally {
      clearTimeout(timer);
    }
  }

  #answerReadiness(response: ServerResponse): void {
    if (this.listener.isClosing) sendText(response, 503, "shutting down");
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

  #answerFailure(response: ServerResponse, error: unknown): void {
    if (error instanceof QueryError) {
      sendText(response, error.status, error.message);
      return;
    }
    // Nobody is there to be told; the counter of requests says it.
    if (clientLeft(error)) return;
    this.#options.log.error("a request could not be answered", { error });
    if (response.headersSent) response.destroy();
    else sendText(response, 500, "natscope failed; its log says why");
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
