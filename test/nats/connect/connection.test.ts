/** From variables, flags and contexts to plain options: each row, precedence, and all problems at once. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  connectionFromEnvironment,
  type FromEnvironmentOptions,
} from "../../../src/nats/connect/connection.ts";
import { ROW_NAMES, rowOf } from "../../../src/nats/connect/table.ts";
import { credsText, fakeFiles, HOME, issueIdentities } from "./fixture-files.ts";

const { userJwt, userSeed } = issueIdentities();
const CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
const KEY = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n";
const CONTEXTS = `${HOME}/.config/nats/context`;
const FILES = {
  "/u.creds": credsText(userJwt, userSeed),
  "/u.nk": userSeed,
  "/cert.pem": CERTIFICATE,
  "/key.pem": KEY,
  "/wrong": "no key",
};

function connection(
  environment: Readonly<Record<string, string>>,
  {
    contexts = {},
    ...options
  }: FromEnvironmentOptions & { contexts?: Readonly<Record<string, unknown>> } = {},
) {
  const texts = Object.entries(contexts).map(([name, value]) => [
    `${CONTEXTS}/${name}.json`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return connectionFromEnvironment(
    environment,
    fakeFiles({ ...FILES, ...Object.fromEntries(texts) }),
    options,
  );
}

const NONE = { problems: [], warnings: [] };
const DEFAULTS = { servers: ["127.0.0.1:4222"] };

describe("an environment variable", () => {
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
  ])("%j sets the options %j", (environment, options) => {
    expect(connection(environment)).toEqual({ options: { ...DEFAULTS, ...options }, jetstream: {}, ...NONE });
  });

  it.each([
    [{ NATS_TIMEOUT: "5s" }, { timeout: 5000 }],
    [{ NATS_JS_DOMAIN: "hub" }, { domain: "hub" }],
    [{ NATS_JS_API_PREFIX: "$JS.hub.API." }, { apiPrefix: "$JS.hub.API" }],
  ])("%j sets the JetStream options %j", (environment, jetstream) => {
    expect(connection(environment)).toEqual({ options: DEFAULTS, jetstream, ...NONE });
  });

  it.each([
    ["NATS_SERVERS", "http://a", "host"],
    ["NATS_URL", "a:x", "port"],
    ["NATS_CONTEXT", "nowhere", "expected a context in"],
    ["NATS_CONNECT_TIMEOUT", "soon", "milliseconds, such as 250, or a duration"],
    ["NATS_CONNECT_TIMEOUT", "0", "from 1ms to 1h"],
    ["NATS_CONNECT_TIMEOUT", "-5", "from 1ms to 1h"],
    ["NATS_CONNECT_TIMEOUT", "2h", "from 1ms to 1h"],
    ["NATS_TIMEOUT", "5", "with its unit"],
    ["NATS_ALLOW_RECONNECT", "maybe", "true or false"],
    ["NATS_MAX_RECONNECT", "-2", "whole number from -1 (-1: no limit)"],
    ["NATS_MAX_RECONNECT", "1e3", "whole number"],
    ["NATS_RECONNECT_WAIT", "1d", "from 0s to 1h"],
    ["NATS_PING_INTERVAL", "1", "from 10ms to 24h"],
    ["NATS_MAX_PINGS", "0", "whole number from 1"],
    ["NATS_INBOX_PREFIX", "a.>", "without spaces, wildcards"],
    ["NATS_JS_DOMAIN", "a.b", "without dots"],
    ["NATS_JS_API_PREFIX", "a b", "without spaces"],
    ["NATS_TLS_FIRST", "first", "true or false"],
    ["NATS_CREDS", "/none", "does not exist"],
    ["NATS_CREDS", "/wrong", "expected the JWT and the seed of a user"],
    ["NATS_NKEY", "/wrong", "expected the seed of a user's nkey"],
    ["NATS_CA", "/wrong", "expected a PEM file with a CERTIFICATE"],
    ["NATS_CA", "/none", "does not exist"],
  ])("%s=%s is one error that names variable, value and what is expected", (variable, text, expected) => {
    const { problems } = connection({ [variable]: text });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${variable} `));
    expect(problems[0]).toContain(expected);
    expect(problems[0]).toContain(JSON.stringify(text));
  });

  it.each([
    ["NATS_PASSWORD", "s3cret", "is set without NATS_USER (user in a context): expected both"],
    ["NATS_SEED", userSeed, "is set without NATS_JWT"],
    ["NATS_CERT", "/cert.pem", "is set without NATS_KEY"],
    ["NATS_KEY", "/key.pem", "is set without NATS_CERT"],
    ["NATS_JWT", "s3cret", "expected a JWT"],
    [
      "NATS_SOCKS_PROXY",
      "socks5://u:s3cret@a",
      "which the NATS client for Node.js does not support: expected none",
    ],
    ["NATS_CREDS", credsText(userJwt, userSeed), "expected the name of a file"],
    ["NATS_NKEY", userSeed, "expected the name of a file"],
    ["NATS_URL", "nats://u:s3cret@a:x", "host:port"],
  ])("%s is one error that does not show its secret", (variable, text, why) => {
    const { problems } = connection({ [variable]: text });
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${variable} `))]);
    expect(problems[0]).toContain(why);
    expect(problems[0]).not.toMatch(new RegExp(`s3cret|${userSeed.slice(0, 9)}|${userJwt.slice(0, 9)}`));
  });

  it("is reported together with all other problems", () => {
    const { problems } = connection({
      NATS_URL: "a:x",
      NATS_TIMEOUT: "5",
      NATS_CERT: "/none",
      NATS_MAX_PINGS: "0",
    });
    const places = problems.map((sentence) => sentence.split(" ")[0]).toSorted();
    expect(places).toEqual(["NATS_CERT", "NATS_CERT", "NATS_MAX_PINGS", "NATS_TIMEOUT", "NATS_URL"]);
  });

  it("never throws for any text, and no sentence contains a password", () => {
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

describe("variables that contradict each other", () => {
  it("prefer NATS_SERVERS to a different NATS_URL, with a warning that does not show its password", () => {
    const { options, warnings } = connection({ NATS_SERVERS: "a", NATS_URL: "nats://u:s3cret@b" });
    expect(options.servers).toEqual(["a:4222"]);
    expect(options).not.toHaveProperty("user");
    expect(warnings).toEqual(["NATS_URL is not used because NATS_SERVERS is set"]);
    expect(connection({ NATS_SERVERS: "a", NATS_URL: "a" })).toMatchObject(NONE);
  });

  it("select one kind of credentials in natscli's order, with a warning for each other kind", () => {
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
      "NATS_CREDS is not used because NATS_USER is set",
      "NATS_NKEY is not used because NATS_USER is set",
      "NATS_JWT is not used because NATS_USER is set",
    ]);
  });

  it("send a token together with credentials", () => {
    expect(connection({ NATS_CREDS: "/u.creds", NATS_TOKEN: "t" })).toMatchObject({
      options: { token: "t", authentication: { kind: "creds" } },
      ...NONE,
    });
  });

  it("prefer the credentials in the URL", () => {
    const { options, warnings } = connection({
      NATS_URL: "nats://a:b@h",
      NATS_USER: "x",
      NATS_PASSWORD: "y",
    });
    expect(options).toEqual({ servers: ["h:4222"], user: "a", pass: "b" });
    expect(warnings).toEqual([
      "NATS_USER is not used because NATS_URL has credentials",
      "NATS_PASSWORD is not used because NATS_URL has credentials",
    ]);
  });

  it("report a user that has to be a token together with another token", () => {
    expect(connection({ NATS_USER: "a", NATS_TOKEN: "b" }).problems).toEqual([
      "NATS_USER without a password is a token, and NATS_TOKEN is another: expected one of them",
    ]);
  });

  it("prefer a JetStream domain to an API prefix", () => {
    const { jetstream, warnings } = connection({ NATS_JS_DOMAIN: "d", NATS_JS_API_PREFIX: "p" });
    expect(jetstream).toEqual({ domain: "d" });
    expect(warnings).toEqual(["NATS_JS_API_PREFIX is not used because NATS_JS_DOMAIN is set"]);
  });

  it("cause a warning if a name is similar to a known one, and none otherwise", () => {
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
  it("win over variables, setting by setting", () => {
    const flags = { user: { place: "--user", text: "ann" }, timeout: { place: "--x", text: "never" } };
    const { options, problems } = connection({ NATS_USER: "bob", NATS_PASSWORD: "pw" }, { flags });
    expect(options).toMatchObject({ user: "ann", pass: "pw" });
    expect(problems).toEqual([expect.stringMatching(/^--x is "never"/)]);
  });
});

describe("a natscli context", () => {
  const full = {
    description: "everything",
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

  it("sets its options and ignores unknown keys", () => {
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
    [{ user: "bob" }, { user: "bob" }], // Unlike NATS_USER alone.
    [{ nkey: "/u.nk" }, { authentication: { kind: "nkey", seed: { file: "/u.nk" } } }],
    [
      { user_jwt: userJwt, user_seed: userSeed },
      { authentication: { kind: "jwt", jwt: userJwt, seed: userSeed } },
    ],
    [{ url: "demo.nats.io" }, { servers: ["demo.nats.io:4222"] }],
    [{ socks_proxy: "none" }, {}],
  ])("%j sets %j", (fields, options) => {
    const found = connection({ NATS_CONTEXT: "c" }, { contexts: { c: fields } });
    expect(found).toMatchObject({ options: { ...DEFAULTS, ...options }, ...NONE });
  });

  it("is found by file name, and by name below XDG_CONFIG_HOME", () => {
    const files = fakeFiles({ "/x/c.json": '{"url":"a"}', "/xdg/nats/context/d.json": '{"url":"b"}' });
    const by = (environment: Record<string, string>) => connectionFromEnvironment(environment, files);
    expect(by({ NATS_CONTEXT: "/x/c.json" })).toMatchObject({
      options: { servers: ["a:4222"] },
      context: { name: "c" },
    });
    expect(by({ NATS_CONTEXT: "d", XDG_CONFIG_HOME: "/xdg" }).options.servers).toEqual(["b:4222"]);
    expect(by({ NATS_CONTEXT: "d" }).problems).toEqual([
      expect.stringContaining(`${CONTEXTS} (which has none)`),
    ]);
  });

  it("causes an error that lists the existing ones if it does not exist", () => {
    const contexts = { prod: {}, dev: {}, empty: "" };
    expect(connection({ NATS_CONTEXT: "prd" }, { contexts }).problems).toEqual([
      `NATS_CONTEXT is "prd": expected a context in ${CONTEXTS} (dev, prod); did you mean prod?`,
    ]);
    for (const name of ["../context/prod", "empty", "/none.json"]) {
      expect(connection({ NATS_CONTEXT: name }, { contexts }).problems).toHaveLength(1);
    }
  });

  it.each(['{"password":"s3cret"', '["s3cret"]', '"s3cret"', "null"])(
    "with the text %s is an error that does not show the text",
    (text) => {
      expect(connection({ NATS_CONTEXT: "c" }, { contexts: { c: text } }).problems).toEqual([
        `context c (${CONTEXTS}/c.json) is invalid: expected a JSON object`,
      ]);
    },
  );

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
  ])("with %j is an error that names the key", (fields, place) => {
    const { problems } = connection({ NATS_CONTEXT: "c" }, { contexts: { c: fields } });
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${place} `))]);
    expect(problems[0]).not.toContain("s3cret");
  });

  it("is overridden by variables", () => {
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
    // The credentials of the URL are dropped with it.
    expect(by({ NATS_CONTEXT: "c", NATS_URL: "d", NATS_SOCKS_PROXY: "none" })).toEqual({
      servers: ["d:4222"],
      inboxPrefix: "_C",
    });
    // Other credentials replace those of the context, whose files need not exist.
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
    // A password alone keeps the user.
    expect(by({ NATS_CONTEXT: "user", NATS_PASSWORD: "new" })).toEqual({
      ...DEFAULTS,
      user: "carl",
      pass: "new",
    });
  });

  it("is only used with contextByDefault if it is merely selected", () => {
    const files = fakeFiles({
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
    expect(connectionFromEnvironment({}, fakeFiles(), selected)).toMatchObject({
      options: DEFAULTS,
      ...NONE,
    });
    const gone = fakeFiles({ [`${HOME}/.config/nats/context.txt`]: "gone" });
    expect(connectionFromEnvironment({}, gone, selected).problems).toEqual([
      `${HOME}/.config/nats/context.txt is "gone": expected a context in ${CONTEXTS} (which has none)`,
    ]);
  });
});

describe("the table", () => {
  it("has each variable, flag and key once, and displaces existing rows", () => {
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
