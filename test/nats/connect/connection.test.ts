/** From variables, flags and contexts to plain options: each row, who wins, and every problem at once. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Asked, connectionFromEnvironment } from "../../../src/nats/connect/connection.ts";
import { ROW_NAMES, rowOf } from "../../../src/nats/connect/table.ts";
import { credsText, HOME, issueIdentities, madeFiles } from "./made-files.ts";

const { userJwt, userSeed } = issueIdentities();
const CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
const KEY = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n";
const CONTEXTS = `${HOME}/.config/nats/context`;
const FILES = {
  "/u.creds": credsText(userJwt, userSeed),
  "/u.nk": userSeed,
  "/cert.pem": CERTIFICATE,
  "/key.pem": KEY,
  "/wrong": "nothing of use",
};

function connection(
  environment: Readonly<Record<string, string>>,
  { contexts = {}, ...asked }: Asked & { contexts?: Readonly<Record<string, unknown>> } = {},
) {
  const texts = Object.entries(contexts).map(([name, value]) => [
    `${CONTEXTS}/${name}.json`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return connectionFromEnvironment(environment, madeFiles({ ...FILES, ...Object.fromEntries(texts) }), asked);
}

const NONE = { problems: [], warnings: [] };
const DEFAULTS = { servers: ["127.0.0.1:4222"] };

describe("a variable", () => {
  it.each([
    [{}, {}],
    [{ NATS_SERVERS: "" }, {}],
    [{ NATS_SERVERS: "nats://a:1,b" }, { servers: ["a:1", "b:4222"] }],
    [{ NATS_URL: "tls://a" }, { servers: ["a:4222"], tls: {} }],
    [{ NATS_URL: "nats://bob:pw@a" }, { servers: ["a:4222"], user: "bob", pass: "pw" }],
    [{ NATS_URL: "nats://env%3A%2F%2FHOME@a" }, { servers: ["a:4222"], token: "env://HOME" }],
    [{ NATS_CONNECTION_NAME: "my orders" }, { name: "my orders" }],
    [{ NATS_CONNECT_TIMEOUT: "1500" }, { timeout: 1500 }],
    [{ NATS_CONNECT_TIMEOUT: "1.5s" }, { timeout: 1500 }],
    [{ NATS_ALLOW_RECONNECT: "false" }, { reconnect: false }],
    [{ NATS_ALLOW_RECONNECT: "Yes" }, { reconnect: true }],
    [{ NATS_MAX_RECONNECT: "-1" }, { maxReconnectAttempts: -1 }],
    [{ NATS_MAX_RECONNECT: "0" }, { maxReconnectAttempts: 0 }],
    [{ NATS_RECONNECT_WAIT: "0" }, { reconnectTimeWait: 0 }],
    [{ NATS_RECONNECT_WAIT: "2s" }, { reconnectTimeWait: 2000 }],
    [{ NATS_PING_INTERVAL: "30000" }, { pingInterval: 30_000 }],
    [{ NATS_MAX_PINGS: "3" }, { maxPingOut: 3 }],
    [
      { NATS_USER: "bob", NATS_PASSWORD: "pw" },
      { user: "bob", pass: "pw" },
    ],
    [{ NATS_USER: "t0ken" }, { token: "t0ken" }],
    [{ NATS_TOKEN: "t0ken" }, { token: "t0ken" }],
    [{ NATS_TOKEN: "env://OTHER", OTHER: "t0ken" }, { token: "t0ken" }],
    [{ NATS_CREDS: "/u.creds" }, { authentication: { kind: "creds", creds: { file: "/u.creds" } } }],
    [{ NATS_NKEY: "/u.nk" }, { authentication: { kind: "nkey", seed: { file: "/u.nk" } } }],
    [{ NATS_JWT: userJwt }, { authentication: { kind: "jwt", jwt: userJwt } }],
    [
      { NATS_JWT: userJwt, NATS_SEED: userSeed },
      { authentication: { kind: "jwt", jwt: userJwt, seed: userSeed } },
    ],
    [{ NATS_CA: "/cert.pem" }, { tls: { caFile: "/cert.pem" } }],
    [
      { NATS_CERT: "/cert.pem", NATS_KEY: "/key.pem" },
      { tls: { certFile: "/cert.pem", keyFile: "/key.pem" } },
    ],
    [{ NATS_TLS_FIRST: "true" }, { tls: { handshakeFirst: true } }],
    [{ NATS_TLS_FIRST: "false" }, {}],
    [{ NATS_INBOX_PREFIX: "_INBOX_bob." }, { inboxPrefix: "_INBOX_bob" }],
    [{ NATS_SOCKS_PROXY: "none" }, {}],
  ])("%j fills %j", (environment, options) => {
    expect(connection(environment)).toEqual({ options: { ...DEFAULTS, ...options }, jetstream: {}, ...NONE });
  });

  it.each([
    [{ NATS_TIMEOUT: "5s" }, { timeout: 5000 }],
    [{ NATS_JS_DOMAIN: "hub" }, { domain: "hub" }],
    [{ NATS_JS_API_PREFIX: "$JS.hub.API." }, { apiPrefix: "$JS.hub.API" }],
  ])("%j fills what JetStream takes: %j", (environment, jetstream) => {
    expect(connection(environment)).toEqual({ options: DEFAULTS, jetstream, ...NONE });
  });

  it.each([
    ["NATS_SERVERS", "http://a", "host"],
    ["NATS_URL", "a:x", "port"],
    ["NATS_CONTEXT", "nowhere", "must name a context in"],
    ["NATS_CONNECT_TIMEOUT", "soon", "milliseconds, such as 250, or a duration"],
    ["NATS_CONNECT_TIMEOUT", "0", "from 1ms to 1h"],
    ["NATS_CONNECT_TIMEOUT", "-5", "from 1ms to 1h"],
    ["NATS_CONNECT_TIMEOUT", "2h", "from 1ms to 1h"],
    ["NATS_TIMEOUT", "5", "with its unit"],
    ["NATS_ALLOW_RECONNECT", "maybe", "true or false"],
    ["NATS_MAX_RECONNECT", "-2", "whole number from -1, where -1 is without end"],
    ["NATS_MAX_RECONNECT", "1e3", "whole number"],
    ["NATS_RECONNECT_WAIT", "1d", "from 0s to 1h"],
    ["NATS_PING_INTERVAL", "1", "from 10ms to 24h"],
    ["NATS_MAX_PINGS", "0", "whole number from 1"],
    ["NATS_INBOX_PREFIX", "a.>", "without blanks, wildcards"],
    ["NATS_JS_DOMAIN", "a.b", "without dots"],
    ["NATS_JS_API_PREFIX", "a b", "without blanks"],
    ["NATS_TLS_FIRST", "first", "true or false"],
    ["NATS_CREDS", "/none", "does not exist"],
    ["NATS_CREDS", "/wrong", "does not hold a user's JWT and seed"],
    ["NATS_NKEY", "/wrong", "does not hold the seed"],
    ["NATS_CA", "/wrong", "holds no CERTIFICATE in PEM form"],
    ["NATS_CA", "/none", "does not exist"],
  ])("%s=%s is one clear error", (variable, text, allowed) => {
    const { problems } = connection({ [variable]: text });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${variable} `));
    expect(problems[0]).toContain(allowed);
    expect(problems[0]).toContain(JSON.stringify(text));
  });

  it.each([
    ["NATS_PASSWORD", "s3cret", "is of no use without NATS_USER (user in a context)"],
    ["NATS_SEED", userSeed, "is of no use without NATS_JWT"],
    ["NATS_CERT", "/cert.pem", "is of no use without NATS_KEY"],
    ["NATS_KEY", "/key.pem", "is of no use without NATS_CERT"],
    ["NATS_JWT", "s3cret", "must be a JWT"],
    ["NATS_SOCKS_PROXY", "socks5://u:s3cret@a", "which the NATS client for Node.js does not have"],
    ["NATS_CREDS", credsText(userJwt, userSeed), "must name a file"],
    ["NATS_NKEY", userSeed, "must name a file"],
    ["NATS_URL", "nats://u:s3cret@a:x", "host:port"],
  ])("%s is one error that keeps its secret", (variable, text, why) => {
    const { problems } = connection({ [variable]: text });
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${variable} `))]);
    expect(problems[0]).toContain(why);
    expect(problems[0]).not.toMatch(new RegExp(`s3cret|${userSeed.slice(0, 9)}|${userJwt.slice(0, 9)}`));
  });

  it("tells every problem at once", () => {
    const { problems } = connection({
      NATS_URL: "a:x",
      NATS_TIMEOUT: "5",
      NATS_CERT: "/none",
      NATS_MAX_PINGS: "0",
    });
    const places = problems.map((sentence) => sentence.split(" ")[0]).toSorted();
    expect(places).toEqual(["NATS_CERT", "NATS_CERT", "NATS_MAX_PINGS", "NATS_TIMEOUT", "NATS_URL"]);
  });

  it("with any text never throws, and a password is in no sentence", () => {
    const variables = ROW_NAMES.flatMap((name) => rowOf(name).variables);
    const secret = fc
      .stringMatching(/^[!-~]{12,20}$/)
      .filter((text) => !/^(env|file|op|nsc|data):/.test(text));
    const environment = fc.dictionary(
      fc.constantFrom(...variables),
      fc.oneof(fc.string(), fc.constant("a,b:x")),
    );
    fc.assert(
      fc.property(environment, secret, (others, password) => {
        const { NATS_URL: _, NATS_SERVERS: __, ...rest } = others;
        const all = { ...rest, NATS_PASSWORD: password, NATS_TOKEN: password, NATS_SEED: password };
        const { problems, warnings } = connection(all);
        expect([...problems, ...warnings].join("\n")).not.toContain(password);
      }),
    );
  });
});

describe("several variables", () => {
  it("that say the same: NATS_SERVERS wins, and a different NATS_URL is told of without its password", () => {
    const { options, warnings } = connection({ NATS_SERVERS: "a", NATS_URL: "nats://u:s3cret@b" });
    expect(options.servers).toEqual(["a:4222"]);
    expect(options).not.toHaveProperty("user");
    expect(warnings).toEqual(["NATS_URL is not used, because NATS_SERVERS is set"]);
    expect(connection({ NATS_SERVERS: "a", NATS_URL: "a" })).toMatchObject(NONE);
  });

  it("that prove who one is: one is taken, in natscli's order, and the others are told of", () => {
    const all = {
      NATS_USER: "bob",
      NATS_PASSWORD: "pw",
      NATS_CREDS: "/none",
      NATS_NKEY: "/none",
      NATS_JWT: "x",
      NATS_SEED: "y",
    };
    const { options, problems, warnings } = connection(all);
    expect(problems).toEqual([]);
    expect(options).toEqual({ ...DEFAULTS, user: "bob", pass: "pw" });
    expect(warnings).toEqual([
      "NATS_CREDS is not used, because NATS_USER is set",
      "NATS_NKEY is not used, because NATS_USER is set",
      "NATS_JWT is not used, because NATS_USER is set",
    ]);
  });

  it("send a token beside credentials", () => {
    expect(connection({ NATS_CREDS: "/u.creds", NATS_TOKEN: "t" })).toMatchObject({
      options: { token: "t", authentication: { kind: "creds" } },
      ...NONE,
    });
  });

  it("with credentials in the URL: those are nearer", () => {
    const { options, warnings } = connection({
      NATS_URL: "nats://a:b@h",
      NATS_USER: "x",
      NATS_PASSWORD: "y",
    });
    expect(options).toEqual({ servers: ["h:4222"], user: "a", pass: "b" });
    expect(warnings).toEqual([
      "NATS_USER is not used, because NATS_URL has credentials",
      "NATS_PASSWORD is not used, because NATS_URL has credentials",
    ]);
  });

  it("with a user that must be a token, and a token", () => {
    expect(connection({ NATS_USER: "a", NATS_TOKEN: "b" }).problems).toEqual([
      "NATS_USER without a password is a token, but NATS_TOKEN gives one too: leave one of them out",
    ]);
  });

  it("with a domain and an API prefix: the domain wins", () => {
    const { jetstream, warnings } = connection({ NATS_JS_DOMAIN: "d", NATS_JS_API_PREFIX: "p" });
    expect(jetstream).toEqual({ domain: "d" });
    expect(warnings).toEqual(["NATS_JS_API_PREFIX is not used, because NATS_JS_DOMAIN is set"]);
  });

  it("of which one is nearly ours: it is told of, others are not", () => {
    const environment = {
      NATS_SERVER: "a",
      NATS_MAX_RECONNECTS: "1",
      NATS_COLOR: "red",
      NATS_STREAMING_CLUSTER: "x",
      NATS_PORT: "tcp://10.0.0.1:4222",
      NATS_PORT_4222_TCP_ADDR: "10.0.0.1",
      NATS_SERVICE_HOST: "10.0.0.1",
    };
    expect(connection(environment).warnings).toEqual([
      "NATS_SERVER is not read; did you mean NATS_SERVERS?",
      "NATS_MAX_RECONNECTS is not read; did you mean NATS_MAX_RECONNECT?",
    ]);
  });
});

describe("flags", () => {
  it("win over variables, row by row", () => {
    const flags = { user: { place: "--user", text: "ann" }, timeout: { place: "--x", text: "never" } };
    const { options, problems } = connection({ NATS_USER: "bob", NATS_PASSWORD: "pw" }, { flags });
    expect(options).toMatchObject({ user: "ann", pass: "pw" });
    expect(problems).toEqual([expect.stringMatching(/^--x is "never"/)]);
  });
});

describe("a context", () => {
  const full = {
    description: "all of it",
    url: "nats://a,b",
    token: "t",
    creds: "/u.creds",
    cert: "/cert.pem",
    key: "/key.pem",
    ca: "/cert.pem",
    tls_first: true,
    inbox_prefix: "_I",
    jetstream_domain: "hub",
    user: "",
    windows_ca_certs_match: null,
    color_scheme: "red",
    of_later_years: { a: 1 },
  };

  it("gives what it has", () => {
    expect(connection({ NATS_CONTEXT: "prod" }, { contexts: { prod: full } })).toEqual({
      options: {
        servers: ["a:4222", "b:4222"],
        token: "t",
        authentication: { kind: "creds", creds: { file: "/u.creds" } },
        tls: { certFile: "/cert.pem", keyFile: "/key.pem", caFile: "/cert.pem", handshakeFirst: true },
        inboxPrefix: "_I",
      },
      jetstream: { domain: "hub" },
      ...NONE,
      context: { name: "prod", path: `${CONTEXTS}/prod.json` },
    });
  });

  it.each([
    [
      { user: "bob", password: "pw" },
      { user: "bob", pass: "pw" },
    ],
    [{ user: "bob" }, { user: "bob" }], // Other than a lone NATS_USER.
    [{ nkey: "/u.nk" }, { authentication: { kind: "nkey", seed: { file: "/u.nk" } } }],
    [
      { user_jwt: userJwt, user_seed: userSeed },
      { authentication: { kind: "jwt", jwt: userJwt, seed: userSeed } },
    ],
    [{ url: "demo.nats.io" }, { servers: ["demo.nats.io:4222"] }],
    [{ socks_proxy: "none" }, {}],
  ])("%j fills %j", (fields, options) => {
    const found = connection({ NATS_CONTEXT: "c" }, { contexts: { c: fields } });
    expect(found).toMatchObject({ options: { ...DEFAULTS, ...options }, ...NONE });
  });

  it("is also a file that is named, and is looked for where XDG_CONFIG_HOME says", () => {
    const files = madeFiles({ "/x/c.json": '{"url":"a"}', "/xdg/nats/context/d.json": '{"url":"b"}' });
    const by = (environment: Record<string, string>) => connectionFromEnvironment(environment, files);
    expect(by({ NATS_CONTEXT: "/x/c.json" })).toMatchObject({
      options: { servers: ["a:4222"] },
      context: { name: "c" },
    });
    expect(by({ NATS_CONTEXT: "d", XDG_CONFIG_HOME: "/xdg" }).options.servers).toEqual(["b:4222"]);
    expect(by({ NATS_CONTEXT: "d" }).problems).toEqual([
      expect.stringContaining(`${CONTEXTS}, which has none`),
    ]);
  });

  it("that does not exist is an error with those that do", () => {
    const contexts = { prod: {}, dev: {}, empty: "" };
    expect(connection({ NATS_CONTEXT: "prd" }, { contexts }).problems).toEqual([
      `NATS_CONTEXT is "prd", but must name a context in ${CONTEXTS}: dev, prod; did you mean prod?`,
    ]);
    for (const name of ["../context/prod", "empty", "/none.json"]) {
      expect(connection({ NATS_CONTEXT: name }, { contexts }).problems).toHaveLength(1);
    }
  });

  it.each(['{"password":"s3cret"', '["s3cret"]', '"s3cret"', "null"])("is not %s", (text) => {
    expect(connection({ NATS_CONTEXT: "c" }, { contexts: { c: text } }).problems).toEqual([
      `context c (${CONTEXTS}/c.json) must be a JSON object`,
    ]);
  });

  it.each([
    [{ url: 1 }, "url of context c"],
    [{ password: ["s3cret"], user: "u" }, "password of context c"],
    [{ tls_first: 1 }, "tls_first of context c"],
    [{ url: "nats://u:s3cret@a:x" }, "url of context c"],
    [{ creds: "/none" }, "creds of context c"],
    [{ creds: "nsc://O/A/U" }, "creds of context c"],
    [{ nsc: "nsc://O/A/U" }, "nsc of context c"],
    [{ socks_proxy: "socks5://u:s3cret@a" }, "socks_proxy of context c"],
    [{ windows_cert_store: "user" }, "windows_cert_store of context c"],
    [{ password: "s3cret" }, "password of context c"],
  ])("with %j is an error at its key", (fields, place) => {
    const { problems } = connection({ NATS_CONTEXT: "c" }, { contexts: { c: fields } });
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${place} `))]);
    expect(problems[0]).not.toContain("s3cret");
  });

  it("gives way to what is explicit", () => {
    const contexts = {
      c: { url: "nats://carl:pw@c", inbox_prefix: "_C", socks_proxy: "a:1" },
      creds: { creds: "/none", token: "t", jetstream_domain: "d" },
      user: { user: "carl", password: "pw" },
    };
    const by = (environment: Record<string, string>) => {
      const { options, jetstream, problems, warnings } = connection(environment, { contexts });
      expect({ problems, warnings }).toEqual(NONE);
      return { ...options, ...(Object.keys(jetstream).length > 0 && { jetstream }) };
    };
    // With the URL go its credentials.
    expect(by({ NATS_CONTEXT: "c", NATS_URL: "d", NATS_SOCKS_PROXY: "none" })).toEqual({
      servers: ["d:4222"],
      inboxPrefix: "_C",
    });
    // Another way to say who one is replaces all of that, so that its files need not exist.
    expect(
      by({ NATS_CONTEXT: "creds", NATS_USER: "u", NATS_PASSWORD: "p", NATS_JS_API_PREFIX: "x" }),
    ).toEqual({
      ...DEFAULTS,
      user: "u",
      pass: "p",
      jetstream: { apiPrefix: "x" },
    });
    expect(by({ NATS_CONTEXT: "user", NATS_CREDS: "/u.creds" })).toEqual({
      ...DEFAULTS,
      authentication: { kind: "creds", creds: { file: "/u.creds" } },
    });
    expect(by({ NATS_CONTEXT: "user", NATS_TOKEN: "t" })).toEqual({ ...DEFAULTS, token: "t" });
    expect(by({ NATS_CONTEXT: "user", NATS_URL: "nats://t@h" })).toEqual({ servers: ["h:4222"], token: "t" });
    // A new password is only that.
    expect(by({ NATS_CONTEXT: "user", NATS_PASSWORD: "new" })).toEqual({
      ...DEFAULTS,
      user: "carl",
      pass: "new",
    });
  });

  it("that is selected counts only for those who want that", () => {
    const files = madeFiles({
      [`${HOME}/.config/nats/context.txt`]: " dev\n",
      [`${CONTEXTS}/dev.json`]: '{"url":"dev"}',
      [`${CONTEXTS}/prod.json`]: '{"url":"prod"}',
    });
    const selected = { contextByDefault: "selected" } as const;
    expect(connectionFromEnvironment({}, files).options).toEqual(DEFAULTS);
    expect(connectionFromEnvironment({}, files, selected).options.servers).toEqual(["dev:4222"]);
    expect(connectionFromEnvironment({ NATS_CONTEXT: "prod" }, files, selected).options.servers).toEqual([
      "prod:4222",
    ]);
    expect(connectionFromEnvironment({}, madeFiles(), selected)).toMatchObject({
      options: DEFAULTS,
      ...NONE,
    });
    const gone = madeFiles({ [`${HOME}/.config/nats/context.txt`]: "gone" });
    expect(connectionFromEnvironment({}, gone, selected).problems).toEqual([
      `${HOME}/.config/nats/context.txt is "gone", but must name a context in ${CONTEXTS}, which has none`,
    ]);
  });
});

describe("the table", () => {
  it("names each variable, flag and key once, and displaces rows that there are", () => {
    const rows = ROW_NAMES.map(rowOf);
    for (const names of [
      rows.flatMap(({ variables }) => variables),
      rows.flatMap(({ flags = [] }) => flags),
      rows.flatMap(({ contextKey = [] }) => contextKey),
    ]) {
      expect(names).toEqual([...new Set(names)]);
      expect(names.length).toBeGreaterThan(10);
    }
    for (const { displaces = [] } of rows) expect(ROW_NAMES).toEqual(expect.arrayContaining([...displaces]));
  });
});
