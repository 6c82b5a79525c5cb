/** Decides whether a request is answered, by the web configuration in force: rate limit, then users. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { BasicAuthentication } from "./access/basic-auth.ts";
import { TokenBucket } from "./access/token-bucket.ts";
import { sendText } from "./text-response.ts";
import type { LoadedWebConfig } from "./web-config/load.ts";

/** Serves all requests of one server. */
export class Admission {
  readonly #web: () => LoadedWebConfig;
  readonly #authentication = new BasicAuthentication();
  /** Replaced with the configuration, so that a new limit holds at once. */
  #limit: { readonly config: LoadedWebConfig; readonly bucket: TokenBucket | undefined } | undefined;

  constructor(web: () => LoadedWebConfig) {
    this.#web = web;
  }

  /** Sets the configured headers. Resolves to false if it has answered the request with a 401, 429 or 503. */
  async admit(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const config = this.#web();
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
      sendText(response, 401, "user and password required");
    }
    return false;
  }

  close(): Promise<void> {
    return this.#authentication.close();
  }

  #takeToken(config: LoadedWebConfig): boolean {
    if (this.#limit?.config !== config) {
      this.#limit = { config, bucket: config.rateLimit && new TokenBucket(config.rateLimit) };
    }
    return this.#limit.bucket?.take() ?? true;
  }
}
