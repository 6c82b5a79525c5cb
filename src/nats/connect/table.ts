/**
 * One row for each connection setting: its environment variables, its natscli flag, its key in a natscli context, how
 * its text is read, and its help. Environment, contexts and the flags of `natscope bench` are read by these rows.
 * Sources: natscli `nats/main.go`, jsm.go `natscontext/context.go`.
 *
 * A row is named after the option of the client that it sets (`connection.ts` combines some of them).
 */
import { text } from "../../input/kinds.ts";
import {
  certificateFile,
  credentials,
  duration,
  jwt,
  type Kind,
  keyFile,
  lenientBoolean,
  nkey,
  numberOfMilliseconds,
  plain,
  secret,
  seed,
  servers,
  subjectPrefix,
  subjectToken,
  unsupported,
  wholeNumberFrom,
} from "./kinds.ts";
import { DEFAULT_SERVERS } from "./servers.ts";

/** A connection setting. */
interface Row<Value> {
  /** Environment variables. If several are set, the first one wins. */
  readonly variables: readonly string[];
  /** natscli's flag and its aliases. */
  readonly flags?: readonly [string, ...string[]];
  /** Key in a natscli context. */
  readonly contextKey?: string;
  /** One line without the default, for help and reference. */
  readonly help: string;
  readonly kind: Kind<Value>;
  /**
   * Value if the setting is not given. natscope applies the default of `servers`; the clients apply the others, which
   * a test compares.
   */
  readonly default?: string | number | boolean;
  /**
   * Rows that are not taken from the context if the environment or a flag sets this one: other settings for the same
   * purpose. (natscli decides row by row, and may log in as the context's user although another one was given.)
   */
  readonly displaces?: readonly string[];
}

/** In the order of the reference. Times are in milliseconds. */
const ROWS = {
  servers: {
    variables: ["NATS_SERVERS", "NATS_URL"],
    flags: ["--server", "-s"],
    contextKey: "url",
    help: "Servers, separated by commas: host, host:port, nats://... or tls://... (requires TLS). A URL may contain user and password, or a token.",
    kind: servers,
    default: DEFAULT_SERVERS.addresses.join(","),
  },
  context: {
    variables: ["NATS_CONTEXT"],
    flags: ["--context"],
    help: "natscli context: its name or its .json file.",
    kind: plain(text("NAME")),
  },
  name: {
    variables: ["NATS_CONNECTION_NAME"],
    flags: ["--connection-name"],
    help: "Name of the connection in the server's monitoring.",
    kind: plain(text("NAME")),
  },

  user: {
    variables: ["NATS_USER"],
    flags: ["--user"],
    contextKey: "user",
    help: "User name; without a password, a token.",
    kind: plain(text("USER")),
    displaces: ["password", "token", "creds", "nkey", "jwt", "seed"],
  },
  password: {
    variables: ["NATS_PASSWORD"],
    flags: ["--password"],
    contextKey: "password",
    help: "Password, or a reference to it.",
    kind: secret("PASSWORD"),
  },
  token: {
    variables: ["NATS_TOKEN"],
    flags: ["--token"],
    contextKey: "token",
    help: "Token, or a reference to it. Also sent together with credentials, for an auth callout.",
    kind: secret("TOKEN"),
    displaces: ["user", "password"],
  },
  creds: {
    variables: ["NATS_CREDS"],
    flags: ["--creds"],
    contextKey: "creds",
    help: "Credentials file (JWT and seed), or a reference to its content. The file is read again for each reconnect.",
    kind: credentials,
    displaces: ["user", "password", "nkey", "jwt", "seed"],
  },
  nkey: {
    variables: ["NATS_NKEY"],
    flags: ["--nkey"],
    contextKey: "nkey",
    help: "File with the seed of the user's nkey, or a reference to it. The file is read again for each reconnect.",
    kind: nkey,
    displaces: ["user", "password", "creds", "jwt", "seed"],
  },
  jwt: {
    variables: ["NATS_JWT"],
    flags: ["--jwt"],
    contextKey: "user_jwt",
    help: "User JWT, or a reference to it; without a seed, a bearer token.",
    kind: jwt,
    displaces: ["user", "password", "creds", "nkey", "seed"],
  },
  seed: {
    variables: ["NATS_SEED"],
    flags: ["--seed"],
    contextKey: "user_seed",
    help: "Seed for the JWT, or a reference to it.",
    kind: seed,
  },

  certFile: {
    variables: ["NATS_CERT"],
    flags: ["--tlscert"],
    contextKey: "cert",
    help: "PEM file with the client certificate.",
    kind: certificateFile,
  },
  keyFile: {
    variables: ["NATS_KEY"],
    flags: ["--tlskey"],
    contextKey: "key",
    help: "PEM file with the private key of the client certificate.",
    kind: keyFile,
  },
  caFile: {
    variables: ["NATS_CA"],
    flags: ["--tlsca"],
    contextKey: "ca",
    help: "PEM file with the CA certificates to trust instead of the system's. Verification cannot be disabled.",
    kind: certificateFile,
  },
  handshakeFirst: {
    variables: ["NATS_TLS_FIRST"],
    flags: ["--tlsfirst", "--tls-first"],
    contextKey: "tls_first",
    help: "TLS handshake before the server's INFO (nats-server 2.10.4 or later with handshake_first).",
    kind: lenientBoolean,
  },

  timeout: {
    variables: ["NATS_CONNECT_TIMEOUT"],
    help: "Timeout for connecting and authenticating.",
    kind: numberOfMilliseconds("1ms", "1h"),
    default: 20_000,
  },
  responseTimeout: {
    variables: ["NATS_TIMEOUT"],
    flags: ["--timeout"],
    help: "Timeout for replies of the JetStream API, and for requests if the program uses it.",
    kind: duration("1ms", "1h"),
  },
  reconnect: {
    variables: ["NATS_ALLOW_RECONNECT"],
    help: "Whether to reconnect after the connection is lost.",
    kind: lenientBoolean,
    default: true,
  },
  maxReconnectAttempts: {
    variables: ["NATS_MAX_RECONNECT"],
    help: "Maximum reconnect attempts per server; -1: no limit.",
    kind: wholeNumberFrom(-1, " (-1: no limit)"),
    default: 10,
  },
  reconnectTimeWait: {
    variables: ["NATS_RECONNECT_WAIT"],
    help: "Time between reconnect attempts to one server.",
    kind: numberOfMilliseconds("0s", "1h"),
    default: 2000,
  },
  pingInterval: {
    variables: ["NATS_PING_INTERVAL"],
    help: "Time between pings to the server.",
    kind: numberOfMilliseconds("10ms", "24h"),
    default: 120_000,
  },
  maxPingOut: {
    variables: ["NATS_MAX_PINGS"],
    help: "Unanswered pings after which the connection counts as lost.",
    kind: wholeNumberFrom(1),
    default: 2,
  },

  inboxPrefix: {
    variables: ["NATS_INBOX_PREFIX"],
    flags: ["--inbox-prefix"],
    contextKey: "inbox_prefix",
    help: "Prefix of reply subjects.",
    kind: subjectPrefix,
    default: "_INBOX",
  },
  domain: {
    variables: ["NATS_JS_DOMAIN"],
    flags: ["--js-domain", "--domain"],
    contextKey: "jetstream_domain",
    help: "JetStream domain.",
    kind: subjectToken,
    displaces: ["apiPrefix"],
  },
  apiPrefix: {
    variables: ["NATS_JS_API_PREFIX"],
    flags: ["--js-api-prefix"],
    contextKey: "jetstream_api_prefix",
    help: "Prefix of the JetStream API subjects, if the account imports them under another one. --js-domain wins.",
    kind: subjectPrefix,
    displaces: ["domain"],
  },

  socksProxy: {
    variables: ["NATS_SOCKS_PROXY"],
    flags: ["--socks-proxy"],
    contextKey: "socks_proxy",
    help: "Not supported; none ignores the proxy of a context.",
    kind: unsupported("a SOCKS proxy, which the NATS client for Node.js does not support"),
  },
  nscLookup: {
    variables: [],
    contextKey: "nsc",
    help: "Not supported.",
    kind: unsupported("a lookup by the program nsc (use a credentials file under creds instead)"),
  },
  windowsCertificate: {
    variables: [],
    contextKey: "windows_cert_store",
    help: "Not supported.",
    kind: unsupported("the certificate store of Windows (use files under cert, key and ca instead)"),
  },
} satisfies Readonly<Record<string, Row<unknown>>>;

export type RowName = keyof typeof ROWS;

/** Values of the rows that are set. */
export type Values = {
  readonly [Name in RowName]?: (typeof ROWS)[Name] extends Row<infer Value> ? Value : never;
};

/** In the order of the table. */
export const ROW_NAMES = Object.keys(ROWS) as RowName[];

/** A row without the type of its value. */
export function rowOf(name: RowName): Row<unknown> {
  return ROWS[name];
}

/** The text that was given for a row. */
export interface Given {
  /** Beginning of a sentence about it: `NATS_URL`, `--server`, `url of context prod`. */
  readonly place: string;
  readonly text: string;
  /** The text comes from a URL and is the value itself: neither a reference nor a path. */
  readonly literal?: true;
}

/** Texts by row. */
export type GivenRows = { readonly [Name in RowName]?: Given };
