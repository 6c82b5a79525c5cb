import { describe, expect, it } from "vitest";
import { parseWebConfig } from "../../../src/http/web-config/file.ts";

const HASH = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG";

function problemsOf(text: string): readonly string[] {
  return parseWebConfig(text, "/etc/natscope").problems;
}

describe("parseWebConfig", () => {
  it("returns no settings for an empty file", () => {
    for (const text of ["", "\n", "# nothing\n", "{}", "tls_server_config:\nbasic_auth_users:\n"]) {
      const { config, problems } = parseWebConfig(text, "/");
      expect(problems).toEqual([]);
      expect(config).toEqual({ headers: {}, users: new Map() });
    }
  });

  it("reads all settings, with OpenSSL's names for Go's and files relative to its directory", () => {
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

  it("reads PEM texts instead of files, and the old name of RequireAnyClientCert", () => {
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

  it("reports all problems at once, with the most similar name", () => {
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
      "tls_server_confg is not a key of a web configuration; did you mean tls_server_config?",
      "tls_server_config.cert_fil is not a key of tls_server_config; did you mean cert_file?",
      'tls_server_config.client_auth_type is "RequireAndVerifyClient": expected NoClientCert, RequestClientCert, RequireAnyClientCert, VerifyClientCertIfGiven, RequireAndVerifyClientCert or RequireClientCert; did you mean RequireAndVerifyClientCert?',
      'tls_server_config.min_version is "TLS14": expected TLS10, TLS11, TLS12 or TLS13; did you mean TLS10?',
      expect.stringContaining('tls_server_config.cipher_suites is "TLS_RSA_WITH_RC4_128_SHA": expected TLS_'),
      "tls_server_config.prefer_server_cipher_suites is invalid: expected true or false",
      "tls_server_config.curve_preferences is invalid: expected a list of texts",
      "tls_server_config.cert and cert_file are both set: expected one of them",
      "tls_server_config.key_file is missing: a certificate needs its key (key_file or key)",
      "http_server_config.http2 is invalid: expected true or false",
      expect.stringContaining(
        "http_server_config.headers.X-Powered-By is not a key of http_server_config.headers",
      ),
      'http_server_config.headers.X-Frame-Options is "allow": expected deny or sameorigin',
      "basic_auth_users.alice is invalid (and not shown): expected a bcrypt hash, as from htpasswd -nBC 10 USER",
      "basic_auth_users.a:b is not a user name: expected a name without a colon",
      "rate_limit.brust is not a key of rate_limit; did you mean burst?",
      'rate_limit.interval is "5": expected a duration with its unit, such as 250ms or 1s',
      'rate_limit.burst is "-1": expected a whole number from 0',
    ]);
  });

  it.each([
    ["a client CA alone", "client_ca_file: c", "tls_server_config.client_auth_type is missing"],
    ["allowed SANs alone", "client_allowed_sans: [a]", "tls_server_config.client_allowed_sans has no effect"],
    [
      "verification without a CA",
      "client_auth_type: VerifyClientCertIfGiven",
      "tls_server_config.client_ca_file is missing",
    ],
    [
      "an empty list of SANs",
      "client_auth_type: RequireAnyClientCert, client_allowed_sans: []",
      "tls_server_config.client_allowed_sans is empty",
    ],
    [
      "a minimum version above the maximum",
      "min_version: TLS13, max_version: TLS12",
      "tls_server_config.min_version is above max_version",
    ],
  ])("rejects settings that only seem to exclude clients: %s", (_, settings, problem) => {
    const problems = problemsOf(`tls_server_config: { cert_file: a, key_file: b, ${settings} }`);
    expect(problems).toEqual([expect.stringContaining(problem)]);
  });

  it("rejects TLS settings without a certificate", () => {
    expect(problemsOf("tls_server_config: { min_version: TLS13 }")).toHaveLength(2);
  });

  it("reports the position of invalid YAML without its text", () => {
    for (const text of [
      "a: b: s3cret",
      "basic_auth_users:\n  s3cret: 's3cret\n",
      "[s3cret",
      "\t- s3cret",
      "a: !!s3cret x",
    ]) {
      const problems = problemsOf(text);
      expect(problems.length).toBeGreaterThan(0);
      expect(problems.join()).toMatch(/line \d+, column \d+|is not a key/);
      if (!text.startsWith("a: !!")) expect(problems.join()).not.toContain("s3cret");
    }
  });

  it("rejects a value that is not a mapping", () => {
    expect(problemsOf("- a\n- b")).toEqual(["the file is not a mapping: expected keys with values"]);
    expect(problemsOf("basic_auth_users: [alice]")[0]).toBe(
      "basic_auth_users is not a mapping: expected keys with values",
    );
  });

  it.each(["$2y$03$", "$2y$32$", "$2$10$", "$2x$10$", "$1$10$"])(
    "rejects a hash that begins with %s",
    (prefix) => {
      expect(problemsOf(`basic_auth_users: { alice: "${prefix}${HASH.slice(7)}" }`)).toHaveLength(1);
    },
  );

  it("sets no rate limit if the interval is 0, as in Go", () => {
    expect(parseWebConfig("rate_limit: { interval: 0, burst: 0 }", "/")).toMatchObject({
      problems: [],
      config: { headers: {} },
    });
    expect(parseWebConfig("rate_limit: { interval: 0 }", "/").config.rateLimit).toBeUndefined();
  });
});
