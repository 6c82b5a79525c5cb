/**
 * A monitoring port as it is configured: `[name=]URL` in a text, or a mapping in the configuration file.
 *
 * Pure: files are only named here (see `targets.ts`). The user and password of a URL are taken out at once,
 * so that no later place can show them.
 */

import type { Given } from "../../input/given.ts";
import { InvalidValue } from "../../input/invalid-value.ts";
import type { Kind } from "../../input/kinds.ts";
import { conceal, didYouMean, enumerate, quote } from "../../text/wording.ts";

/** A monitor, read and complete: what it leaves open comes from `--monitor-ca` and the like. */
export interface MonitorSetting {
  /** Value of the `server` label: the name given, or host:port and the path. */
  readonly name: string;
  /** http or https, without credentials, query and trailing slash; the path is the server's `http_base_path`. */
  readonly url: URL;
  readonly user?: string;
  readonly password?: string;
  readonly passwordFile?: string;
  readonly tls: TlsFiles;
  /** Fills `server_id` under the names of prometheus-nats-exporter, instead of what `--server-id` says. */
  readonly serverId?: string;
  /** Where it was written, to begin a sentence with. */
  readonly place: string;
}

/** Names of PEM files. */
export interface TlsFiles {
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly serverName?: string;
}

/** Keys of a monitor that is a mapping, in the order in which `natscope config` shows them. */
export const MONITOR_KEYS = [
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

/** Keys whose values name files. */
const FILE_KEYS: ReadonlySet<string> = new Set<MonitorKey>(["password_file", "ca", "certificate", "key"]);

const NAMED_URL = /^(?:([^=/@]*)=)?([^=]*:\/\/.*)$/s;

/**
 * A monitoring port to watch, from a text or a mapping. URLs with a query are refused, since the collectors
 * write their own.
 */
export const monitor: Kind<MonitorSetting> = {
  placeholder: "[NAME=]URL",
  isPath: (key) => FILE_KEYS.has(key),
  parse: (given) => (given.fields ? fromMapping(given, given.fields) : fromText(given)),
};

/**
 * The monitors in one text: they are separated by commas or blanks before the next `[name=]scheme://`, so
 * that a comma in a password or a path divides nothing.
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
    const keys = wrong.map((key) => `${JSON.stringify(key)}${didYouMean(key, MONITOR_KEYS)}`).join(", ");
    return new InvalidValue(`has unknown keys, ${keys}: a monitor has ${enumerate(MONITOR_KEYS)}`);
  }
  const of = (key: MonitorKey): string | undefined => fields.get(key)?.text;
  const [name, address, user, password] = [of("name"), of("url"), of("user"), of("password")];
  const [passwordFile, serverId] = [of("password_file"), of("server_id")];
  if (address === undefined)
    return new InvalidValue("has no url: a monitor needs one, such as http://127.0.0.1:8222");
  const empty = [...fields].find(([, { text }]) => text === "");
  if (empty) return new InvalidValue(`has an empty ${empty[0]}`);
  const url = parseAddress(address);
  if (url instanceof InvalidValue) return url;
  if (url.username !== "" && user !== undefined) {
    return new InvalidValue("has a user both in its url and as a key: give one of them");
  }
  if (password !== undefined && passwordFile !== undefined) {
    return new InvalidValue("has a password and a password_file: give one of them");
  }
  if ((user === undefined) !== (password === undefined && passwordFile === undefined)) {
    return new InvalidValue("needs user together with password or password_file");
  }
  const [ca, certificate, key, serverName] = [of("ca"), of("certificate"), of("key"), of("server_name")];
  if ((certificate === undefined) !== (key === undefined)) {
    return new InvalidValue("needs certificate together with key");
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

const ALLOWED =
  "a URL with http:// or https://, such as http://127.0.0.1:8222 or name=https://nats.example:8222";

function parseAddress(text: string): URL | InvalidValue {
  // An unencoded slash in a password ends the authority, and the rest of the password looks like a path; so do
  // a question mark, a number sign, and a backslash, which URLs take for a slash.
  if (/^https?:\/\/[^/?#\\]*[/?#\\].*@/is.test(text)) {
    return new InvalidValue(
      "has an @ after a slash in its URL: write / ? # and \\ in a password as %2F %3F %23 and %5C, and @ in a path as %40",
    );
  }
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    // Where host and port should be, the beginning of `user:password@host` may stand.
    const shown = text.replace(/(:\/\/[^/:@]*:)(?=[^/@]*[^\d/@])[^@]*/, "$1***");
    return new InvalidValue(`is ${quote(shown)}, but must be ${ALLOWED}`);
  }
  const url = new URL(text);
  if (url.search !== "" || url.hash !== "") {
    return new InvalidValue("has a query or a fragment in its URL, but must be a URL without them");
  }
  if (url.username === "" && url.password !== "") {
    return new InvalidValue(`is ${quote(text)}, but must have a user before its password`);
  }
  if (decode(url.username) === undefined || decode(url.password) === undefined) {
    return new InvalidValue("has a user or password with a broken escape: write % as %25");
  }
  return url;
}

function complete(
  address: URL,
  { name, tls = {}, ...rest }: Partial<MonitorSetting> & { readonly place: string },
): MonitorSetting | InvalidValue {
  if (address.protocol !== "https:" && Object.keys(tls).length > 0) {
    return new InvalidValue("has TLS keys, but its url is not https://");
  }
  if (name !== undefined && !/^[^\p{Cc}\s](?:[^\p{Cc}]{0,198}[^\p{Cc}\s])?$/u.test(name)) {
    return new InvalidValue(
      `has the name ${JSON.stringify(conceal(name))}, but must have one of 1 to 200 printable characters`,
    );
  }
  const credentials: Pick<MonitorSetting, "user" | "password"> =
    address.username === ""
      ? {}
      : { user: decode(address.username) as string, password: decode(address.password) as string };
  if ((rest.user ?? credentials.user)?.includes(":")) {
    return new InvalidValue("has a colon in its user, which basic auth would take for the end of the user");
  }
  const url = new URL(address);
  url.username = "";
  url.password = "";
  url.pathname = url.pathname.replace(/\/+$/, "");
  return { name: name ?? defaultMonitorName(url), url, tls, ...credentials, ...rest };
}

/** `host:port`, with the path where there is one: several servers may be behind one proxy. */
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
