import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { runNatscope } from "../../cli/natscope.ts";
import { issue, issueAuthority } from "../../http/certificates.ts";
import { SERVER_VERSIONS } from "../../outside-programs.ts";

describe("a server whose monitoring port has a certificate of a private authority", () => {
  const directory = mkdtempSync(join(tmpdir(), "natscope-monitor-tls-"));
  const path = (name: string) => join(directory, name);
  let server: RunningNatsServer;

  beforeAll(async () => {
    const authority = issueAuthority("private-authority");
    const sans = [
      { kind: "dns", value: "localhost" },
      { kind: "ip", value: "127.0.0.1" },
    ] as const;
    const own = issue({ name: "server", issuer: authority, purpose: "server", sans });
    writeFileSync(path("ca.pem"), authority.certificate);
    writeFileSync(path("server.pem"), own.certificate);
    writeFileSync(path("server-key.pem"), own.key);
    server = await runNatsServer({
      version: SERVER_VERSIONS[0]?.version,
      config: `
        https_port: -1
        tls { cert_file: ${JSON.stringify(path("server.pem"))}, key_file: ${JSON.stringify(path("server-key.pem"))} }
      `,
    });
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true });
  });

  it("is sampled by bench with the authority of the connection", async () => {
    const { code, stderr } = await runNatscope([
      ...["bench", "request", "--msgs", "200", "--tlsca", path("ca.pem"), "--out", path("result.json")],
      ...["-s", `tls://localhost:${new URL(server.clientUrl).port}`, "--monitor", server.monitorUrl],
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { scenarios } = JSON.parse(readFileSync(path("result.json"), "utf8"));
    expect(scenarios[0].server[0].values).toMatchObject({ in_msgs: expect.any(Number) });
  });
});
