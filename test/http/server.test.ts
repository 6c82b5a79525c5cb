import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { HttpError, HttpServer, type HttpServerOptions, type Route } from "../../src/http/server.ts";
import { sendText } from "../../src/http/text-response.ts";

const LOOPBACK = { host: "127.0.0.1", port: 0 };
const silent = { info() {}, warn() {}, error() {} };

function serverOf(answer: Route["answer"], options: Partial<HttpServerOptions> = {}): HttpServer {
  const server = new HttpServer({
    listen: [LOOPBACK],
    routes: new Map([["/", { handler: "test", answer }]]),
    notFound: "not found; see /",
    log: silent,
    ...options,
  });
  onTestFinished(() => server.close());
  return server;
}

it("serves the same routes on every address", async () => {
  const server = serverOf(({ response }) => sendText(response, 200, "ok"), { listen: [LOOPBACK, LOOPBACK] });
  const addresses = await server.open();
  expect(new Set(addresses).size).toBe(2);
  for (const address of addresses) expect(await (await fetch(address)).text()).toBe("ok\n");
  await server.close();
  for (const address of addresses) await expect(fetch(address)).rejects.toThrow();
});

it("opens no address if one of them is in use", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  onTestFinished(() => void other.close());
  const { port: used } = other.address() as AddressInfo;
  const free = await freePort();
  const listen = [
    { host: "127.0.0.1", port: free },
    { host: "127.0.0.1", port: used },
  ];
  await expect(serverOf(() => {}, { listen }).open()).rejects.toMatchObject({
    message: `cannot listen on 127.0.0.1:${used}: the port is in use`,
    code: "EADDRINUSE",
  });
  await serverOf(() => {}, { listen: [{ host: "127.0.0.1", port: free }] }).open();
});

it("sends the status and the message of an HttpError, and hides other errors", async () => {
  const errors: unknown[] = [];
  let error: Error = new HttpError(400, "`n` is missing");
  const server = serverOf(() => Promise.reject(error), {
    log: { ...silent, error: (_, fields) => errors.push(fields?.error) },
  });
  const [address = ""] = await server.open();
  const invalid = await fetch(address);
  expect([invalid.status, await invalid.text()]).toEqual([400, "`n` is missing\n"]);
  error = new Error("the password is hunter2");
  const failed = await fetch(address);
  expect([failed.status, await failed.text()]).toEqual([
    500,
    "internal error; the log of natscope has the details\n",
  ]);
  expect(errors).toEqual([error]);
});

it("counts requests by handler and status code", async () => {
  const server = serverOf(({ response }) => sendText(response, 200, "ok"));
  const [address] = await server.open();
  for (const [path, method] of [
    ["/", "GET"],
    ["/", "POST"],
    ["/nothing", "GET"],
  ]) {
    await (await fetch(`${address}${path}`, { method: method as string })).text();
  }
  const [requests] = server.families();
  const counted = requests?.columns.flatMap(({ labels, values }) =>
    [...labels].map((text, i) => [text, values[i]]),
  );
  expect(counted).toEqual([
    ['handler="test",code="200"', 1],
    ['handler="test",code="405"', 1],
    ['handler="none",code="404"', 1],
  ]);
});

it("natscope/client loads neither yaml nor bcryptjs", () => {
  const client = JSON.stringify(import.meta.resolve("../../src/client.ts"));
  const program = `
    import { registerHooks } from "node:module";
    registerHooks({ load: (url, context, next) => (console.log(url), next(url, context)) });
    await import(${client});
  `;
  const { stdout, status } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    encoding: "utf8",
  });
  expect(status).toBe(0);
  expect(stdout).toContain("/src/http/server.ts");
  for (const name of ["/yaml/", "/bcryptjs/", "/src/exporter/", "/src/bench/"]) {
    expect(stdout.split("\n").filter((url) => url.includes(name))).toEqual([]);
  }
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
