import { describe, expect, it } from "vitest";
import { parseWebConfig } from "../../../src/http/web-config/file.ts";

const HASH = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG";

function problemsOf(text: string): readonly string[] {
  return parseWebConfig(text, "/etc/natscope").problems;
}

describe("a web-config.yml", () => {
  it("that is empty asks for nothing", () => {
    for (const text of ["", "\n", "# nothing\n", "{}", "tls_server_config:\nbasic_auth_users:\n"]) {
      const { config, problems } = parseWebConfig(text, "/");
      expect(problems).toEqual([]);
      expect(config).toEqual({ headers: {}, users: new Map() });
    }
  });

  it("is understood in full, with Go's names as OpenSSL's and files relative to its directory", () => {
    const { config, problems } = parseWebConfig(
      `
tls_server_config:
  cert_file: server.crt
  key_file: /keys/server.key
  client_ca_file: ../ca.crt
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: [prometheus.example, 10.0.0.1]
  min_version: TLS12
  max_version: TLS13
  cipher_suites:
    - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
    - TLS_AES_128_GCM_SHA256
  prefer_server_cipher_suites: false
  curve_preferences: [X25519, CurveP256]
http_server_config:
  http2: off
  headers:
    X-Frame-Options: deny
    Strict-Transport-Security: max-age=600
    X-XSS-Protection: ""
basic_auth_users:
  alice: ${HASH}
  7: ${HASH}
rate_limit:
  interval: 1.5s
  burst: 20
`,
      "/etc/natscope",
    );
    expect(problems).toEqual([]);
    expect(config).toEqual({
      tls: {
        certificate: { file: "/etc/natscope/server.crt" },
        key: { file: "/keys/server.key" },
        clientCa: { file: "/etc/ca.crt" },
        clientAuthType: "RequireAndVerifyClientCert",
        clientAllowedSans: ["prometheus.example", "10.0.0.1"],
        minVersion: "TLSv1.2",
        maxVersion: "TLSv1.3",
        cipherSuites: ["ECDHE-RSA-AES128-GCM-SHA256", "TLS_AES_128_GCM_SHA256"],
        preferServerCipherSuites: false,
        curvePreferences: ["X25519", "P-256"],
      },
      headers: { "X-Frame-Options": "deny", "Strict-Transport-Security": "max-age=600" },
      users: new Map([
        ["7", { bcrypt: HASH }],
        ["alice", { bcrypt: HASH }],
      ]),
      rateLimit: { intervalMs: 1500, burst: 20 },
    });
  });

  it("takes PEM texts in place of files, and the old name of RequireAnyClientCert", () => {
    const { config, problems } = parseWebConfig(
      "tls_server_config: { cert: C, key: K, client_auth_type: RequireClientCert }",
      "/",
    );
    expect(problems).toEqual([]);
    expect(config.tls).toMatchObject({
      certificate: { text: "C" },
      key: { text: "K" },
      clientAuthType: "RequireAnyClientCert",
    });
  });

  it("tells all that is wrong at once, a sentence for each, with the nearest name", () => {
    expect(
      problemsOf(`
tls_server_confg: {}
tls_server_config:
  cert_fil: a
  cert: |
    -----BEGIN
  cert_file: b
  client_auth_type: RequireAndVerifyClient
  min_version: TLS14
  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]
  curve_preferences: CurveP256
  prefer_server_cipher_suites: 3
http_server_config:
  http2: maybe
  headers: { X-Frame-Options: allow, X-Powered-By: me }
basic_auth_users:
  alice: s3cret
  "a:b": ${HASH}
rate_limit: { interval: 5, burst: -1, brust: 1 }
`),
    ).toEqual([
      "`tls_server_confg` is not known; did you mean `tls_server_config`: allowed are tls_server_config, http_server_config, basic_auth_users, rate_limit.",
      expect.stringContaining(
        "`tls_server_config.cert_fil` is not known; did you mean `cert_file`: allowed are cert, ",
      ),
      "`tls_server_config.cert` and `cert_file` are both there; keep one.",
      '`tls_server_config.client_auth_type` cannot be "RequireAndVerifyClient"; did you mean RequireAndVerifyClientCert: allowed are NoClientCert, RequestClientCert, RequireAnyClientCert, VerifyClientCertIfGiven, RequireAndVerifyClientCert, RequireClientCert.',
      '`tls_server_config.min_version` cannot be "TLS14"; did you mean TLS10: allowed are TLS10, TLS11, TLS12, TLS13.',
      expect.stringContaining('`tls_server_config.cipher_suites` cannot be "TLS_RSA_WITH_RC4_128_SHA"'),
      "`tls_server_config.curve_preferences` must be a list of texts.",
      "`tls_server_config.prefer_server_cipher_suites` must be true or false.",
      "`tls_server_config.key_file` is missing (or `key`): a certificate needs its key.",
      "`http_server_config.http2` must be true or false.",
      expect.stringContaining("`http_server_config.headers.X-Powered-By` is not known"),
      "`http_server_config.headers.X-Frame-Options` must be deny or sameorigin.",
      "`basic_auth_users.alice` must be a bcrypt hash, as `htpasswd -nBC 10 <user>` makes it.",
      "`basic_auth_users.a:b` cannot be a user: basic authentication ends names at a colon.",
      expect.stringContaining("`rate_limit.brust` is not known; did you mean `burst`"),
      "`rate_limit.interval` must be a duration of 0 or more with its unit, such as 250ms or 1s.",
      "`rate_limit.burst` must be a whole number of 0 or more.",
    ]);
  });

  it.each([
    ["a client CA alone", "client_ca_file: c", "`tls_server_config.client_auth_type` is missing"],
    ["allowed SANs alone", "client_allowed_sans: [a]", "`tls_server_config.client_allowed_sans` needs a"],
    [
      "verifying without a CA",
      "client_auth_type: VerifyClientCertIfGiven",
      "`tls_server_config.client_ca_file` is missing",
    ],
    [
      "no allowed SAN",
      "client_auth_type: RequireAnyClientCert, client_allowed_sans: []",
      "`tls_server_config.client_allowed_sans` is empty",
    ],
    [
      "versions the wrong way round",
      "min_version: TLS13, max_version: TLS12",
      "`tls_server_config.min_version`",
    ],
  ])("may not seem to keep out whom it lets in: %s", (_, settings, problem) => {
    const problems = problemsOf(`tls_server_config: { cert_file: a, key_file: b, ${settings} }`);
    expect(problems).toEqual([expect.stringContaining(problem)]);
  });

  it("with TLS settings but no certificate is no plain HTTP", () => {
    expect(problemsOf("tls_server_config: { min_version: TLS13 }")).toHaveLength(2);
  });

  it("that is no YAML is told by its place, without a word of its text", () => {
    for (const text of [
      "a: b: s3cret",
      "basic_auth_users:\n  s3cret: 's3cret\n",
      "[s3cret",
      "\t- s3cret",
      "a: !!s3cret x",
    ]) {
      const problems = problemsOf(text);
      expect(problems.length).toBeGreaterThan(0);
      expect(problems.join()).toMatch(/line \d+, column \d+|not known/);
      if (!text.startsWith("a: !!")) expect(problems.join()).not.toContain("s3cret");
    }
  });

  it("that is no mapping is refused", () => {
    expect(problemsOf("- a\n- b")).toEqual(["The file must be a mapping of keys to values."]);
    expect(problemsOf("basic_auth_users: [alice]")[0]).toBe(
      "`basic_auth_users` must be a mapping of keys to values.",
    );
  });

  it.each(["$2y$03$", "$2y$32$", "$2$10$", "$2x$10$", "$1$10$"])(
    "takes no hash that begins with %s",
    (prefix) => {
      expect(problemsOf(`basic_auth_users: { alice: "${prefix}${HASH.slice(7)}" }`)).toHaveLength(1);
    },
  );

  it("without a rate limit where the interval is 0, as in Go", () => {
    expect(parseWebConfig("rate_limit: { interval: 0, burst: 0 }", "/")).toMatchObject({
      problems: [],
      config: { headers: {} },
    });
    expect(parseWebConfig("rate_limit: { interval: 0 }", "/").config.rateLimit).toBeUndefined();
  });
});
