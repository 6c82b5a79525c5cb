import { X509Certificate } from "node:crypto";
import { chmodSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import https from "node:https";
import { join } from "node:path";
import { hashSync } from "bcryptjs";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { WebConfigProblems, webConfigFromFlags } from "../../../src/http/web-config/config.ts";
import { ask, type Fixture, startFixture, temporaryDirectory } from "../../exporter/server/fixture.ts";
import { type Issued, issue, issueAuthority } from "../certificates.ts";

let authority: Issued;
let first: Issued;
let second: Issued;

beforeAll(() => {
  authority = issueAuthority("ca.example");
  first = issue({ name: "first", issuer: authority, purpose: "server" });
  second = issue({ name: "second", issuer: authority, purpose: "server" });
});

/** A directory with a web configuration in it. */
function configDirectory(): {
  file: string;
  write(name: string, text: string): void;
  remove(name: string): void;
} {
  const directory = temporaryDirectory();
  return {
    file: join(directory, "web-config.yml"),
    write: (name, text) => writeFileSync(join(directory, name), text),
    remove: (name) => rmSync(join(directory, name)),
  };
}

const TLS = "tls_server_config: { cert_file: server.crt, key_file: server.key }\n";

function fingerprintOf({ certificate }: Issued): string {
  return new X509Certificate(certificate).fingerprint256;
}

function errorsOf({ log }: Fixture): unknown[] {
  return log.filter(({ level }) => level === "error").map(({ fields }) => fields?.problems);
}

async function reloadState(
  { exporter }: Fixture,
  auth?: string,
): Promise<{ failures: string; successful: string }> {
  const { text } = await ask(exporter, "/metrics", auth === undefined ? {} : { auth });
  const value = (name: string): string => new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1] ?? "absent";
  return {
    failures: value("natscope_web_config_reload_failures_total"),
    successful: value("natscope_web_config_last_reload_successful"),
  };
}

describe("at the start, LiveWebConfig", () => {
  it("rejects an invalid configuration with all problems of it and its files", async () => {
    const { file, write } = configDirectory();
    write("server.key", second.key);
    write("ca.crt", "nothing");
    write(
      "web-config.yml",
      `
tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_ca_file: ca.crt
  client_auth_type: RequireAndVerifyClientCert
basic_auth_users: { alice: wonderland }
`,
    );
    const rejected = await startFixture([], { webConfigFile: file }).catch((error: unknown) => error);
    expect(rejected).toBeInstanceOf(WebConfigProblems);
    expect((rejected as WebConfigProblems).problems).toEqual([
      "basic_auth_users.alice is invalid (and not shown): expected a bcrypt hash, as from htpasswd -nBC 10 USER",
      `the certificate ${file.replace("web-config.yml", "server.crt")} does not exist`,
      `the client CA ${file.replace("web-config.yml", "ca.crt")} has no PEM certificate`,
    ]);
  });

  it.each<[string, () => string, () => string, string]>([
    ["a file without a certificate", () => "nothing", () => first.key, "has no PEM certificate"],
    [
      "a truncated certificate",
      () => `-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n`,
      () => first.key,
      "has a malformed certificate",
    ],
    ["a file without a key", () => first.certificate, () => "nothing", "has no PEM private key"],
    [
      "an encrypted key",
      () => first.certificate,
      () =>
        first.privateKey
          .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" })
          .toString(),
      "is encrypted: expected a key without a passphrase",
    ],
    [
      "the key of another certificate",
      () => first.certificate,
      () => second.key,
      "does not match the certificate",
    ],
  ])("rejects %s", async (_, certificate, key, sentence) => {
    const { file, write } = configDirectory();
    write("web-config.yml", TLS);
    write("server.crt", certificate());
    write("server.key", key());
    await expect(startFixture([], { webConfigFile: file })).rejects.toThrow(sentence);
  });

  it("rejects a file together with flags", async () => {
    const both = { webConfigFile: "web-config.yml", web: webConfigFromFlags({}) };
    await expect(startFixture([], both)).rejects.toThrow("excludes the flags");
  });

  it("rejects a file that does not exist or is a directory", async () => {
    const directory = temporaryDirectory();
    const missing = startFixture([], { webConfigFile: join(directory, "none.yml") });
    await expect(missing).rejects.toThrow(/none\.yml does not exist$/);
    await expect(startFixture([], { webConfigFile: directory })).rejects.toThrow(
      /is a directory, not a file$/,
    );
  });
});

describe("after a change, LiveWebConfig", () => {
  it("uses the new certificate for the next connection, also after a symbolic link was swapped", async () => {
    const directory = temporaryDirectory();
    // Like a secret in Kubernetes: server.crt -> ..data/server.crt, ..data -> a directory that is swapped.
    for (const [version, { certificate, key }] of [
      ["v1", first],
      ["v2", second],
    ] as const) {
      const { mkdirSync } = await import("node:fs");
      mkdirSync(join(directory, version));
      writeFileSync(join(directory, version, "server.crt"), certificate);
      writeFileSync(join(directory, version, "server.key"), key);
    }
    symlinkSync("v1", join(directory, "..data"));
    symlinkSync("..data/server.crt", join(directory, "server.crt"));
    symlinkSync("..data/server.key", join(directory, "server.key"));
    writeFileSync(join(directory, "web-config.yml"), TLS);
    const { exporter, log } = await startFixture([], { webConfigFile: join(directory, "web-config.yml") });
    expect((await ask(exporter, "/livez")).fingerprint).toBe(fingerprintOf(first));
    symlinkSync("v2", join(directory, "..data_tmp"));
    renameSync(join(directory, "..data_tmp"), join(directory, "..data"));
    expect((await ask(exporter, "/livez")).fingerprint).toBe(fingerprintOf(second));
    expect((await ask(exporter, "/livez")).fingerprint).toBe(fingerprintOf(second));
    expect(log).toEqual([
      { level: "info", message: "loaded the changed web configuration", fields: undefined },
    ]);
  });

  it("loads files that flags name again", async () => {
    const { file, write } = configDirectory();
    const path = (name: string): string => file.replace("web-config.yml", name);
    write("server.crt", first.certificate);
    write("server.key", first.key);
    write("ca.crt", authority.certificate);
    const web = webConfigFromFlags({
      certificateFile: path("server.crt"),
      keyFile: path("server.key"),
      clientCaFile: path("ca.crt"),
    });
    const { exporter } = await startFixture([], { web });
    const client = issue({ name: "client", issuer: authority, purpose: "client" });
    const credentials = { cert: client.certificate, key: client.key };
    await expect(ask(exporter, "/livez")).rejects.toThrow();
    expect((await ask(exporter, "/livez", credentials)).fingerprint).toBe(fingerprintOf(first));
    write("server.crt", second.certificate);
    write("server.key", second.key);
    write("ca.crt", issueAuthority("new.example").certificate);
    await expect(ask(exporter, "/livez", credentials)).rejects.toThrow();
  });

  it("closes a connection accepted by the old client CA after its next response", async () => {
    const { file, write } = configDirectory();
    write("server.crt", first.certificate);
    write("server.key", first.key);
    write("ca.crt", authority.certificate);
    write(
      "web-config.yml",
      `tls_server_config: { cert_file: server.crt, key_file: server.key, client_ca_file: ca.crt, client_auth_type: RequireAndVerifyClientCert }`,
    );
    const { exporter } = await startFixture([], { webConfigFile: file });
    const client = issue({ name: "client", issuer: authority, purpose: "client" });
    const agent = new https.Agent({ keepAlive: true, cert: client.certificate, key: client.key });
    onTestFinished(() => agent.destroy());
    expect((await ask(exporter, "/livez", { agent })).headers.connection).toBe("keep-alive");
    write("ca.crt", issueAuthority("new.example").certificate);
    expect((await ask(exporter, "/livez", { agent })).headers.connection).toBe("close");
    await expect(ask(exporter, "/livez", { agent })).rejects.toThrow();
  });

  it("applies users, headers and rate limit to the next request, also on an old connection", async () => {
    const { file, write } = configDirectory();
    const hash = (password: string): string => hashSync(password, 4);
    write("web-config.yml", `basic_auth_users: { alice: "${hash("one")}" }`);
    const { exporter } = await startFixture([], { webConfigFile: file });
    const agent = new (await import("node:http")).Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const statusOf = async (auth: string): Promise<number> =>
      (await ask(exporter, "/livez", { auth, agent })).status;
    expect(await statusOf("alice:one")).toBe(200);
    write(
      "web-config.yml",
      `
basic_auth_users: { alice: "${hash("two")}" }
http_server_config: { headers: { X-Frame-Options: deny, Content-Security-Policy: "default-src 'self'" } }
`,
    );
    expect(await statusOf("alice:one")).toBe(401);
    const { status, headers } = await ask(exporter, "/", { auth: "alice:two", agent });
    expect([status, headers["x-frame-options"], headers["content-security-policy"]]).toEqual([
      200,
      "deny",
      "default-src 'self'",
    ]);
    write(
      "web-config.yml",
      `basic_auth_users: { alice: "${hash("two")}" }\nrate_limit: { interval: 1000h, burst: 2 }`,
    );
    expect([await statusOf("alice:two"), await statusOf("alice:two"), await statusOf("alice:two")]).toEqual([
      200, 200, 429,
    ]);
  });

  it("ignores, logs once and counts an invalid file until it is repaired", async () => {
    const { file, write, remove } = configDirectory();
    write("web-config.yml", TLS);
    write("server.crt", first.certificate);
    write("server.key", first.key);
    const stage = await startFixture([], { webConfigFile: file });
    expect(await reloadState(stage)).toEqual({ failures: "0", successful: "1" });

    write("server.crt", second.certificate);
    for (let time = 0; time < 3; time++) {
      expect((await ask(stage.exporter, "/livez")).fingerprint).toBe(fingerprintOf(first));
    }
    expect(await reloadState(stage)).toEqual({ failures: "1", successful: "0" });
    expect(errorsOf(stage)).toEqual([[expect.stringMatching(/server\.key does not match the certificate$/)]]);

    write("web-config.yml", "tls_server_config: [");
    expect(await reloadState(stage)).toEqual({ failures: "2", successful: "0" });
    remove("web-config.yml");
    expect(await reloadState(stage)).toEqual({ failures: "3", successful: "0" });

    write("server.key", second.key);
    write("web-config.yml", TLS);
    expect((await ask(stage.exporter, "/livez")).fingerprint).toBe(fingerprintOf(second));
    expect(await reloadState(stage)).toEqual({ failures: "3", successful: "1" });
    expect(errorsOf(stage)).toHaveLength(3);
  });

  it("uses a file as soon as it exists", async () => {
    const { file, write } = configDirectory();
    write("web-config.yml", TLS);
    write("server.crt", first.certificate);
    write("server.key", first.key);
    const stage = await startFixture([], { webConfigFile: file });
    write("web-config.yml", "tls_server_config: { cert_file: new.crt, key_file: new.key }");
    expect((await ask(stage.exporter, "/livez")).fingerprint).toBe(fingerprintOf(first));
    write("new.crt", second.certificate);
    write("new.key", second.key);
    expect((await ask(stage.exporter, "/livez")).fingerprint).toBe(fingerprintOf(second));
  });

  it("keeps TLS and users if the file is empty, which it may be while it is written", async () => {
    const { file, write } = configDirectory();
    write("server.crt", first.certificate);
    write("server.key", first.key);
    write("web-config.yml", `${TLS}basic_auth_users: { alice: "${hashSync("one", 4)}" }`);
    const stage = await startFixture([], { webConfigFile: file });
    write("web-config.yml", "");
    expect((await ask(stage.exporter, "/livez")).status).toBe(401);
    expect(await reloadState(stage, "alice:one")).toEqual({ failures: "1", successful: "0" });
    expect(errorsOf(stage)).toEqual([
      [
        "tls_server_config is missing: a restart is needed to switch TLS off",
        "basic_auth_users is missing: a restart is needed to switch authentication off",
      ],
    ]);
  });

  it.skipIf(process.getuid?.() === 0)("treats an unreadable file as invalid", async () => {
    const { file, write } = configDirectory();
    write("web-config.yml", "");
    const stage = await startFixture([], { webConfigFile: file });
    chmodSync(file, 0);
    expect(await reloadState(stage)).toEqual({ failures: "1", successful: "0" });
  });
});

describe("webConfigFromFlags", () => {
  it("reports all contradictions of the flags", () => {
    const read = (): unknown => webConfigFromFlags({ certificateFile: "a", clientCaFile: "b", user: "c" });
    expect(read).toThrow(WebConfigProblems);
    expect(read).toThrow("a certificate or its key is missing: expected both");
    expect(read).toThrow("a user or a password is missing: expected both");
    expect(() => webConfigFromFlags({ clientCaFile: "b" })).toThrow(
      "a client CA is given without a certificate",
    );
    expect(webConfigFromFlags({})).toEqual({ headers: {}, users: new Map() });
  });
});
