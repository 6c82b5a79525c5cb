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

describe("at start", () => {
  it("a configuration that cannot be used is refused with all that is wrong with it and its files", async () => {
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
    const refusal = await startFixture([], { webConfigFile: file }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(WebConfigProblems);
    expect((refusal as WebConfigProblems).problems).toEqual([
      "`basic_auth_users.alice` must be a bcrypt hash, as `htpasswd -nBC 10 <user>` makes it.",
      `The certificate ${file.replace("web-config.yml", "server.crt")} cannot be read: there is no such file.`,
      `The client CA ${file.replace("web-config.yml", "ca.crt")} holds no PEM certificate.`,
    ]);
  });

  it.each<[string, () => string, () => string, string]>([
    ["no certificate", () => "nothing", () => first.key, "holds no PEM certificate."],
    [
      "half a certificate",
      () => `-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n`,
      () => first.key,
      "holds a certificate that cannot be read.",
    ],
    ["no key", () => first.certificate, () => "nothing", "holds no PEM private key."],
    [
      "an encrypted key",
      () => first.certificate,
      () =>
        first.privateKey
          .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" })
          .toString(),
      "is encrypted; natscope takes keys without a passphrase.",
    ],
    ["another's key", () => first.certificate, () => second.key, "is not the key of the certificate."],
  ])("%s is refused", async (_, certificate, key, sentence) => {
    const { file, write } = configDirectory();
    write("web-config.yml", TLS);
    write("server.crt", certificate());
    write("server.key", key());
    await expect(startFixture([], { webConfigFile: file })).rejects.toThrow(sentence);
  });

  it("a file and flags are refused together", async () => {
    const both = { webConfigFile: "web-config.yml", web: webConfigFromFlags({}) };
    await expect(startFixture([], both)).rejects.toThrow("excludes the flags");
  });

  it("a file that is not there, or is a directory, is refused", async () => {
    const directory = temporaryDirectory();
    const missing = startFixture([], { webConfigFile: join(directory, "none.yml") });
    await expect(missing).rejects.toThrow(/none\.yml cannot be read: there is no such file\.$/);
    await expect(startFixture([], { webConfigFile: directory })).rejects.toThrow(/it is a directory\.$/);
  });
});

describe("a change", () => {
  it("of the certificate is shown to the next connection, also through a swapped symbolic link", async () => {
    const directory = temporaryDirectory();
    // As Kubernetes mounts a secret: server.crt -> ..data/server.crt, ..data -> a directory that is swapped.
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
      { level: "info", message: expect.stringContaining("was read again"), fields: undefined },
    ]);
  });

  it("of files that flags named is seen too", async () => {
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

  it("of the client CA ends a connection that was let in by the old one, with its next answer", async () => {
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

  it("of users, headers and the rate limit holds for the next request, of an old connection too", async () => {
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

  it("that cannot be used changes nothing, is logged once and counted, until it is mended", async () => {
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
    expect(errorsOf(stage)).toEqual([
      [expect.stringMatching(/server\.key is not the key of the certificate\.$/)],
    ]);

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

  it("to a file that is not there yet is made when the file comes", async () => {
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

  it("never takes TLS or passwords away: an emptied file is one half written", async () => {
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
        "`tls_server_config` is gone: switching TLS off takes a restart.",
        "`basic_auth_users` is gone: switching authentication off takes a restart.",
      ],
    ]);
  });

  it.skipIf(process.getuid?.() === 0)("to a file that may not be read is a broken one", async () => {
    const { file, write } = configDirectory();
    write("web-config.yml", "");
    const stage = await startFixture([], { webConfigFile: file });
    chmodSync(file, 0);
    expect(await reloadState(stage)).toEqual({ failures: "1", successful: "0" });
  });
});

describe("flags", () => {
  it("are refused together where they do not fit together", () => {
    const refusal = (): unknown => webConfigFromFlags({ certificateFile: "a", clientCaFile: "b", user: "c" });
    expect(refusal).toThrow(WebConfigProblems);
    expect(refusal).toThrow("A certificate and its key must be given together, only one of them is.");
    expect(refusal).toThrow("A user and a password must be given together, only one of them is.");
    expect(() => webConfigFromFlags({ clientCaFile: "b" })).toThrow("Clients can only be verified over TLS");
    expect(webConfigFromFlags({})).toEqual({ headers: {}, users: new Map() });
  });
});
