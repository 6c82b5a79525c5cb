/**
 * Lists of servers: `nats://user:password@host:port,host,tls://host`. Credentials and the scheme are taken out, since
 * the JavaScript clients ignore both, and the port is always written, since they do not agree on its default.
 * WebSockets are not supported.
 */
import { isIPv6 } from "node:net";
import { InvalidValue } from "../../input/invalid-value.ts";
import { conceal } from "../../text/wording.ts";

/** A parsed list of servers. */
export interface Servers {
  /** `host:port` each, an IPv6 address in brackets; at least one. */
  readonly addresses: readonly [string, ...string[]];
  /** Whether one of them is `tls://`: TLS is then required, even if the server offers it as optional. */
  readonly tls: boolean;
  /** For all servers: the client has one set of credentials. */
  readonly credentials?: Credentials;
}

/** User information of a URL. A user without a password is a token, as in all clients. */
type Credentials = { readonly user: string; readonly password: string } | { readonly token: string };

interface Server {
  readonly address: string;
  readonly tls: boolean;
  readonly credentials?: Credentials;
}

/** The server if none is given. */
export const DEFAULT_SERVERS: Servers = { addresses: ["127.0.0.1:4222"], tls: false };

const DEFAULT_PORT = 4222;
const SERVER = /^(?:(?<scheme>[a-z][a-z0-9+.-]*):\/\/)?(?:(?<credentials>.*)@)?(?<place>[^@/?#\s]+)\/?$/is;
const PLACE = /^(?:\[(?<ipv6>[^[\]]+)\]|(?<host>[^:[\]]+))(?::(?<port>\d{1,5}))?$/;
const EXPECTED = "host, host:port, nats://host:port or tls://host:port, with a port from 1 to 65535";

/** Parses a list with commas. The error does not show what may be part of a password. */
export function parseServers(text: string): Servers | InvalidValue {
  const entries = text.split(",").map((entry) => entry.trim());
  const servers: Server[] = [];
  for (const [i, entry] of entries.entries()) {
    if (entry === "") continue; // A comma at the end.
    const server = parseServer(entry);
    if (server === undefined) return new InvalidValue(notAServer(entry, i, entries));
    servers.push(server);
  }
  const [first, ...more] = new Set(servers.map(({ address }) => address));
  if (first === undefined) return new InvalidValue(`has no server: expected at least one, as ${EXPECTED}`);
  const all = servers.flatMap(({ credentials }) => (credentials ? [credentials] : []));
  const [credentials] = all;
  if (all.some((one) => JSON.stringify(one) !== JSON.stringify(credentials))) {
    return new InvalidValue(
      "has servers with different credentials: expected the same ones, as the client has one set for all",
    );
  }
  const tls = servers.some((server) => server.tls);
  return { addresses: [first, ...more], tls, ...(credentials && { credentials }) };
}

function notAServer(entry: string, index: number, entries: readonly string[]): string {
  // A comma in a password splits it, so an entry is only safe to show if no entry of the list has an @.
  const hides = entries.length > 1 && entries.some((other) => other.includes("@")) && !entry.includes("@");
  const shown = hides ? "not shown: it may be part of a password" : JSON.stringify(withoutQuery(entry));
  const which = entries.length > 1 ? `has the entry ${index + 1} (${shown})` : `is ${shown}`;
  return `${which}: expected ${EXPECTED}${/^wss?:/i.test(entry) ? "; WebSockets are not supported" : ""}`;
}

const withoutQuery = (text: string): string => conceal(text).replace(/[?#].*$/s, "?...");

function parseServer(text: string): Server | undefined {
  // The colons of an IPv6 address without brackets do not separate a port.
  const parts = SERVER.exec(isIPv6(text) ? `[${text}]` : text)?.groups;
  const scheme = parts?.scheme?.toLowerCase() ?? "nats";
  const address = parseAddress(parts?.place ?? "");
  if (address === undefined || (scheme !== "nats" && scheme !== "tls")) return undefined;
  const server = { address, tls: scheme === "tls" };
  if (!parts?.credentials) return server;
  const credentials = parseCredentials(parts.credentials);
  return credentials && { ...server, credentials };
}

function parseAddress(place: string): string | undefined {
  const { ipv6, host, port } = PLACE.exec(place)?.groups ?? {};
  if ((ipv6 === undefined) === (host === undefined)) return undefined;
  if (ipv6 !== undefined && !isIPv6(ipv6)) return undefined;
  const number = port === undefined ? DEFAULT_PORT : Number(port);
  if (number < 1 || number > 65_535) return undefined;
  return `${host ?? `[${ipv6}]`}:${number}`;
}

function parseCredentials(text: string): Credentials | undefined {
  const [, user = "", password] = /^([^:]*)(?::(.*))?$/s.exec(text) ?? [];
  try {
    if (password === undefined) return { token: decodeURIComponent(user) };
    return { user: decodeURIComponent(user), password: decodeURIComponent(password) };
  } catch {
    return undefined; // A percent sign that is not followed by a code.
  }
}
