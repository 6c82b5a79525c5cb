import { spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { Counter, Registry, register } from "prom-client";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  type MetricsServer,
  type MetricsServerOptions,
  startMetricsServer,
} from "../../src/client/metrics-server.ts";

const open: MetricsServer[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(open.splice(0).map((server) => server.close()));
});

/** A metrics server on a free port of the loopback interface, closed after the test. */
async function started(options: MetricsServerOptions = {}): Promise<MetricsServer> {
  const server = await startMetricsServer({ port: 0, host: "127.0.0.1", ...options });
  open.push(server);
  return server;
}

function registryWith(value: number): Registry {
  const registry = new Registry();
  new Counter({ name: "shots_total", help: "Shots.", registers: [registry] }).inc(value);
  return registry;
}

/** Status, headers and text of a server's response. */
async function answerTo(server: MetricsServer, path: string, method = "GET") {
  const response = await fetch(new URL(path, server.url), { method });
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    response,
    text: await response.text(),
  };
}

describe("a metrics server", () => {
  it("serves a registry in the registry's format", async () => {
    const server = await started({ registry: registryWith(3) });
    expect(server.url).toBe(`http://127.0.0.1:${server.port}/metrics`);
    const { status, type, text } = await answerTo(server, server.url);
    expect({ status, type }).toEqual({ status: 200, type: Registry.PROMETHEUS_CONTENT_TYPE });
    expect(text).toContain("\nshots_total 3\n");
  });

  it("serves OpenMetrics if that is the registry's format", async () => {
    const registry = new Registry();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
    new Counter({ name: "shots", help: "Shots.", registers: [registry] }).inc(1);
    const { type, text } = await answerTo(await started({ registry }), "/metrics");
    expect(type).toBe(Registry.OPENMETRICS_CONTENT_TYPE);
    expect(text).toMatch(/\nshots_total 1\n# EOF\n$/);
  });

  it("serves the default registry of prom-client on any path", async () => {
    const counter = new Counter({ name: "default_shots_total", help: "Shots." });
    try {
      const server = await started({ path: "/internal/prometheus" });
      expect(server.url).toBe(`http://127.0.0.1:${server.port}/internal/prometheus`);
      expect((await answerTo(server, "/internal/prometheus?name=x")).text).toContain(
        "\ndefault_shots_total 0\n",
      );
      expect((await answerTo(server, "/metrics")).status).toBe(404);
    } finally {
      register.removeSingleMetric("default_shots_total");
      counter.reset();
    }
  });

  it("answers HEAD like GET, without a body", async () => {
    const server = await started({ registry: registryWith(3) });
    const get = await answerTo(server, "/metrics");
    const head = await answerTo(server, "/metrics", "HEAD");
    expect(head).toMatchObject({ status: 200, type: get.type, text: "" });
    expect(head.response.headers.get("content-length")).toBe(String(Buffer.byteLength(get.text)));
  });

  it("answers /livez", async () => {
    const server = await started();
    expect(await answerTo(server, "/livez")).toMatchObject({ status: 200, text: "ok\n" });
  });

  it("answers 404 and 405 for other paths and methods", async () => {
    const server = await started();
    expect(await answerTo(server, "/")).toMatchObject({
      status: 404,
      text: "not found; metrics are at /metrics\n",
    });
    for (const path of ["/metrics", "/livez"]) {
      const { status, response } = await answerTo(server, path, "POST");
      expect(status).toBe(405);
      expect(response.headers.get("allow")).toBe("GET, HEAD");
    }
  });

  it("answers a request whose target is not a path", async () => {
    const server = await started();
    for (const path of ["//", "*", "http://["]) {
      const asked = request({ port: server.port, host: "127.0.0.1", path, agent: false });
      asked.end();
      const [response] = await once(asked, "response");
      response.resume();
      expect(response.statusCode).toBe(404);
    }
  });

  it("refuses headers that are too large", async () => {
    const server = await started();
    const socket = connect(server.port, "127.0.0.1");
    socket.write(`GET /metrics HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(20_000)}\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 431 /);
  });

  it("reports a failed collection to the process, not to the scraper", async () => {
    const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    let fails = true;
    const registry = {
      contentType: "text/plain",
      metrics: async () => {
        if (fails) throw new Error("password is hunter2");
        return "x 1\n";
      },
    };
    const server = await started({ registry });
    const expected = { status: 500, text: "metrics cannot be collected\n" };
    expect(await answerTo(server, "/metrics")).toMatchObject(expected);
    expect(await answerTo(server, "/metrics")).toMatchObject(expected);
    expect(warned).toHaveBeenCalledTimes(1);
    fails = false;
    expect(await answerTo(server, "/metrics")).toMatchObject({ status: 200, text: "x 1\n" });
    fails = true;
    await answerTo(server, "/metrics");
    expect(warned).toHaveBeenCalledTimes(2);
    expect(warned.mock.calls[0]).toEqual([
      "metrics cannot be collected: password is hunter2",
      "NatscopeWarning",
    ]);
  });
});

describe("close", () => {
  it("lets responses in progress end, and frees the port", async () => {
    const asked = Promise.withResolvers<void>();
    const collected = Promise.withResolvers<string>();
    const registry = {
      contentType: "text/plain",
      metrics: () => {
        asked.resolve();
        return collected.promise;
      },
    };
    const server = await started({ registry });
    // Leaves a keep-alive connection open.
    await answerTo(server, "/livez");
    const answer = answerTo(server, "/metrics");
    await asked.promise;
    const closed = server.close();
    expect(server.close()).toBe(closed);
    collected.resolve("x 1\n");
    expect(await answer).toMatchObject({ status: 200, text: "x 1\n" });
    await closed;
    const again = await started({ port: server.port });
    expect(again.port).toBe(server.port);
  });

  it("is called at the end of a scope", async () => {
    let port: number;
    {
      await using server = await startMetricsServer({ port: 0, host: "127.0.0.1" });
      port = server.port;
    }
    await expect(fetch(`http://127.0.0.1:${port}/livez`)).rejects.toThrow();
  });
});

describe("a metrics server that cannot start", () => {
  it("reports a port in use in one sentence", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    try {
      await expect(startMetricsServer({ port, host: "127.0.0.1" })).rejects.toMatchObject({
        message: `startMetricsServer: cannot listen on 127.0.0.1:${port}: the port is in use`,
        code: "EADDRINUSE",
      });
    } finally {
      other.close();
    }
  });

  it("reports every invalid option", async () => {
    const wrong = { port: 70_000, host: "", path: "metrics", registry: {} };
    const error = new TypeError(
      "startMetricsServer: `port` is 70000: expected a whole number from 0 to 65535; " +
        '`host` is "": expected a name or an address of this machine; ' +
        '`path` is "metrics": expected a path that begins with / and is not /livez; ' +
        "`registry` has no metrics() and contentType: give prom-client's Registry or one like it",
    );
    await expect(startMetricsServer(wrong as never)).rejects.toEqual(error);
    await expect(startMetricsServer({ path: "/livez" })).rejects.toThrow("`path`");
  });
});

it("does not keep the process running", async () => {
  const program = `
    import { startMetricsServer } from ${JSON.stringify(import.meta.resolve("../../src/client/metrics-server.ts"))};
    const server = await startMetricsServer({ port: 0, host: "127.0.0.1" });
    console.log((await fetch(server.url)).status);
  `;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program]);
  try {
    const [stdout, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
    expect({ stdout, code }).toEqual({ stdout: "200\n", code: 0 });
  } finally {
    child.kill("SIGKILL");
  }
});
