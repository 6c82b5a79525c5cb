/**
 * `natscope healthcheck`: asks `/livez` of the `natscope serve` that has the same settings, on this machine. It is
 * the HEALTHCHECK of an image that has no shell and no curl.
 */
import http from "node:http";
import https from "node:https";
import type { Settings } from "../exporter/settings/settings.ts";
import { loadWebConfig } from "../http/web-config/load.ts";
import { WatchedFiles } from "../http/web-config/watched-files.ts";
import { errorMessage } from "../text/wording.ts";

/** What came of it, in a sentence. */
export interface Health {
  readonly isAlive: boolean;
  readonly sentence: string;
}

type Scheme = "http" | "https";

/** Less than the patience of whoever runs the check. */
const PATIENCE_MS = 4_000;

/** It answered "ok", wants a password, which is not known here, or has been asked too often: it lives. */
const SIGNS_OF_LIFE = [200, 401, 429];

/** Never rejects. What listens on every address is asked on the loopback. */
export async function checkHealth({
  listen: { host = "", port },
  webConfig,
}: Pick<Settings, "listen" | "webConfig">): Promise<Health> {
  if (port === 0) return { isAlive: false, sentence: "with port 0 nobody knows where natscope listens" };
  const hostname = ["", "0.0.0.0", "::"].includes(host) ? "127.0.0.1" : host;
  const where = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
  let trouble = "";
  for (const scheme of schemesOf(webConfig)) {
    try {
      const status = await ask(scheme, hostname, port);
      const isAlive = SIGNS_OF_LIFE.includes(status);
      return {
        isAlive,
        sentence: isAlive ? `natscope lives at ${where}` : `${where} answers /livez with status ${status}`,
      };
    } catch (error) {
      trouble = errorMessage(error);
    }
  }
  return { isAlive: false, sentence: `natscope does not answer at ${where}: ${trouble}` };
}

/** Both where the file cannot be used just now: the last good one is in force, whatever it said. */
function schemesOf(webConfig: string | undefined): readonly Scheme[] {
  if (webConfig === undefined) return ["http"];
  try {
    return loadWebConfig({ file: webConfig }, new WatchedFiles()).tls ? ["https"] : ["http"];
  } catch {
    return ["https", "http"];
  }
}

/**
 * @returns the status of the answer; 401 where the connection ends after a handshake: it demands a certificate.
 *
 * The server's own certificate is not verified. It need not be for this address, and nothing is told to it.
 */
function ask(scheme: Scheme, hostname: string, port: number): Promise<number> {
  const options = { hostname, port, path: "/livez", agent: false };
  return new Promise((resolve, reject) => {
    const request =
      scheme === "https" ? https.get({ ...options, rejectUnauthorized: false }) : http.get(options);
    let isEncrypted = false;
    let isLate = false;
    request.on("socket", (socket) => {
      socket.on("secureConnect", () => {
        isEncrypted = true;
      });
    });
    request.setTimeout(PATIENCE_MS, () => {
      isLate = true;
      request.destroy(new Error(`nothing within ${PATIENCE_MS / 1000} s`));
    });
    request.on("response", (response) => resolve(response.statusCode as number));
    request.on("error", (error) => (isEncrypted && !isLate ? resolve(401) : reject(error)));
  });
}
