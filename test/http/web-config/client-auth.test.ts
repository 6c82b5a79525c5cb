import type { RequestOptions } from "node:https";
import { connect as connectTcp } from "node:net";
import { connect, type SecureVersion } from "node:tls";
import { beforeAll, describe, expect, it } from "vitest";
import type { ExporterServerOptions } from "../../../src/exporter/server/server.ts";
import type { ClientAuthType } from "../../../src/http/web-config/client-auth.ts";
import { subjectAltNames } from "../../../src/http/web-config/client-auth.ts";
import type { WebTls } from "../../../src/http/web-config/config.ts";
import { TLS_DEFAULTS } from "../../../src/http/web-config/config.ts";
import { ask, type Fixture, startFixture } from "../../exporter/server/fixture.ts";
import { type Issued, issue, issueAuthority } from "../certificates.ts";

const CLIENTS = ["none", "good", "other", "expired", "server"] as const;
type Client = (typeof CLIENTS)[number];

let authority: Issued;
let server: Issued;
let clients: Record<Client, Issued | undefined>;

beforeAll(() => {
  authority = issueAuthority("ca.example");
  const stranger = issueAuthority("stranger.example");
  server = issue({ name: "natscope", issuer: authority, purpose: "server" });
  const sans = [
    { kind: "dns", value: "prometheus.example" },
    { kind: "ip", value: "10.1.2.3" },
    { kind: "ip", value: "fd00:0:0:0:0:0:0:1" },
    { kind: "email", value: "ops@example.org" },
    { kind: "uri", value: "spiffe://example/prometheus?a,b" },
  ] as const;
  clients = {
    none: undefined,
    good: issue({ name: "good", issuer: authority, purpose: "client", sans }),
    other: issue({ name: "other", issuer: stranger, purpose: "client" }),
    expired: issue({
      name: "expired",
      issuer: authority,
      purpose: "client",
      notAfter: new Date(Date.now() - 3_600_000),
    }),
    server: issue({ name: "no client", issuer: authority, purpose: "server" }),
  };
});

function startTls(settings: Partial<WebTls>, options: Partial<ExporterServerOptions> = {}): Promise<Fixture> {
  const tls: WebTls = {
    ...TLS_DEFAULTS,
    certificate: { text: server.certificate },
    key: { text: server.key },
    ...settings,
  };
  return startFixture([], { web: { headers: {}, users: new Map(), tls }, ...options });
}

function showing(client: Client): RequestOptions {
  const issued = clients[client];
  return issued ? { cert: issued.certificate, key: issued.key } : {};
}

/** Whether the client gets a response. */
function isAnswered({ exporter }: Fixture, options: RequestOptions): Promise<boolean> {
  return ask(exporter, "/livez", options).then(
    ({ status }) => status === 200,
    () => false,
  );
}

const ADMITTED: [ClientAuthType, readonly Client[]][] = [
  ["NoClientCert", CLIENTS],
  ["RequestClientCert", CLIENTS],
  ["RequireAnyClientCert", ["good", "other", "expired", "server"]],
  ["VerifyClientCertIfGiven", ["none", "good"]],
  ["RequireAndVerifyClientCert", ["good"]],
];

describe.each(["TLSv1.2", "TLSv1.3"] as SecureVersion[])("over %s", (version) => {
  it.each(ADMITTED)("%s admits only %j", async (clientAuthType, admitted) => {
    const verifies = clientAuthType.includes("Verify");
    const stage = await startTls({
      clientAuthType,
      ...(verifies && { clientCa: { text: authority.certificate } }),
      minVersion: version,
      maxVersion: version,
    });
    for (const client of CLIENTS) {
      const answered = await isAnswered(stage, showing(client));
      expect([client, answered]).toEqual([client, admitted.includes(client)]);
    }
    const refused = CLIENTS.length - admitted.length;
    expect((await ask(stage.exporter, "/metrics", showing("good"))).text).toContain(
      `natscope_http_connections_refused_total{reason="client_certificate"} ${refused}\n`,
    );
    expect(stage.log.filter(({ level }) => level === "warn")).toHaveLength(Math.min(refused, 1));
  });

  it("no session can be resumed if clients need certificates", async () => {
    const stage = await startTls({
      clientAuthType: "RequireAndVerifyClientCert",
      clientCa: { text: authority.certificate },
      minVersion: version,
      maxVersion: version,
    });
    const { port } = new URL(stage.exporter.address);
    const sessions: Buffer[] = [];
    const first = connect({ port: Number(port), rejectUnauthorized: false, ...credentials("good") });
    first.on("session", (session) => sessions.push(session));
    await answerOn(first);
    expect(sessions.length).toBeGreaterThan(0);
    for (const session of sessions) {
      const options = { port: Number(port), rejectUnauthorized: false, session, ...credentials("good") };
      const second = connect(options);
      let isReused: boolean | undefined;
      second.on("secureConnect", () => {
        isReused = second.isSessionReused();
      });
      await answerOn(second);
      expect(isReused).toBe(false);
    }
  });
});

function credentials(client: Client): { cert?: string; key?: string } {
  const issued = clients[client];
  return issued ? { cert: issued.certificate, key: issued.key } : {};
}

/** Sends a request on the connection. Resolves with the response, rejects without one. */
function answerOn(socket: ReturnType<typeof connect>): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.on("close", () => (text === "" ? reject(new Error("no answer")) : resolve(text)));
    socket.write("GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  });
}

describe("client_allowed_sans", () => {
  it.each([
    ["prometheus.example", true],
    ["10.1.2.3", true],
    ["fd00::1", true],
    ["FD00:0:0::1", true],
    ["ops@example.org", true],
    ["spiffe://example/prometheus?a,b", true],
    ["Prometheus.example", false],
    ["example", false],
    ["good", false],
    ["b", false],
    ["DNS:prometheus.example", false],
  ])("%s: %s", async (san, isAdmitted) => {
    const stage = await startTls({
      clientAuthType: "RequireAndVerifyClientCert",
      clientCa: { text: authority.certificate },
      clientAllowedSans: ["unrelated", san],
    });
    expect(await isAnswered(stage, showing("good"))).toBe(isAdmitted);
  });

  it("reject a client without a certificate even if the type requires none", async () => {
    const stage = await startTls({
      clientAuthType: "RequestClientCert",
      clientAllowedSans: ["prometheus.example"],
    });
    expect(await isAnswered(stage, showing("none"))).toBe(false);
    expect(await isAnswered(stage, showing("other"))).toBe(false);
    expect(await isAnswered(stage, showing("good"))).toBe(true);
  });

  it("are parsed so that one name cannot be read as two", () => {
    expect(subjectAltNames('DNS:a.example, URI:"https://x/, DNS:evil", IP Address:0:0:0:0:0:0:0:1')).toEqual([
      "a.example",
      "https://x/, DNS:evil",
      "::1",
    ]);
    expect(subjectAltNames('othername:<unsupported>, DNS:b, DirName:"CN = a, DNS:evil"')).toEqual(["b"]);
    expect(subjectAltNames('DNS:a"b, DNS:c')).toEqual([]);
    expect(subjectAltNames("")).toEqual([]);
  });
});

describe("a TLS port", () => {
  it("closes and counts a plain connection", async () => {
    const { exporter } = await startTls({});
    const plain = { ...exporter, address: exporter.address.replace("https:", "http:") };
    await expect(ask(plain, "/livez")).rejects.toThrow();
    expect((await ask(exporter, "/metrics")).text).toContain(
      'natscope_http_connections_refused_total{reason="tls"} 1\n',
    );
  });

  it.each<[SecureVersion, SecureVersion, SecureVersion, boolean]>([
    ["TLSv1.2", "TLSv1.3", "TLSv1.1", false],
    ["TLSv1.2", "TLSv1.3", "TLSv1.2", true],
    ["TLSv1.3", "TLSv1.3", "TLSv1.2", false],
    ["TLSv1.2", "TLSv1.2", "TLSv1.3", false],
    ["TLSv1", "TLSv1.3", "TLSv1", true],
    ["TLSv1", "TLSv1.3", "TLSv1.1", true],
  ])(
    "with versions %s to %s and a client of %s responds: %s",
    async (minVersion, maxVersion, version, isAdmitted) => {
      const stage = await startTls({ minVersion, maxVersion });
      const options = { minVersion: version, maxVersion: version, ciphers: "DEFAULT:@SECLEVEL=0" };
      expect(await isAnswered(stage, options)).toBe(isAdmitted);
    },
  );

  it.each<[readonly string[], string, SecureVersion, boolean]>([
    [["ECDHE-ECDSA-AES128-GCM-SHA256"], "ECDHE-ECDSA-AES128-GCM-SHA256", "TLSv1.2", true],
    [["ECDHE-ECDSA-AES128-GCM-SHA256"], "ECDHE-ECDSA-AES256-GCM-SHA384", "TLSv1.2", false],
    // The list does not restrict suites of TLS 1.3; a list with only these leaves none for TLS 1.2.
    [["ECDHE-ECDSA-AES128-GCM-SHA256"], "TLS_AES_256_GCM_SHA384", "TLSv1.3", true],
    [["TLS_AES_128_GCM_SHA256"], "TLS_AES_256_GCM_SHA384", "TLSv1.3", true],
    [["TLS_AES_128_GCM_SHA256"], "ECDHE-ECDSA-AES128-GCM-SHA256", "TLSv1.2", false],
  ])(
    "with suites %j and a client of %s over %s responds: %s",
    async (cipherSuites, ciphers, version, isAdmitted) => {
      const stage = await startTls({ cipherSuites });
      expect(await isAnswered(stage, { ciphers, minVersion: version, maxVersion: version })).toBe(isAdmitted);
    },
  );

  it("rejects a client without a common curve", async () => {
    const stage = await startTls({ curvePreferences: ["P-256", "P-384"] });
    expect(await isAnswered(stage, { ecdhCurve: "P-384" })).toBe(true);
    expect(await isAnswered(stage, { ecdhCurve: "X25519" })).toBe(false);
  });

  it.each([
    ["its handshake", false],
    ["its request", true],
  ])("disconnects a client that does not complete %s", async (_, shakesHands) => {
    const stage = await startTls({}, { limits: { maxConnections: 10, requestTimeoutMs: 200 } });
    const port = Number(new URL(stage.exporter.address).port);
    const socket = shakesHands ? connect({ port, rejectUnauthorized: false }) : connectTcp(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.resume();
    await new Promise((resolve) => socket.on("close", resolve));
    expect(socket.bytesRead > 0).toBe(shakesHands);
  });

  it("closes connections during their handshake when it closes", async () => {
    const { exporter } = await startTls({});
    const { port } = new URL(exporter.address);
    const socket = connectTcp(Number(port), "127.0.0.1");
    const ended = new Promise((resolve) => socket.on("close", resolve));
    socket.on("error", () => {});
    await new Promise((resolve) => socket.on("connect", resolve));
    // Connections are accepted in order: when a later one has a response, the earlier one is in its handshake.
    await ask(exporter, "/livez");
    await exporter.close();
    await ended;
  });
});
