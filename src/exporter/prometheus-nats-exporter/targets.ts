/**
 * Targets in the arguments of prometheus-nats-exporter: those after its flags, each `[id,]URL`. Credentials are removed
 * from the URL here, so that no error, log or page can show them.
 */
import type { ServerIdSource } from "./prometheus-nats-exporter.ts";

/** A server to scrape. */
export interface ExporterTarget {
  /** Without credentials, query and trailing slash. */
  readonly url: URL;
  readonly credentials?: { readonly user: string; readonly password: string };
  /** The id before the URL. Default: if `server_id` is the URL, its scheme and host as written. */
  readonly serverId?: string;
}

/** Whether an argument is meant as a target, valid or not: `http://host`, `id,https://host`. */
export function isTarget(argument: string): boolean {
  return /^(?!-)(?:.*,)?https?:\/\//i.test(argument);
}

/**
 * Targets in the arguments after the flags. Adds a sentence to `problems` for each argument that is not a target.
 *
 * @param source value of `server_id` for a URL without an id
 */
export function targetsOf(
  positionals: readonly string[],
  source: ServerIdSource,
  problems: string[],
  warnings: string[],
): ExporterTarget[] {
  if (positionals.length === 0) {
    problems.push(
      "no URL is given: expected that of a monitoring port after the flags, such as http://localhost:8222",
    );
  }
  return positionals.flatMap((argument) => {
    if (argument.startsWith("-")) {
      // Without the value, which may be a password.
      const flag = argument.split("=", 1)[0];
      problems.push(`${flag} follows a URL: expected flags before URLs`);
      return [];
    }
    const comma = argument.lastIndexOf(",");
    const written = argument.slice(comma + 1);
    const url = monitorUrl(written, problems, warnings);
    if (!url) return [];
    const serverId =
      comma >= 0 ? argument.slice(0, comma) : source === "url" ? schemeAndHost(written) : undefined;
    if (comma >= 0 && source !== "url") {
      warnings.push(
        `server_id is "${serverId}", the id before the URL, instead of the server's own id or name.`,
      );
    }
    return [{ ...url, ...(serverId !== undefined && { serverId }) }];
  });
}

/** As written, so that labels of existing series do not change: `http://localhost:80` keeps its port. */
function schemeAndHost(written: string): string {
  const [, scheme = "", authority = ""] = /^([^:]*):\/\/([^/?#]*)/.exec(written) ?? [];
  return `${scheme.toLowerCase()}://${authority.slice(authority.lastIndexOf("@") + 1)}`;
}

/** The URL, and its credentials separately. */
function monitorUrl(
  written: string,
  problems: string[],
  warnings: string[],
): Pick<ExporterTarget, "url" | "credentials"> | undefined {
  const url = URL.parse(written);
  if (!url || !/^https?:\/\//i.test(written)) {
    const shown = written.replace(/^(.*:\/\/)?.*@/s, "$1***@");
    problems.push(`the URL is "${shown}": expected one that begins with http:// or https://`);
    return undefined;
  }
  const { username, password } = url;
  url.username = "";
  url.password = "";
  url.search = "";
  url.hash = "";
  url.pathname = url.pathname.replace(/\/+$/, "");
  if (username === "" && password === "") return { url };
  const credentials = { user: decodePercent(username), password: decodePercent(password) };
  if (credentials.user.includes(":")) {
    warnings.push(
      `The user for ${url.href} has a colon: basic auth reads the rest of the user as part of the password.`,
    );
  }
  return { url, credentials };
}

/** Keeps a percent sign that encodes nothing, as `URL` does; `decodeURIComponent` throws on it. */
function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
