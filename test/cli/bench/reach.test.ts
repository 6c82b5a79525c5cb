/** `natscope bench` reaches a server as `nats` does: TLS, nkeys, contexts, variables, several servers. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nkeys } from "nats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../../tools/nats-server/ports.ts";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { issue, issueAuthority } from "../../http/certificates.ts";
import { SERVER_VERSIONS } from "../../outside-programs.ts";
import { runNatscope } from "../natscope.ts";

describe("a server with TLS and an nkey", () => {
  const user = nkeys.createUser();
  let directory: string;
  let server: RunningNatsServer;
  let host: string;

  const write = (name: string, text: string | Uint8Array): string => {
    const path = join(directory, name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
    return path;
  };

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "natscope-bench-"));
    const authority = issueAuthority("bench-authority");
    const sans = [{ kind: "dns", value: "localhost" }] as const;
    const own = issue({ name: "server", issuer: authority, purpose: "server", sans });
    write("ca.pem", authority.certificate);
    write("user.nk", user.getSeed());
    const config = `
      tls { cert_file: ${JSON.stringify(write("server.pem", own.certificate))}, key_file: ${JSON.stringify(write("server-key.pem", own.key))} }
      authorization { users: [{ nkey: ${user.getPublicKey()} }] }
    `;
    server = await runNatsServer({ version: SERVER_VERSIONS[0]?.version, config });
    // The client for Node.js verifies names only, not addresses.
    host = `localhost:${new URL(server.clientUrl).port}`;
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true });
  });

  const bench = (environment: Readonly<Record<string, string>>, ...argv: readonly string[]) =>
    runNatscope(["bench", "request", "--msgs", "200", ...argv], {
      XDG_CONFIG_HOME: join(directory, "config"),
      ...environment,
    });

  it("is reached by flags", async () => {
    const flags = ["--tlsca", join(directory, "ca.pem"), "--nkey", join(directory, "user.nk")];
    const { code, stdout, stderr } = await bench({}, ...flags, "-s", `tls://${host}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/messages +200 +200 +0/);
  });

  it("is reached by variables, at the second of two addresses", async () => {
    const { code, stderr } = await bench({
      NATS_URL: `localhost:${await freePort()},${host}`,
      NATS_CA: join(directory, "ca.pem"),
      NATS_NKEY: join(directory, "user.nk"),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("is reached by the selected context, or a named one", async () => {
    const context = { url: `tls://${host}`, ca: join(directory, "ca.pem"), nkey: join(directory, "user.nk") };
    write("config/nats/context/secure.json", JSON.stringify(context));
    expect((await bench({}, "--context", "secure")).code).toBe(0);
    write("config/nats/context.txt", "secure");
    expect((await bench({})).code).toBe(0);
  });

  it("rejects a connection without its authority, or of an unknown user", async () => {
    write("config/nats/context.txt", "");
    const nkey = ["--nkey", join(directory, "user.nk"), "-s", `tls://${host}`];
    const unknown = await bench({}, ...nkey);
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toMatch(/^natscope: cannot connect to .*certificate/);
    const other = write("other.nk", nkeys.createUser().getSeed());
    const stranger = await bench(
      {},
      "--tlsca",
      join(directory, "ca.pem"),
      "--nkey",
      other,
      "-s",
      `tls://${host}`,
    );
    expect(stranger.code).toBe(1);
    expect(stranger.stderr).toMatch(/Authorization Violation/);
    expect(stranger.stderr).not.toMatch(/SU[A-Z2-7]{50}/);
  });
});
