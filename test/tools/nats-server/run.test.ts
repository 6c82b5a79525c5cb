import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { connect } from "nats";
import { expect, it } from "vitest";
import { runNatsServer } from "../../../tools/nats-server/run.ts";
import { describeEachServer, SERVER_VERSIONS } from "../../outside-programs.ts";

describeEachServer("a running server", ({ version, binary }) => {
  it("accepts clients and answers on its monitoring port when the promise resolves", async () => {
    await using server = await runNatsServer({ binary, name: "alone" });
    expect(server.version).toBe(version);
    const varz = await (await fetch(`${server.monitorUrl}/varz`)).json();
    expect(varz).toMatchObject({
      version,
      server_name: "alone",
      port: Number(new URL(server.clientUrl).port),
    });
    const connection = await connect({ servers: server.clientUrl });
    await connection.close();
  });

  it("keeps its ports and its store over a restart, even after SIGKILL", async () => {
    await using server = await runNatsServer({ binary });
    const { clientUrl, monitorUrl, pid } = server;
    const before = await connect({ servers: clientUrl, reconnect: false });
    await (await before.jetstreamManager()).streams.add({ name: "KEPT", subjects: ["kept"] });
    await before.close();
    await server.stop("SIGKILL");
    expect(isAlive(pid)).toBe(false);
    await server.restart();
    expect(server).toMatchObject({ clientUrl, monitorUrl });
    expect(server.pid).not.toBe(pid);
    const after = await connect({ servers: clientUrl });
    expect((await (await after.jetstreamManager()).streams.info("KEPT")).config.name).toBe("KEPT");
    await after.close();
  });

  it("uses its configuration", async () => {
    await using server = await runNatsServer({
      binary,
      config: "http_base_path: /base\njetstream: disabled\n",
    });
    const varz = await (await fetch(`${server.monitorUrl}/base/varz`)).json();
    expect(varz).toMatchObject({ http_base_path: "/base" });
  });
});

const { binary } = SERVER_VERSIONS[0] ?? {};
if (!binary) throw new Error("these tests need a nats-server of some version");

it("reports why a server did not start", async () => {
  await expect(runNatsServer({ binary, config: "bogus {{{" })).rejects.toThrow(
    /ended instead of starting[\s\S]*Parse error/,
  );
});

it("gives up if another process has the configured port", async () => {
  const occupant = createServer();
  occupant.listen(0, "127.0.0.1");
  await once(occupant, "listening");
  const { port } = occupant.address() as AddressInfo;
  await expect(runNatsServer({ binary, ports: { client: port } })).rejects.toThrow(/address already in use/);
  occupant.close();
});

it("starts many servers at the same time without a collision", async () => {
  const servers = await Promise.all([1, 2, 3, 4].map(() => runNatsServer({ binary })));
  try {
    expect(new Set(servers.flatMap(({ clientUrl, monitorUrl }) => [clientUrl, monitorUrl])).size).toBe(8);
  } finally {
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  }
});

it("leaves no process and no directory when its scope ends", async () => {
  const server = await runNatsServer({ binary });
  await server[Symbol.asyncDispose]();
  expect(isAlive(server.pid)).toBe(false);
  expect(existsSync(server.storeDirectory)).toBe(false);
});

it.each([
  ["returns", "process.exit(3)", { code: 3, signal: null }],
  ["throws", "throw new Error('on purpose')", { code: 1, signal: null }],
  ["is interrupted", "process.kill(process.pid, 'SIGINT')", { code: null, signal: "SIGINT" }],
  ["is terminated", "process.kill(process.pid, 'SIGTERM')", { code: null, signal: "SIGTERM" }],
])("stops its server when the process %s", async (_how, end, expected) => {
  const run = fileURLToPath(new URL("../../../tools/nats-server/run.ts", import.meta.url));
  const script = `
    const { runNatsServer } = await import(${JSON.stringify(run)});
    const { pid, storeDirectory } = await runNatsServer({ binary: ${JSON.stringify(binary)} });
    process.stdout.write(JSON.stringify({ pid, storeDirectory }) + "\\n", () => { ${end} });
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  const [code, signal] = await once(child, "close");
  expect({ code, signal }).toEqual(expected);
  const { pid, storeDirectory } = JSON.parse(output);
  // A dead process keeps its id until its new parent has waited for it.
  await expect.poll(() => isAlive(pid), { timeout: 30_000 }).toBe(false);
  expect(existsSync(storeDirectory)).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
