/** `natscope healthcheck` as a child process, against `natscope serve` as another. */
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { checkHealth } from "../../src/cli/healthcheck.ts";
import { temporaryDirectory } from "../exporter/server/fixture.ts";
import { issue, issueAuthority } from "../http/certificates.ts";
import { runNatscope, startNatscope } from "./natscope.ts";

const LOOPBACK = "127.0.0.1";

/** Starts a `natscope serve` and returns the address for its health check. */
async function serving(flags: readonly string[] = [], host = LOOPBACK): Promise<string> {
  const natscope = startNatscope([
    "serve",
    "--monitor",
    "http://127.0.0.1:1",
    "--listen",
    `${host}:0`,
    ...flags,
  ]);
  return `${host}:${new URL(await natscope.address()).port}`;
}

/** A web configuration with a certificate, more TLS keys, and other sections. */
function webConfig(tls = "", rest = ""): string {
  const directory = temporaryDirectory();
  const { certificate, key } = issue({ name: "sidecar.example", issuer: issueAuthority("authority") });
  const file = join(directory, "web.yml");
  for (const [name, text] of Object.entries({
    "cert.pem": certificate,
    "key.pem": key,
    "ca.pem": certificate,
  })) {
    writeFileSync(join(directory, name), text);
  }
  writeFileSync(file, `tls_server_config: { cert_file: cert.pem, key_file: key.pem${tls} }\n${rest}`);
  return file;
}

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const alive = (where: string) => ({ code: 0, stdout: `natscope is alive at ${where}\n`, stderr: "" });

describe("natscope healthcheck", () => {
  it("reports that natscope is alive, with the address from a flag, a variable and a file", async () => {
    const where = await serving();
    const file = join(temporaryDirectory(), "natscope.yaml");
    writeFileSync(file, `listen: ${where}\nmonitor: ["http://unknown:8222"]\n`);
    expect(await runNatscope(["healthcheck", "--listen", where])).toEqual(alive(where));
    expect(await runNatscope(["healthcheck"], { NATSCOPE_LISTEN: where })).toEqual(alive(where));
    expect(await runNatscope(["healthcheck", "--config", file])).toEqual(alive(where));
  });

  it("asks on the loopback if natscope listens on every address", async () => {
    const where = (await serving([], "0.0.0.0")).replace("0.0.0.0", "");
    expect(await runNatscope(["healthcheck", "--listen", where])).toEqual(alive(`${LOOPBACK}${where}`));
  });

  it.each([
    ["its own certificate", "", ""],
    ["certificates of clients", ", client_auth_type: RequireAnyClientCert", ""],
    [
      "verified certificates of clients",
      ", client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.pem",
      "",
    ],
    ["users", "", `basic_auth_users: { u: "$2a$10$${"a".repeat(53)}" }\n`],
  ])("reports that natscope is alive behind %s", async (_, tls, rest) => {
    const file = webConfig(tls, rest);
    const where = await serving(["--web-config", file]);
    expect(await runNatscope(["healthcheck", "--listen", where, "--web-config", file])).toEqual(alive(where));
  });

  it("reports that natscope is alive although its web configuration is broken since", async () => {
    const file = webConfig();
    const where = await serving(["--web-config", file]);
    writeFileSync(file, "tls_server_confg: {}\n");
    expect(await runNatscope(["healthcheck", "--listen", where, "--web-config", file])).toEqual(alive(where));
  });

  it("reports a failure in one sentence and exits with 1", async () => {
    const unused = createServer();
    const port = await portOf(unused);
    await new Promise((resolve) => unused.close(resolve));
    const { code, stderr } = await runNatscope(["healthcheck", "--listen", `${LOOPBACK}:${port}`]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^natscope: GET \/livez from 127\.0\.0\.1:\d+ failed: .*ECONNREFUSED.*\n$/);
    expect(await runNatscope(["healthcheck", "--listen", "7777"])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^natscope: --listen is "7777": expected host:port/),
    });
    expect(await runNatscope(["healthcheck", "--listen", ":0"])).toMatchObject({
      code: 1,
      stderr: "natscope: healthcheck needs a fixed port: expected --listen without port 0\n",
    });
  });

  it("does not take another server for natscope", async () => {
    const other = createServer((socket) => socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
    const port = await portOf(other);
    expect(await checkHealth({ listen: [{ host: LOOPBACK, port }], webConfig: undefined })).toEqual({
      isAlive: false,
      sentence: `GET /livez from ${LOOPBACK}:${port} returned status 404: expected 200, 401, 429`,
    });
  });

  it("gives up on a server that does not answer", async () => {
    const port = await portOf(createServer(() => {}));
    expect(await checkHealth({ listen: [{ host: LOOPBACK, port }], webConfig: undefined })).toEqual({
      isAlive: false,
      sentence: `GET /livez from ${LOOPBACK}:${port} failed: no answer within 4 s`,
    });
  });
});
