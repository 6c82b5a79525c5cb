import http from "node:http";
import { connect, createServer, type Socket } from "node:net";
import { gunzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Target } from "../../../src/exporter/sources/target.ts";
import { family, Samples } from "../../../src/metrics/family.ts";
import { until } from "../../rig/until.ts";
import { ask, type Monitoring, startFixture, startMonitoring } from "./fixture.ts";

function targetOf(name: string, { url }: Monitoring): Target {
  return { name, url };
}

/** A port without a listener. */
async function deadUrl(): Promise<URL> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return new URL(`http://127.0.0.1:${port}`);
}

/** A family of `count` series: several megabytes of text for tens of thousands. */
function large(count: number): () => ReturnType<typeof family>[] {
  return () => [
    family({ name: "large", type: "gauge", help: "Large." }, (samples) => {
      for (let i = 0; i < count; i++) samples.add(`item="${i}",tableSamples="${"x".repeat(80)}"`, i);
    }),
  ];
}

/** The raw bytes received on a connection. */
function rawConnection(address: string): { socket: Socket; received: () => string } {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  let text = "";
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    text += chunk;
  });
  socket.on("error", () => {});
  return { socket, received: () => text };
}

describe("GET /metrics", () => {
  it("exposes every target, natscope itself, and the additional families", async () => {
    const [one, two] = [await startMonitoring(), await startMonitoring()];
    const { exporter } = await startFixture([targetOf("n1", one), targetOf("n2", two)], {
      extraFamilies: () => [
        family({ name: "extra", type: "gauge", help: "E." }, (samples) => samples.add("", 1)),
      ],
    });
    await ask(exporter, "/livez");
    const { status, headers, text } = await ask(exporter, "/metrics");
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(headers.vary).toBe("Accept, Accept-Encoding");
    expect(headers["content-encoding"]).toBeUndefined();
    expect(text).toContain('nats_up{server="n1"} 1\nnats_up{server="n2"} 1\n');
    expect(text).toContain('nats_server_connections{server="n2"} 3\n');
    expect(text).toContain('nats_jetstream_streams{server="n1"} 5\n');
    expect(text).toContain('natscope_http_requests_total{handler="livez",code="200"} 1\n');
    expect(text).toContain('natscope_http_connections_refused_total{reason="tls"} 0\n');
    expect(text).toContain("natscope_web_config_reload_failures_total 0\n");
    expect(text).toContain("natscope_web_config_last_reload_successful 1\n");
    expect(text).toContain("extra 1\n");
  });

  it("answers with gzipped OpenMetrics if the client accepts it", async () => {
    const { exporter } = await startFixture([targetOf("n1", await startMonitoring())]);
    const { headers, body } = await ask(exporter, "/metrics", {
      headers: { accept: "application/openmetrics-text;version=1.0.0", "accept-encoding": "gzip" },
    });
    expect(headers["content-type"]).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
    expect(headers["content-encoding"]).toBe("gzip");
    const text = gunzipSync(body).toString();
    expect(text).toContain('nats_up{server="n1"} 1\n');
    expect(text.endsWith("# EOF\n")).toBe(true);
  });

  it("answers HEAD with the headers of GET, without a body and without scraping", async () => {
    const monitoring = await startMonitoring();
    const { exporter } = await startFixture([targetOf("n1", monitoring)]);
    const { status, headers, body } = await ask(exporter, "/metrics", {
      method: "HEAD",
      headers: { "accept-encoding": "gzip" },
    });
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(headers["content-encoding"]).toBe("gzip");
    expect(body).toHaveLength(0);
    expect(monitoring.asked).toEqual({});
  });

  it.each(["/metrics?collect[]=varz", "/metrics?collect=varz", "/metrics?collect%5B%5D=varz&collect[]=varz"])(
    "runs only the collectors in %s",
    async (path) => {
      const { exporter } = await startFixture([targetOf("n1", await startMonitoring())]);
      const { text } = await ask(exporter, path);
      expect(text).toContain("nats_server_connections{");
      expect(text).not.toContain("nats_jetstream_streams");
    },
  );

  it("rejects an unknown collector and one that is not configured, and lists the configured ones", async () => {
    const { exporter } = await startFixture([targetOf("n1", await startMonitoring())]);
    const unknown = await ask(exporter, "/metrics?collect[]=jsz&collect[]=varzz");
    expect(unknown.status).toBe(400);
    expect(unknown.text).toBe(
      'collect="varzz": not a configured collector; did you mean varz? (configured: varz, jsz)\n',
    );
    expect((await ask(exporter, "/metrics?collect[]=connz")).status).toBe(400);
    expect((await ask(exporter, "/metrics?collect[]=")).status).toBe(400);
  });

  it("answers 200 with nats_up 0 if no server answers", async () => {
    const { exporter } = await startFixture([{ name: "gone", url: await deadUrl() }]);
    const { status, text } = await ask(exporter, "/metrics");
    expect(status).toBe(200);
    expect(text).toContain('nats_up{server="gone"} 0\n');
  });

  it("gives up on a silent server at the deadline and serves the others", async () => {
    const [silent, lively] = [await startMonitoring(), await startMonitoring()];
    silent.hold();
    const { exporter } = await startFixture([targetOf("silent", silent), targetOf("lively", lively)], {
      // Far longer than the test: only the header can end the scrape.
      defaultTimeoutMs: 500_000,
    });
    const { status, text } = await ask(exporter, "/metrics", {
      headers: { "x-prometheus-scrape-timeout-seconds": "0.9" },
    });
    expect(status).toBe(200);
    expect(text).toContain('nats_up{server="silent"} 0\n');
    expect(text).toContain('nats_up{server="lively"} 1\n');
    expect(text).toContain(
      'natscope_collector_failures_total{server="silent",collector="varz",reason="timeout"} 1',
    );
  });

  const none = (): never[] => [];
  it.each<[string, () => never]>([
    [
      "throws",
      () => {
        throw new Error("a bug");
      },
    ],
    ["rejects", (() => Promise.reject(new Error("a bug"))) as () => never],
    ["never answers", (() => new Promise(none)) as () => never],
    ["returns undefined", (() => undefined) as () => never],
    ["returns no families", (() => [{ metric: null }, "x", null]) as () => never],
    [
      "returns invalid samples",
      (() => [{ metric: { name: "a", type: "gauge", help: "" }, columns: [{}] }]) as () => never,
    ],
  ])("serves everything else if extraFamilies %s", async (_, extraFamilies) => {
    const { exporter, log } = await startFixture([targetOf("n1", await startMonitoring())], {
      extraFamilies,
    });
    const { status, text } = await ask(exporter, "/metrics", {
      headers: { "x-prometheus-scrape-timeout-seconds": "1" },
    });
    expect(status).toBe(200);
    expect(text).toContain('nats_up{server="n1"} 1\n');
    expect(log.filter(({ level }) => level === "error")).toHaveLength(1);
  });

  it("sends a large exposition completely, plain and gzipped", async () => {
    const count = 30_000;
    const { exporter } = await startFixture([], { extraFamilies: large(count) });
    const plain = await ask(exporter, "/metrics");
    const zipped = await ask(exporter, "/metrics", { headers: { "accept-encoding": "gzip" } });
    for (const text of [plain.text, gunzipSync(zipped.body).toString()]) {
      expect(text.match(/^large\{/gm)).toHaveLength(count);
    }
  });

  it("serves metrics at the configured path", async () => {
    const { exporter } = await startFixture([], { metricsPath: "/nats" });
    expect((await ask(exporter, "/nats")).status).toBe(200);
    expect((await ask(exporter, "/metrics")).status).toBe(404);
    const atRoot = await startFixture([], { metricsPath: "/" });
    expect((await ask(atRoot.exporter, "/")).text).toContain("natscope_scrapes_in_flight 1");
  });
});

describe("concurrent scrapes", () => {
  it("share one fetch and never request an endpoint twice at the same time", async () => {
    const monitoring = await startMonitoring();
    monitoring.hold();
    const { exporter } = await startFixture([targetOf("n1", monitoring)]);
    const scrapes = ["/metrics", "/metrics", "/probe?target=n1", "/metrics?collect[]=jsz"].map((path) =>
      ask(exporter, path),
    );
    // Each scrape counts itself when it begins, so the fourth is in progress when this holds.
    await until("all scrapes to be in progress", async () => {
      const { text } = await ask(exporter, "/metrics?collect[]=varz", {
        headers: { "x-prometheus-scrape-timeout-seconds": "0.1" },
      });
      return text.includes("natscope_scrapes_in_flight 5\n") || undefined;
    });
    monitoring.release();
    for (const { status, text } of await Promise.all(scrapes)) {
      expect(status).toBe(200);
      expect(text).toContain('nats_up{server="n1"} 1\n');
    }
    expect(monitoring.asked).toEqual({ "/varz": 1, "/jsz": 1 });
    expect(monitoring.maxConcurrent).toBe(1);
  });
});

describe("a client that disconnects", () => {
  it("during the body stops the rendering and is counted with status 499", async () => {
    const samples = new Samples();
    const { labels } = samples;
    const rendered: number[] = [];
    // 1.6 GB of text if all of it were rendered.
    Object.defineProperty(samples, "values", { value: { length: 20_000_000 } });
    Object.defineProperty(samples, "labels", {
      value: new Proxy(labels, {
        get(_, index) {
          rendered.push(Number(index));
          return `tableSamples="${"x".repeat(70)}"`;
        },
      }),
    });
    const { exporter, log } = await startFixture([], {
      extraFamilies: () => [{ metric: { name: "endless", type: "gauge", help: "E." }, columns: [samples] }],
    });
    const { socket, received } = rawConnection(exporter.address);
    socket.write("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
    await until("the body to begin", () => received().includes("endless{") || undefined);
    socket.destroy();
    const { text } = await until("the request to be counted", async () => {
      const counted = await ask(exporter, "/livez").then(() => countRequests());
      return counted.includes('code="499"') ? { text: counted } : undefined;
    });
    expect(text).toContain('natscope_http_requests_total{handler="metrics",code="499"} 1');
    await until("the rendering to stop", async () => {
      const before = rendered.length;
      for (let turn = 0; turn < 5; turn++) await ask(exporter, "/livez");
      return rendered.length === before || undefined;
    });
    expect(rendered.length).toBeLessThan(20_000_000);
    expect(log.filter(({ level }) => level === "error")).toEqual([]);

    async function countRequests(): Promise<string> {
      const connection = rawConnection(exporter.address);
      connection.socket.write("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
      const counted = await until("the counters", () => {
        const text = connection.received();
        return text.includes("natscope_web_config") ? text : undefined;
      });
      connection.socket.destroy();
      return counted;
    }
  });

  it("before the response leaves shared fetches to the other clients", async () => {
    const monitoring = await startMonitoring();
    monitoring.hold();
    const { exporter } = await startFixture([targetOf("n1", monitoring)]);
    const { socket } = rawConnection(exporter.address);
    socket.write("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
    await until("the fetch", () => monitoring.asked["/varz"]);
    const stays = ask(exporter, "/metrics");
    socket.destroy();
    await until("the disconnect to be counted", async () => {
      const { text } = await ask(exporter, "/metrics?collect[]=varz", {
        headers: { "x-prometheus-scrape-timeout-seconds": "0.1" },
      });
      return text.includes('code="499"') || undefined;
    });
    monitoring.release();
    expect((await stays).text).toContain('nats_up{server="n1"} 1\n');
    expect(monitoring.asked).toEqual({ "/varz": 1, "/jsz": 1 });
  });
});

describe("GET /probe", () => {
  it("scrapes one configured server, by name or URL", async () => {
    const [one, two] = [await startMonitoring(), await startMonitoring()];
    const { exporter } = await startFixture([targetOf("n1", one), targetOf("n2", two)]);
    for (const target of ["n2", two.url.href, two.url.href.replace(/\/$/, "")]) {
      const { status, text } = await ask(exporter, `/probe?target=${encodeURIComponent(target)}`);
      expect(status).toBe(200);
      expect(text).toContain('nats_up{server="n2"} 1\n');
      expect(text).not.toContain('server="n1"');
    }
    expect(one.asked).toEqual({});
    const { text } = await ask(exporter, "/probe?target=n1&collect[]=varz");
    expect(text).toContain('nats_server_connections{server="n1"}');
    expect(text).not.toContain("nats_jetstream_streams");
  });

  it("contacts no server that is not configured", async () => {
    const [watched, other] = [await startMonitoring(), await startMonitoring()];
    const { exporter } = await startFixture([targetOf("n1", watched)]);
    for (const target of [
      other.url.href,
      `${watched.url.href}varz`,
      `http://user@${watched.url.host}`,
      watched.url.href.replace("http:", "https:"),
      "http://169.254.169.254/latest/meta-data/",
      "file:///etc/passwd",
      "N1",
      "",
    ]) {
      const { status, text } = await ask(exporter, `/probe?target=${encodeURIComponent(target)}`);
      expect([target, status]).toEqual([target, 403]);
      expect(text).toContain("is not configured: expected the name or URL of a configured server: n1");
    }
    expect(other.asked).toEqual({});
    expect(watched.asked).toEqual({});
  });

  it("requires exactly one target", async () => {
    const { exporter } = await startFixture([targetOf("n1", await startMonitoring())]);
    const missing = await ask(exporter, "/probe");
    expect([missing.status, missing.text]).toEqual([
      400,
      "target is missing: expected the name or URL of a configured server: n1\n",
    ]);
    expect((await ask(exporter, "/probe?target=n1&target=n1")).status).toBe(400);
  });
});

describe("other paths", () => {
  it("report live and ready while NATS is down", async () => {
    const { exporter } = await startFixture([{ name: "gone", url: await deadUrl() }]);
    for (const path of ["/livez", "/readyz"]) {
      const { status, text } = await ask(exporter, path);
      expect([path, status, text]).toEqual([path, 200, "ok\n"]);
    }
  });

  it("answer 404 for unknown paths and 405 for other methods", async () => {
    const { exporter } = await startFixture([]);
    for (const path of ["/nothing", "/metrics/", "//metrics", "/../metrics", "/%2e"]) {
      expect([path, (await ask(exporter, path)).status]).toEqual([path, 404]);
    }
    for (const path of ["/metrics", "/probe", "/livez", "/readyz", "/"]) {
      for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"]) {
        const { status, headers } = await ask(exporter, path, { method });
        expect([path, method, status, headers.allow]).toEqual([path, method, 405, "GET, HEAD"]);
      }
    }
  });

  it("read no request body and close the connection after the response", async () => {
    const { exporter } = await startFixture([]);
    const { socket, received } = rawConnection(exporter.address);
    socket.write(
      "POST /metrics HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1000000000\r\n\r\n",
    );
    await new Promise((resolve) => socket.on("close", resolve));
    expect(received()).toMatch(/^HTTP\/1\.1 405 /);
    expect(received()).not.toContain("100 Continue");
    expect(received()).toMatch(/connection: close/i);
  });

  it("serve a landing page that escapes its content and loads nothing", async () => {
    const url = new URL("http://admin:s3cret@127.0.0.1:1/");
    const { exporter } = await startFixture([{ name: `<script>alert("n1")</script>`, url }]);
    const { status, headers, text } = await ask(exporter, "/");
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["content-security-policy"]).toMatch(/^default-src 'none'; style-src 'sha256-[^']+';/);
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(text).not.toContain("<script");
    expect(text).not.toContain("s3cret");
    expect(text).toContain("&lt;script&gt;");
    expect(text).toContain('href="/metrics"');
    expect(text).toContain("color-scheme: light dark");
  });
});

describe("a port", () => {
  it("in use fails the start with an error that names it", async () => {
    const { exporter } = await startFixture([]);
    const port = Number(new URL(exporter.address).port);
    await expect(startFixture([], { listen: [{ host: "127.0.0.1", port }] })).rejects.toMatchObject({
      message: `cannot listen on 127.0.0.1:${port}: the port is in use`,
      code: "EADDRINUSE",
    });
  });

  it("on an address of another machine fails the start with an error that names the address", async () => {
    await expect(startFixture([], { listen: [{ host: "192.0.2.1", port: 0 }] })).rejects.toThrow(
      "cannot listen on 192.0.2.1:0: the address does not belong to this machine",
    );
  });

  it("rejects oversized headers and invalid requests, and keeps serving", async () => {
    const { exporter } = await startFixture([]);
    expect((await ask(exporter, "/livez", { headers: { "x-large": "x".repeat(40_000) } })).status).toBe(431);
    const { socket, received } = rawConnection(exporter.address);
    socket.write("this is not HTTP\r\n\r\n");
    await new Promise((resolve) => socket.on("close", resolve));
    expect(received()).toMatch(/^HTTP\/1\.1 400 /);
    expect((await ask(exporter, "/livez")).status).toBe(200);
  });
});

describe("the connection handling", () => {
  it.each([
    ["sends nothing", ""],
    ["never ends its headers", "GET /metrics HTTP/1.1\r\nHost: a\r\n"],
    [
      "sends only part of a second request",
      "GET /livez HTTP/1.1\r\nHost: a\r\n\r\nGET /livez HTTP/1.1\r\nHo",
    ],
  ])("closes a connection that %s", async (_, text) => {
    const { exporter } = await startFixture([], { limits: { maxConnections: 10, requestTimeoutMs: 100 } });
    const { socket, received } = rawConnection(exporter.address);
    socket.write(text);
    await new Promise((resolve) => socket.on("close", resolve));
    expect(received()).toContain("HTTP/1.1 408 Request Timeout\r\n");
  });

  it("drops connections beyond the limit and counts them", async () => {
    const { exporter } = await startFixture([], { limits: { maxConnections: 1, requestTimeoutMs: 60_000 } });
    const { socket, received } = rawConnection(exporter.address);
    socket.write("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n");
    await until("the answer", () => received().includes("ok\n") || undefined);
    await expect(ask(exporter, "/livez")).rejects.toThrow();
    socket.write("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
    await until("the count", () => received().includes('refused_total{reason="limit"} 1\n') || undefined);
  });
});

describe("ExporterServer.close", () => {
  it("finishes the scrape in progress, rejects new ones, then resolves", async () => {
    const monitoring = await startMonitoring();
    monitoring.hold();
    const { exporter } = await startFixture([targetOf("n1", monitoring)]);
    const agent = new http.Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    await ask(exporter, "/livez", { agent });
    const scrape = ask(exporter, "/metrics");
    await until("the fetch", () => monitoring.asked["/varz"]);
    let isClosed = false;
    const closed = exporter.close().then(() => {
      isClosed = true;
    });
    for (const path of ["/readyz", "/metrics", "/probe?target=n1"]) {
      const { status, headers, text } = await ask(exporter, path);
      expect([path, status, headers.connection, text]).toEqual([path, 503, "close", "shutting down\n"]);
    }
    expect((await ask(exporter, "/livez")).status).toBe(200);
    const silent = rawConnection(exporter.address);
    await new Promise((resolve) => silent.socket.on("connect", resolve));
    expect(monitoring.asked["/varz"]).toBe(1);
    expect(isClosed).toBe(false);
    monitoring.release();
    const { status, headers, text } = await scrape;
    expect([status, headers.connection]).toEqual([200, "close"]);
    expect(text).toContain('nats_up{server="n1"} 1\n');
    await closed;
    await until("the end of the silent connection", () => silent.socket.destroyed || undefined);
    await expect(ask(exporter, "/readyz")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("answers 503 to /readyz on a connection that is still busy", async () => {
    const { exporter } = await startFixture([], { extraFamilies: large(400_000) });
    const { socket, received } = rawConnection(exporter.address);
    socket.write("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
    await until("the body to begin", () => received().includes("large{") || undefined);
    socket.pause();
    const closed = exporter.close();
    socket.write("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\nGET /livez HTTP/1.1\r\nHost: a\r\n\r\n");
    socket.resume();
    await closed;
    await until("the end of the connection", () => socket.destroyed || undefined);
    expect(received().match(/^large\{/gm)).toHaveLength(400_000);
    expect(received()).toMatch(/\r\n0\r\n\r\nHTTP\/1\.1 503 Service Unavailable[\s\S]*shutting down\n/);
  });

  it("does not wait for silent or idle connections", async () => {
    const { exporter } = await startFixture([]);
    const silent = rawConnection(exporter.address);
    const half = rawConnection(exporter.address);
    half.socket.write("GET /metrics HTTP/1.1\r\nHo");
    const idle = rawConnection(exporter.address);
    idle.socket.write("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n");
    await until("the answer", () => idle.received().includes("ok\n") || undefined);
    await Promise.all([exporter.close(), exporter.close()]);
    for (const { socket } of [silent, half, idle]) {
      await until("the end of the connection", () => socket.destroyed || undefined);
    }
    await expect(ask(exporter, "/readyz")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});
