/**
 * `natscope healthcheck`: asks `/livez` of the `natscope serve` with the same settings on this machine. It is the
 * HEALTHCHECK of an image without a shell and curl.
 */
import http from "node:http";
import https from "node:https";
import { readSettingFlags, settingHelp } from "../exporter/settings/command-line.ts";
import { gatherSettings } from "../exporter/settings/gather.ts";
import type { Settings } from "../exporter/settings/settings.ts";
import { loadWebConfig } from "../http/web-config/load.ts";
import { WatchedFiles } from "../http/web-config/watched-files.ts";
import { errorMessage } from "../text/wording.ts";
import { COMMANDS } from "./commands.ts";
import { DONE, FAILED } from "./exit-codes.ts";
import { TERMINAL } from "./terminal.ts";

/** @param argv arguments after `healthcheck` @returns the exit code: 0 or 1, because Docker reserves the others */
export async function healthcheck(argv: readonly string[]): Promise<number> {
  const flags = readSettingFlags("natscope healthcheck", argv);
  if (flags.wantsHelp) {
    await TERMINAL.print(settingHelp("natscope healthcheck", COMMANDS.healthcheck));
    return DONE;
  }
  const { values, problems } = await gatherSettings(flags, process.env);
  if (problems.length > 0) {
    await TERMINAL.printErrors(problems);
    return FAILED;
  }
  const { isAlive, sentence } = await checkHealth(values);
  await (isAlive ? TERMINAL.print(`${sentence}\n`) : TERMINAL.printErrors([sentence]));
  return isAlive ? DONE : FAILED;
}

/** Result of a check. */
export interface Health {
  readonly isAlive: boolean;
  readonly sentence: string;
}

type Scheme = "http" | "https";

/** Shorter than the usual timeout of a health check, 5 s and more. */
const TIMEOUT_MS = 4_000;

/** Answers of a natscope that is alive: ok, a password is needed, rate limit exceeded. */
const ALIVE_STATUSES = [200, 401, 429];

/** Asks the first address of `--listen`; the loopback if that is every address. Never rejects. */
export async function checkHealth({
  listen: [address],
  webConfig,
}: Pick<Settings, "listen" | "webConfig">): Promise<Health> {
  const { host = "", port = 0 } = address ?? {};
  if (port === 0) {
    return { isAlive: false, sentence: "healthcheck needs a fixed port: expected --listen without port 0" };
  }
  const hostname = ["", "0.0.0.0", "::"].includes(host) ? "127.0.0.1" : host;
  const where = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
  let trouble = "";
  for (const scheme of schemesOf(webConfig)) {
    try {
      const status = await ask(scheme, hostname, port);
      const isAlive = ALIVE_STATUSES.includes(status);
      return {
        isAlive,
        sentence: isAlive
          ? `natscope is alive at ${where}`
          : `GET /livez from ${where} returned status ${status}: expected ${ALIVE_STATUSES.join(", ")}`,
      };
    } catch (error) {
      trouble = errorMessage(error);
    }
  }
  return { isAlive: false, sentence: `GET /livez from ${where} failed: ${trouble}` };
}

/** Both if the file cannot be used now: natscope still runs with the last valid one, which is unknown here. */
function schemesOf(webConfig: string | undefined): readonly Scheme[] {
  if (webConfig === undefined) return ["http"];
  try {
    return loadWebConfig({ file: webConfig }, new WatchedFiles()).tls ? ["https"] : ["http"];
  } catch {
    return ["https", "http"];
  }
}

/**
 * Status of the answer; 401 if the connection ends after the TLS handshake, because natscope demands a certificate.
 *
 * Does not verify the certificate of natscope: it need not be for this address, and the request holds no secret.
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
    request.setTimeout(TIMEOUT_MS, () => {
      isLate = true;
      request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`));
    });
    request.on("response", (response) => resolve(response.statusCode as number));
    request.on("error", (error) => (isEncrypted && !isLate ? resolve(401) : reject(error)));
  });
}
