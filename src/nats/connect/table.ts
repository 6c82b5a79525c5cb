/**
 * Every setting of a connection, once: which variables, natscli flag and key of a natscli context give it,
 * how its text is read, and what it means. Reading the environment, the contexts and (in the bench command)
 * the flags are all made of these rows. Sources: natscli `nats/main.go`, jsm.go `natscontext/context.go`.
 *
 * A row is named after the option that it fills (`connection.ts` says how the last few come together).
 */
import {
  certificateFile,
  credentials,
  duration,
  jwt,
  type Kind,
  keyFile,
  milliseconds,
  nkey,
  secret,
  seed,
  servers,
  subjectPrefix,
  subjectToken,
  truth,
  unsupported,
  wholeNumber,
  words,
} from "./kinds.ts";

/** A row of the table. */
export interface Row<Value> {
  /** Variables that give it; where several are set the first counts. */
  readonly variables: readonly string[];
  /** The flag by which natscli gives it, and its other forms. */
  readonly flags?: readonly [string, ...string[]];
  /** The key under which a natscli context gives it. */
  readonly contextKey?: string;
  /** One line. */
  readonly help: string;
  readonly kind: Kind<Value>;
  /**
   * Rows of the context that count no longer where the environment or a flag gives this one: other ways to
   * say the same. (natscli goes row by row, and may prove to be somebody whom nobody asked for.)
   */
  readonly displaces?: readonly string[];
}

/** The table, in the order of a reference. Times are in milliseconds. */
export const ROWS = {
  servers: {
    variables: ["NATS_SERVERS", "NATS_URL"],
    flags: ["--server", "-s"],
    contextKey: "url",
    help: "Servers, with commas between: host, host:port, nats://... or tls://... (which then demands TLS). User and password, or a token, may stand in the URL. Default 127.0.0.1:4222.",
    kind: servers,
  },
  context: {
    variables: ["NATS_CONTEXT"],
    flags: ["--context"],
    help: "natscli context to start from, by name, or the .json file of one.",
    kind: words("NAME"),
  },
  name: {
    variables: ["NATS_CONNECTION_NAME"],
    flags: ["--connection-name"],
    help: "Name of the connection, as the server's monitoring shows it.",
    kind: words("NAME"),
  },

  user: {
    variables: ["NATS_USER"],
    flags: ["--user"],
    contextKey: "user",
    help: "User; without a password it is a token.",
    kind: words("USER"),
    displaces: ["password", "token", "creds", "nkey", "jwt", "seed"],
  },
  password: {
    variables: ["NATS_PASSWORD"],
    flags: ["--password"],
    contextKey: "password",
    help: "The user's password, or a reference to it.",
    kind: secret("PASSWORD"),
  },
  token: {
    variables: ["NATS_TOKEN"],
    flags: ["--token"],
    contextKey: "token",
    help: "Token, or a reference to it; is sent beside credentials too, for an auth callout.",
    kind: secret("TOKEN"),
    displaces: ["user", "password"],
  },
  creds: {
    variables: ["NATS_CREDS"],
    flags: ["--creds"],
    contextKey: "creds",
    help: "File with the user's JWT and seed, or a reference to such text; a file is read again for each reconnect.",
    kind: credentials,
    displaces: ["user", "password", "nkey", "jwt", "seed"],
  },
  nkey: {
    variables: ["NATS_NKEY"],
    flags: ["--nkey"],
    contextKey: "nkey",
    help: "File with the seed of the user's nkey, or a reference to it; a file is read again for each reconnect.",
    kind: nkey,
    displaces: ["user", "password", "creds", "jwt", "seed"],
  },
  jwt: {
    variables: ["NATS_JWT"],
    flags: ["--jwt"],
    contextKey: "user_jwt",
    help: "The user's JWT, or a reference to it; without a seed it is a bearer token.",
    kind: jwt,
    displaces: ["user", "password", "creds", "nkey", "seed"],
  },
  seed: {
    variables: ["NATS_SEED"],
    flags: ["--seed"],
    contextKey: "user_seed",
    help: "The seed that goes with the JWT, or a reference to it.",
    kind: seed,
  },

  certFile: {
    variables: ["NATS_CERT"],
    flags: ["--tlscert"],
    contextKey: "cert",
    help: "PEM file of the certificate to show to the server.",
    kind: certificateFile,
  },
  keyFile: {
    variables: ["NATS_KEY"],
    flags: ["--tlskey"],
    contextKey: "key",
    help: "PEM file of that certificate's private key.",
    kind: keyFile,
  },
  caFile: {
    variables: ["NATS_CA"],
    flags: ["--tlsca"],
    contextKey: "ca",
    help: "PEM file of the authorities to trust, instead of the system's. Verification cannot be turned off.",
    kind: certificateFile,
  },
  handshakeFirst: {
    variables: ["NATS_TLS_FIRST"],
    flags: ["--tlsfirst", "--tls-first"],
    contextKey: "tls_first",
    help: "Begin with TLS instead of waiting for the server's greeting (nats-server 2.10.4 and later, set so).",
    kind: truth,
  },

  timeout: {
    variables: ["NATS_CONNECT_TIMEOUT"],
    help: "Time for connecting and for a server to accept us. The client's default is 20000.",
    kind: milliseconds("1ms", "1h"),
  },
  responseTimeout: {
    variables: ["NATS_TIMEOUT"],
    flags: ["--timeout"],
    help: "Time to wait for answers of JetStream's API, and of requests where the program says so.",
    kind: duration("1ms", "1h"),
  },
  reconnect: {
    variables: ["NATS_ALLOW_RECONNECT"],
    help: "Whether a lost connection is made again. Default true.",
    kind: truth,
  },
  maxReconnectAttempts: {
    variables: ["NATS_MAX_RECONNECT"],
    help: "Attempts per server to connect again before giving up; -1: never give up. The client's default is 10.",
    kind: wholeNumber(-1, ", where -1 is without end"),
  },
  reconnectTimeWait: {
    variables: ["NATS_RECONNECT_WAIT"],
    help: "Wait between two such attempts at a server. The client's default is 2000.",
    kind: milliseconds("0s", "1h"),
  },
  pingInterval: {
    variables: ["NATS_PING_INTERVAL"],
    help: "Time between two pings to the server. The client's default is 120000.",
    kind: milliseconds("10ms", "24h"),
  },
  maxPingOut: {
    variables: ["NATS_MAX_PINGS"],
    help: "Pings without an answer after which a connection counts as lost. The client's default is 2.",
    kind: wholeNumber(1, ""),
  },

  inboxPrefix: {
    variables: ["NATS_INBOX_PREFIX"],
    flags: ["--inbox-prefix"],
    contextKey: "inbox_prefix",
    help: "Beginning of the subjects on which answers arrive, instead of _INBOX.",
    kind: subjectPrefix,
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
    help: "Beginning of JetStream's API subjects, where an account imports them under another; a domain wins.",
    kind: subjectPrefix,
    displaces: ["domain"],
  },

  socksProxy: {
    variables: ["NATS_SOCKS_PROXY"],
    flags: ["--socks-proxy"],
    contextKey: "socks_proxy",
    help: "Not supported; none overrides the proxy of a context.",
    kind: unsupported("a SOCKS proxy, which the NATS client for Node.js does not have"),
  },
  nscLookup: {
    variables: [],
    contextKey: "nsc",
    help: "Not supported.",
    kind: unsupported("a lookup by the program nsc; write the credentials to a file and name it under creds"),
  },
  windowsCertificate: {
    variables: [],
    contextKey: "windows_cert_store",
    help: "Not supported.",
    kind: unsupported("the certificate store of Windows; name files under cert, key and ca"),
  },
} satisfies Readonly<Record<string, Row<unknown>>>;

export type RowName = keyof typeof ROWS;

/** What the rows say, as far as anybody gave it. */
export type Values = {
  readonly [Name in RowName]?: (typeof ROWS)[Name] extends Row<infer Value> ? Value : never;
};

/** Names of the rows, in the order of the table. */
export const ROW_NAMES = Object.keys(ROWS) as RowName[];

/** The row of that name, for those who treat all rows alike. */
export function rowOf(name: RowName): Row<unknown> {
  return ROWS[name];
}

/** A text that somebody gave for a row. */
export interface Given {
  /** How to find it again, to begin a sentence with: `NATS_URL`, `--server`, `url of context prod`. */
  readonly place: string;
  readonly text: string;
  /** The text is the value: it was taken out of a URL, and is neither a reference nor a path. */
  readonly literal?: true;
}

/** Texts by row. */
export type GivenRows = { readonly [Name in RowName]?: Given };
