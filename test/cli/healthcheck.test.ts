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

/** A `natscope serve`, and the address that its health check is told. */
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

/** A web configuration with a certificate, and what else it says of TLS. */
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

const alive = (where: string) => ({ code: 0, stdout: `natscope lives at ${where}\n`, stderr: "" });

describe("natscope healthcheck", () => {
  it("finds what lives, by a flag, a variable and a file", async () => {
    const where = await serving();
    const file = join(temporaryDirectory(), "natscope.yaml");
    writeFileSync(file, `listen: ${where}\nmonitor: ["http://nobody:8222"]\n`);
    expect(await runNatscope(["healthcheck", "--listen", where])).toEqual(alive(where));
    expect(await runNatscope(["healthcheck"], { NATSCOPE_LISTEN: where })).toEqual(alive(where));
    expect(await runNatscope(["healthcheck", "--config", file])).toEqual(alive(where));
  });

  it("asks on the loopback what listens on every address", async () => {
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
  ])("finds what lives behind %s", async (_, tls, rest) => {
    const file = webConfig(tls, rest);
    const where = await serving(["--web-config", file]);
    expect(await runNatscope(["healthcheck", "--listen", where, "--web-config", file])).toEqual(alive(where));
  });

  it("is not misled by a web configuration that was spoilt since", async () => {
    const file = webConfig();
    const where = await serving(["--web-config", file]);
    writeFileSync(file, "tls_server_confg: {}\n");
    expect(await runNatscope(["healthcheck", "--listen", where, "--web-config", file])).toEqual(alive(where));
  });

  it("says in one sentence what is not so, and ends with 1", async () => {
    const unused = createServer();
    const port = await portOf(unused);
    await new Promise((resolve) => unused.close(resolve));
    const { code, stderr } = await runNatscope(["healthcheck", "--listen", `${LOOPBACK}:${port}`]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^natscope: natscope does not answer at 127\.0\.0\.1:\d+: .*ECONNREFUSED.*\n$/);
    expect(await runNatscope(["healthcheck", "--listen", "7777"])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^natscope: --listen is "7777", but must be host:port/),
    });
    expect(await runNatscope(["healthcheck", "--listen", ":0"])).toMatchObject({
      code: 1,
      stderr: "natscope: with port 0 nobody knows where natscope listens\n",
    });
  });

  it("does not take another server for natscope", async () => {
    const other = createServer((socket) => socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
    const port = await portOf(other);
    expect(await checkHealth({ listen: { host: LOOPBACK, port }, webConfig: undefined })).toEqual({
      isAlive: false,
      sentence: `${LOOPBACK}:${port} answers /livez with status 404`,
    });
  });

  it("does not wait for ever for what hangs", async () => {
    const port = await portOf(createServer(() => {}));
    expect(await checkHealth({ listen: { host: LOOPBACK, port }, webConfig: undefined })).toEqual({
      isAlive: false,
      sentence: `natscope does not answer at ${LOOPBACK}:${port}: nothing within 4 s`,
    });
  });
});
