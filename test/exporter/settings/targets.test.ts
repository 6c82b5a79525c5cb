import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readTargets } from "../../../src/exporter/settings/targets.ts";
import { issue, issueAuthority } from "../../http/certificates.ts";
import { temporaryDirectory } from "../server/fixture.ts";
import { settingsFrom } from "./settings-from.ts";

function files() {
  const directory = temporaryDirectory();
  return (name: string, text: string): string => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };
}

function targetsOf(...flags: string[]) {
  const { settings, problems } = settingsFrom({ flags });
  expect(problems).toEqual([]);
  return readTargets(settings);
}

const authority = issueAuthority("authority");
const client = issue({ name: "client", issuer: authority, purpose: "client" });

describe("targets", () => {
  it("are the monitors with the content of their files; those without TLS have none", () => {
    const write = files();
    const { targets, problems } = targetsOf(
      ...["--monitor", "a=https://u:p%40@h:1", "--monitor", "b=http://h:2"],
      ...["--monitor-ca", write("ca.pem", authority.certificate), "--monitor-server-name", "nats"],
      ...[
        "--monitor-cert",
        write("cert.pem", client.certificate),
        "--monitor-key",
        write("key.pem", client.key),
      ],
    );
    expect(problems).toEqual([]);
    const tls = {
      ca: authority.certificate,
      certificate: client.certificate,
      key: client.key,
      serverName: "nats",
    };
    expect(targets).toEqual([
      { name: "a", url: new URL("https://h:1"), credentials: { user: "u", password: "p@" }, tls },
      { name: "b", url: new URL("http://h:2") },
    ]);
  });

  it("prefer the files of a monitor to those of all monitors", () => {
    const write = files();
    const ca = write("ca.pem", authority.certificate);
    const { settings } = settingsFrom({
      flags: ["--monitor-ca", "/missing", "--monitor-server-name", "all"],
      file: `monitor: [{name: a, url: "https://h", ca: "${ca}", server_id: east, user: u, password_file: "${write("p", "secret\n")}"}]`,
    });
    expect(readTargets(settings)).toEqual({
      problems: [],
      targets: [
        {
          name: "a",
          url: new URL("https://h"),
          credentials: { user: "u", password: "secret" },
          tls: { ca: authority.certificate, serverName: "all" },
          serverId: "east",
        },
      ],
    });
  });

  it("report each problem with their files once, without quoting the files", () => {
    const write = files();
    const [key, bad] = [write("key.pem", client.key), write("bad.pem", "QQSECRETQQ")];
    const { problems } = targetsOf(
      ...["--monitor", "https://a", "--monitor", "https://b"],
      ...["--monitor-ca", "/missing/ca.pem", "--monitor-cert", key, "--monitor-key", bad],
    );
    expect(problems).toEqual([
      "the authority's certificate /missing/ca.pem does not exist",
      `the certificate ${key} is not a PEM file`,
      `the private key ${bad} is not a PEM file`,
    ]);
  });

  it("need the key of their certificate", () => {
    const write = files();
    const [certificate, key] = [write("cert.pem", client.certificate), write("key.pem", authority.key)];
    const { problems } = targetsOf(
      "--monitor",
      "https://a",
      "--monitor-cert",
      certificate,
      "--monitor-key",
      key,
    );
    expect(problems).toEqual([`the private key ${key} does not match the certificate ${certificate}`]);
  });

  it("need every certificate in a file to be valid", () => {
    const write = files();
    const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    const ca = write("ca.pem", authority.certificate + broken);
    expect(targetsOf("--monitor", "https://a", "--monitor-ca", ca).problems).toEqual([
      `the authority's certificate ${ca} is not a PEM file`,
    ]);
  });

  it("cannot have an encrypted key", () => {
    const locked = client.privateKey.export({
      type: "pkcs8",
      format: "pem",
      cipher: "aes-256-cbc",
      passphrase: "x",
    });
    const write = files();
    const [certificate, key] = [write("cert.pem", client.certificate), write("key.pem", locked.toString())];
    const { problems } = targetsOf(
      "--monitor",
      "https://a",
      "--monitor-cert",
      certificate,
      "--monitor-key",
      key,
    );
    expect(problems).toEqual([
      `the private key ${key} is encrypted: expected a private key without a passphrase`,
    ]);
  });
});
