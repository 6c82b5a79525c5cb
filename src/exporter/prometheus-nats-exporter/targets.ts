/**
 * The servers that prometheus-nats-exporter is told to watch: the arguments after its flags, each `[id,]URL`.
 * Credentials leave the URL here, so that no later place can show them.
 */
import type { ServerIdSource } from "./prometheus-nats-exporter.ts";

/** A server to watch. */
export interface ExporterTarget {
  /** Without credentials, query and trailing slash. */
  readonly url: URL;
  readonly credentials?: { readonly user: string; readonly password: string };
  /** The id given before the URL, else the URL's scheme and host as written where `server_id` is the URL. */
  readonly serverId?: string;
}

/** Whether an argument is meant as a target, right or wrong: `http://host`, `id,https://host`. */
export function isTarget(argument: string): boolean {
  return /^(?!-)(?:.*,)?https?:\/\//i.test(argument);
}

/**
 * The targets of the arguments that follow the flags; those that are none are told in `problems`.
 *
 * @param source what `server_id` is where no id stands before the URL
 */
export function targetsOf(
  positionals: readonly string[],
  source: ServerIdSource,
  problems: string[],
  warnings: string[],
): ExporterTarget[] {
  if (positionals.length === 0) {
    problems.push("expected the URL of a monitoring port after the flags, as in http://localhost:8222");
  }
  return positionals.flatMap((argument) => {
    if (argument.startsWith("-")) {
      // Not its value, which may be a password.
      const flag = argument.split("=", 1)[0];
      problems.push(`${flag} stands after a URL, where flags are not read: put it before`);
      return [];
    }
    const comma = argument.lastIndexOf(",");
    const written = argument.slice(comma + 1);
    const url = monitorUrl(written, problems, warnings);
    if (!url) return [];
    const serverId =
      comma >= 0 ? argument.slice(0, comma) : source === "url" ? schemeAndHost(written) : undefined;
    if (comma >= 0 && source !== "url") {
      warnings.push(`server_id is "${serverId}", as given before the URL, and not the server's own word.`);
    }
    return [{ ...url, ...(serverId !== undefined && { serverId }) }];
  });
}

/** As it was written, so that a series keeps its label: `http://localhost:80` stays so. */
function schemeAndHost(written: string): string {
  const [, scheme = "", authority = ""] = /^([^:]*):\/\/([^/?#]*)/.exec(written) ?? [];
  return `${scheme.toLowerCase()}://${authority.slice(authority.lastIndexOf("@") + 1)}`;
}

/** The URL, and apart from it the credentials that it holds. */
function monitorUrl(
  written: string,
  problems: string[],
  warnings: string[],
): Pick<ExporterTarget, "url" | "credentials"> | undefined {
  const url = URL.parse(written);
  if (!url || !/^https?:\/\//i.test(written)) {
    const shown = written.replace(/^(.*:\/\/)?.*@/s, "$1***@");
    problems.push(`expected a URL that begins with http:// or https://, got "${shown}"`);
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
      `The user for ${url.href} has a colon: basic auth takes what follows it for part of the password.`,
    );
  }
  return { url, credentials };
}

/** `URL` keeps a percent sign that encodes nothing, and `decodeURIComponent` throws on it. */
function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
