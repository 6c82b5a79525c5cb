/**
 * The monitoring port of a server as configured: `[name=]URL` in a text, or a mapping in the configuration file.
 *
 * Pure: `targets.ts` reads the files. User and password are removed from the URL here, so that no error, log or
 * page can show them.
 */

import type { Given } from "../../input/given.ts";
import { InvalidValue } from "../../input/invalid-value.ts";
import type { Kind } from "../../input/kind.ts";
import { invalid, meant } from "../../input/problems.ts";
import { conceal, enumerate } from "../../text/wording.ts";

/** A configured monitoring port. TLS files that it does not name come from `--monitor-ca` and its neighbours. */
export interface MonitorSetting {
  /** Value of the `server` label. Default: host:port and the path. */
  readonly name: string;
  /** http or https, without credentials, query and trailing slash; the path is the server's `http_base_path`. */
  readonly url: URL;
  readonly user?: string;
  readonly password?: string;
  readonly passwordFile?: string;
  readonly tls: TlsFiles;
  /** Value of `server_id` under prometheus-nats-exporter's names, instead of that of `--server-id`. */
  readonly serverId?: string;
  /** Place of its configuration, to begin a sentence with. */
  readonly place: string;
}

/** Paths of PEM files. */
export interface TlsFiles {
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly serverName?: string;
}

/** The server of this machine, at nats-server's usual monitoring port. */
export const LOCAL_MONITOR: MonitorSetting = {
  name: "127.0.0.1:8222",
  url: new URL("http://127.0.0.1:8222"),
  tls: {},
  place: "default",
};

/** Keys of a mapping, in the order in which `natscope config` shows them. */
const MONITOR_KEYS = [
  "name",
  "url",
  "server_id",
  "user",
  "password",
  "password_file",
  "ca",
  "certificate",
  "key",
  "server_name",
] as const;
type MonitorKey = (typeof MONITOR_KEYS)[number];

/** Keys whose values are paths. */
const FILE_KEYS: ReadonlySet<string> = new Set<MonitorKey>(["password_file", "ca", "certificate", "key"]);

const NAMED_URL = /^(?:([^=/@]*)=)?([^=]*:\/\/.*)$/s;

/** A monitoring port, from a text or a mapping. A URL must not have a query: collectors add their own. */
export const monitor: Kind<MonitorSetting> = {
  placeholder: "[NAME=]URL",
  isPath: (key) => FILE_KEYS.has(key),
  parse: (given) => (given.fields ? fromMapping(given, given.fields) : fromText(given)),
  format({ name, url }) {
    const address = url.href.replace(/\/$/, "");
    return name === defaultMonitorName(url) ? address : `${name}=${address}`;
  },
};

/**
 * Monitors in one text, separated by commas or blanks. A separator counts only before another `[name=]scheme://`, so
 * that a comma in a password or a path is part of it.
 */
export function splitMonitors(text: string): string[] {
  return text.split(/[\s,]+(?=[^\s,=/@]*=?[a-z][a-z0-9+.-]*:\/\/|$)/i).filter((part) => part.trim() !== "");
}

function fromText({ text, origin }: Given): MonitorSetting | InvalidValue {
  const [, name, address] = NAMED_URL.exec(text.trim()) ?? [];
  const url = parseAddress(address ?? text);
  if (url instanceof InvalidValue) return url;
  return name === undefined
    ? complete(url, { place: origin.place })
    : complete(url, { name, place: origin.place });
}

function fromMapping({ origin }: Given, fields: ReadonlyMap<string, Given>): MonitorSetting | InvalidValue {
  const wrong = [...fields.keys()].filter((key) => !(MONITOR_KEYS as readonly string[]).includes(key));
  if (wrong.length > 0) {
    const keys = wrong.map((key) => `${JSON.stringify(key)}${meant(key, MONITOR_KEYS)}`).join(", ");
    return new InvalidValue(`has unknown keys: expected ${enumerate(MONITOR_KEYS)}, got ${keys}`);
  }
  const of = (key: MonitorKey): string | undefined => fields.get(key)?.text;
  const [name, address, user, password] = [of("name"), of("url"), of("user"), of("password")];
  const [passwordFile, serverId] = [of("password_file"), of("server_id")];
  if (address === undefined)
    return new InvalidValue("has no url: expected one, such as http://127.0.0.1:8222");
  const empty = [...fields].find(([, { text }]) => text === "");
  if (empty) return new InvalidValue(`has an empty ${empty[0]}: expected a text`);
  const url = parseAddress(address);
  if (url instanceof InvalidValue) return url;
  if (url.username !== "" && user !== undefined) {
    return new InvalidValue("has a user in its url and as a key: expected one of them");
  }
  if (password !== undefined && passwordFile !== undefined) {
    return new InvalidValue("has a password and a password_file: expected one of them");
  }
  if ((user === undefined) !== (password === undefined && passwordFile === undefined)) {
    return new InvalidValue("has half of its credentials: expected user, and password or password_file");
  }
  const [ca, certificate, key, serverName] = [of("ca"), of("certificate"), of("key"), of("server_name")];
  if ((certificate === undefined) !== (key === undefined)) {
    return new InvalidValue("has half of its TLS certificate: expected certificate and key");
  }
  return complete(url, {
    ...(name !== undefined && { name }),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(passwordFile !== undefined && { passwordFile }),
    ...(serverId !== undefined && { serverId }),
    tls: {
      ...(ca !== undefined && { ca }),
      ...(certificate !== undefined && { certificate }),
      ...(key !== undefined && { key }),
      ...(serverName !== undefined && { serverName }),
    },
    place: origin.place,
  });
}

const EXPECTED =
  "a URL with http:// or https://, such as http://127.0.0.1:8222 or name=https://nats.example:8222";

function parseAddress(text: string): URL | InvalidValue {
  // An unencoded slash in a password ends the authority, and the rest of the password looks like a path. So do a
  // question mark, a number sign, and a backslash, which URLs read as a slash.
  if (/^https?:\/\/[^/?#\\]*[/?#\\].*@/is.test(text)) {
    return new InvalidValue(
      "has an @ after a slash in its URL: expected / ? # and \\ in a password as %2F %3F %23 and %5C, and @ in a path as %40",
    );
  }
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    // In place of host and port there may be the beginning of `user:password@host`.
    const shown = text.replace(/(:\/\/[^/:@]*:)(?=[^/@]*[^\d/@])[^@]*/, "$1***");
    return invalid(shown, EXPECTED);
  }
  const url = new URL(text);
  if (url.search !== "" || url.hash !== "") {
    return new InvalidValue("has a query or a fragment in its URL: expected a URL without them");
  }
  if (url.username === "" && url.password !== "") {
    return invalid(text, "a user before the password");
  }
  if (decode(url.username) === undefined || decode(url.password) === undefined) {
    return new InvalidValue("has a user or password with a broken escape: expected % as %25");
  }
  return url;
}

function complete(
  address: URL,
  { name, tls = {}, ...rest }: Partial<MonitorSetting> & { readonly place: string },
): MonitorSetting | InvalidValue {
  if (address.protocol !== "https:" && Object.keys(tls).length > 0) {
    return new InvalidValue("has TLS keys for a url without TLS: expected https://");
  }
  if (name !== undefined && !/^[^\p{Cc}\s](?:[^\p{Cc}]{0,198}[^\p{Cc}\s])?$/u.test(name)) {
    const shown = JSON.stringify(conceal(name));
    return new InvalidValue(`has the name ${shown}: expected 1 to 200 printable characters`);
  }
  const credentials: Pick<MonitorSetting, "user" | "password"> =
    address.username === ""
      ? {}
      : { user: decode(address.username) as string, password: decode(address.password) as string };
  if ((rest.user ?? credentials.user)?.includes(":")) {
    return new InvalidValue(
      "has a colon in its user: expected a user without it, because basic auth ends the user at a colon",
    );
  }
  const url = new URL(address);
  url.username = "";
  url.password = "";
  url.pathname = url.pathname.replace(/\/+$/, "");
  return { name: name ?? defaultMonitorName(url), url, tls, ...credentials, ...rest };
}

/** `host:port` and the path, if there is one: several servers can be behind one proxy. */
export function defaultMonitorName({ protocol, hostname, port, pathname }: URL): string {
  const path = pathname.replace(/\/$/, "");
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}${path}`;
}

function decode(component: string): string | undefined {
  try {
    return decodeURIComponent(component);
  } catch {
    return undefined;
  }
}
