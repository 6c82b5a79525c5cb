/** Requests to one monitoring port: each kind of failure, and its message. */
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import {
  CollectionFailure,
  type FailureReason,
} from "../../../../src/exporter/sources/monitoring-port/failure.ts";
import {
  MAX_UNCUT_BODY_BYTES,
  Monitor,
  type Request,
} from "../../../../src/exporter/sources/monitoring-port/monitor.ts";
import type { Target } from "../../../../src/exporter/sources/target.ts";
import { EndpointAbsent } from "../../../../src/nats/monitoring/errors.ts";
import { issue, issueAuthority } from "../../../http/certificates.ts";
import { type Answer, answerJson, type FakeServer, fakeServer } from "../../fake-server.ts";

const VARZ: Request = { path: "/varz" };
const MAX_BODY_BYTES = 1_000_000;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function fake(answer: Answer, tls?: Parameters<typeof fakeServer>[1]): Promise<FakeServer> {
  const server = await fakeServer(answer, tls);
  cleanups.push(() => server[Symbol.asyncDispose]());
  return server;
}

/** A port that does not use HTTP. */
async function rawServer(talk: (socket: Socket) => void): Promise<URL> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    talk(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

/** Sends these bytes for each request, and then closes the connection. */
function sends(bytes: string): Promise<URL> {
  return rawServer((socket) => socket.once("data", () => socket.end(bytes)));
}

function monitor(url: URL, more: Partial<Target> = {}): Monitor {
  const made = new Monitor({ name: "n1", url, ...more }, { maxBodyBytes: MAX_BODY_BYTES });
  cleanups.push(() => made.close());
  return made;
}

const patience = (): AbortSignal => AbortSignal.timeout(30_000);

async function failure(asking: Promise<unknown>, reason: FailureReason): Promise<string> {
  const error = await asking.then(
    () => new Error("it answered"),
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(CollectionFailure);
  const { reason: actual, message } = error as CollectionFailure;
  expect([actual, message]).toEqual([reason, expect.stringMatching(/^.+$/)]);
  return message;
}

describe("a request", () => {
  it("goes below the base path, with credentials in the header", async () => {
    const seen: (string | undefined)[] = [];
    const server = await fake((request, response) => {
      seen.push(request.url, request.headers.authorization);
      answerJson({ ok: true })(request, response);
    });
    const credentials = { user: "ana", password: "p\u00e4ss:word" };
    const { root } = await monitor(new URL("/nats/", server.url), { credentials }).ask(VARZ, patience());
    expect(root).toEqual({ ok: true });
    const basic = Buffer.from("ana:p\u00e4ss:word").toString("base64");
    expect(seen).toEqual(["/nats/varz", `Basic ${basic}`]);
  });

  it("uses the connection of the previous scrape", async () => {
    const server = await fake(answerJson({}));
    const asker = monitor(server.url);
    for (let i = 0; i < 5; i++) await asker.ask(VARZ, patience());
    expect(server.connections).toBe(1);
    expect(asker.requestsInFlight).toBe(0);
  });

  it("accepts other statuses if the endpoint uses them", async () => {
    const server = await fake((_, response) => response.writeHead(503).end('{"status":"unavailable"}'));
    const { root } = await monitor(server.url).ask({ path: "/healthz", statuses: [200, 503] }, patience());
    expect(root).toEqual({ status: "unavailable" });
  });
});

describe("a server without a reply", () => {
  it("is a connection failure with the address if the port is closed", async () => {
    const server = await fakeServer(() => {});
    await server[Symbol.asyncDispose]();
    const message = await failure(monitor(server.url).ask(VARZ, patience()), "connection");
    expect(message).toContain("ECONNREFUSED");
    expect(message).toContain(server.url.host);
  });

  it("is a connection failure with all addresses of its name", async () => {
    const server = await fakeServer(() => {});
    await server[Symbol.asyncDispose]();
    const url = new URL(server.url);
    url.hostname = "localhost";
    expect(await failure(monitor(url).ask(VARZ, patience()), "connection")).toContain("ECONNREFUSED");
  });

  it("is a connection failure with the name if the name does not exist", async () => {
    const message = await failure(
      monitor(new URL("http://unknown.invalid:8222")).ask(VARZ, patience()),
      "connection",
    );
    expect(message).toContain("unknown.invalid");
  });

  it.each<[string, Answer]>([
    ["sends nothing", () => {}],
    ["sends headers without a body", (_, response) => void response.writeHead(200).flushHeaders()],
    ["sends half a body", (_, response) => void response.write('{"a":')],
    ["sends one byte at a time", drip],
  ])("(it %s) is a failure with the reason of the deadline, and is disconnected", async (_, answer) => {
    const server = await fake(answer);
    const asker = monitor(server.url);
    const deadline = new AbortController();
    const asking = asker.ask(VARZ, deadline.signal);
    await expect.poll(() => server.open).toBe(1);
    deadline.abort(new DOMException("late", "TimeoutError"));
    await expect(asking).rejects.toBe(deadline.signal.reason);
    await expect.poll(() => [server.open, asker.requestsInFlight]).toEqual([0, 0]);
  });

  function drip(_: unknown, response: Parameters<Answer>[1]): void {
    response.write("[");
    const dripping = setInterval(() => response.write(" "), 5);
    response.on("close", () => clearInterval(dripping));
  }
});

describe("an incomplete reply", () => {
  it.each([
    ["a body shorter than its Content-Length", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}"],
    ["chunks without the last one", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"],
    ["a truncated chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{}"],
    ["truncated headers", "HTTP/1.1 200 OK\r\nContent-"],
    ["nothing", ""],
  ])("(%s) is a connection failure", async (_, bytes) => {
    await failure(monitor(await sends(bytes)).ask(VARZ, patience()), "connection");
  });

  it("is a failure even if it is valid JSON", async () => {
    const server = await fake((_, response) => {
      response.writeHead(200, { "content-length": 10 });
      response.write("{}", () => response.destroy());
    });
    await failure(monitor(server.url).ask(VARZ, patience()), "connection");
  });
});

describe("an invalid reply", () => {
  it.each([
    ["HTML", "<html><body>hello secret</body></html>"],
    ["truncated JSON", '{"server_id":"secret'],
    ["two values", '{"secret":1}{}'],
    ["nothing", ""],
    ["a byte order mark", '\ufeff{"secret":1}'],
    ["NaN", '{"secret":NaN}'],
  ])("(%s) is a body failure that does not show its text", async (_, body) => {
    const server = await fake((_, response) => void response.end(body));
    const message = await failure(monitor(server.url).ask(VARZ, patience()), "body");
    expect(message).toBe("GET /varz from n1 failed: the reply is not JSON");
    expect(message).not.toMatch(/secret|html/);
  });

  it.each([[["secret"]], ["secret"], [7], [null], [true]])(
    "(%j) is a body failure, since it is not an object",
    async (value) => {
      const server = await fake(answerJson(value));
      for (const request of [
        VARZ,
        { path: "/jsz", cut: ["secret"] },
        { path: "/raftz", mayBeAbsent: true },
      ]) {
        const message = await failure(monitor(server.url).ask(request, patience()), "body");
        expect(message).toBe(`GET ${request.path} from n1 failed: the reply is not a JSON object`);
      }
    },
  );

  it("(above the limit for replies without long arrays) is too large, also if the configured limit is higher", async () => {
    const server = await fake(answerJson({ a: "x".repeat(MAX_UNCUT_BODY_BYTES) }));
    const asker = new Monitor({ name: "n1", url: server.url }, { maxBodyBytes: 4 * MAX_UNCUT_BODY_BYTES });
    cleanups.push(() => asker.close());
    const message = await failure(asker.ask(VARZ, patience()), "too_large");
    expect(message).toContain(String(MAX_UNCUT_BODY_BYTES));
    const { root } = await asker.ask({ path: "/jsz", cut: ["stream_detail"] }, patience());
    expect(Object.keys(root as object)).toEqual(["a"]);
  });

  it("(another protocol) is a connection failure", async () => {
    const message = await failure(
      monitor(await sends("220 smtp secret ready\r\n")).ask(VARZ, patience()),
      "connection",
    );
    expect(message).not.toContain("secret");
  });

  it("(an upgrade) is a connection failure and does not block the endpoint", async () => {
    const bytes = "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    const asker = monitor(await sends(bytes));
    await failure(asker.ask(VARZ, patience()), "connection");
    await failure(asker.ask({ path: "/varz?again" }, patience()), "connection");
  });

  it("(a megabyte of headers) is a connection failure", async () => {
    const bytes = `HTTP/1.1 200 OK\r\nX-Long: ${"x".repeat(1_000_000)}\r\n\r\n{}`;
    await failure(monitor(await sends(bytes)).ask(VARZ, patience()), "connection");
  });

  it("(above the limit) is too large, and the rest is not read", async () => {
    let sent = 0;
    const server = await fake((_, response) => {
      const chunk = Buffer.alloc(64 * 1024, " ");
      const more = (): void => {
        while (!response.destroyed && sent < 200_000_000) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once("drain", more);
        }
      };
      more();
    });
    const asker = monitor(server.url);
    const message = await failure(asker.ask(VARZ, patience()), "too_large");
    expect(message).toContain(String(MAX_BODY_BYTES));
    await expect.poll(() => [server.open, asker.requestsInFlight]).toEqual([0, 0]);
    // The excess is in the buffers of the two sockets.
    expect(sent).toBeLessThan(50_000_000);
  });
});

describe("an HTTP status", () => {
  const answering = (
    status: number,
    headers: Record<string, string> = {},
    body = "secret",
  ): Promise<FakeServer> => fake((_, response) => void response.writeHead(status, headers).end(body));

  it.each([
    [400, ""],
    [401, "credentials"],
    [403, "credentials"],
    [500, ""],
    [204, ""],
    [304, ""],
  ])("%d is a failure that names it (%s)", async (status, hint) => {
    const { url } = await answering(status);
    const credentials = { user: "ana", password: "hunter2" };
    const message = await failure(monitor(url, { credentials }).ask(VARZ, patience()), "status");
    expect(message).toContain(String(status));
    expect(message).toContain(hint);
    expect(message).not.toMatch(/secret|ana\b|hunter2/);
  });

  it("404 means an absent endpoint if the request allows for that", async () => {
    const { url } = await answering(404);
    const asking = monitor(url).ask({ path: "/raftz", mayBeAbsent: true }, patience());
    await expect(asking).rejects.toBeInstanceOf(EndpointAbsent);
  });

  it("404 is a failure otherwise, with a hint at the base path", async () => {
    const { url } = await answering(404);
    expect(await failure(monitor(url).ask(VARZ, patience()), "status")).toBe(
      "GET /varz from n1 failed: HTTP status 404 (is the server's http_base_path part of the URL?)",
    );
  });

  it("for a redirect is a failure: redirects are not followed", async () => {
    const elsewhere = await fake(answerJson({}));
    const { url } = await answering(302, { location: new URL("/varz", elsewhere.url).href });
    expect(await failure(monitor(url).ask(VARZ, patience()), "status")).toContain("redirects");
    expect(elsewhere.asked).toEqual([]);
  });
});

describe("TLS", () => {
  const authority = issueAuthority("natscope test");
  const server = issue({
    name: "monitor",
    issuer: authority,
    purpose: "server",
    sans: [
      { kind: "dns", value: "monitor.test" },
      { kind: "ip", value: "127.0.0.1" },
    ],
  });
  const client = issue({ name: "natscope", issuer: authority, purpose: "client" });
  const ca = authority.certificate;
  const options = { cert: server.certificate, key: server.key };

  it("trusts the configured CA", async () => {
    const { url } = await fake(answerJson({ ok: true }), options);
    const { root } = await monitor(url, { tls: { ca } }).ask(VARZ, patience());
    expect(root).toEqual({ ok: true });
  });

  it("rejects a certificate of an unknown CA", async () => {
    const { url } = await fake(answerJson({}), options);
    await failure(monitor(url).ask(VARZ, patience()), "tls");
    await failure(
      monitor(url, { tls: { ca: issueAuthority("other").certificate } }).ask(VARZ, patience()),
      "tls",
    );
  });

  it("rejects an expired certificate", async () => {
    const sans = [{ kind: "ip", value: "127.0.0.1" }] as const;
    const old = issue({
      name: "old",
      issuer: authority,
      purpose: "server",
      sans,
      notAfter: new Date(Date.now() - 1000),
    });
    const { url } = await fake(answerJson({}), { cert: old.certificate, key: old.key });
    expect(await failure(monitor(url, { tls: { ca } }).ask(VARZ, patience()), "tls")).toContain("expired");
  });

  it("verifies the configured server name", async () => {
    const names: unknown[] = [];
    const { url } = await fake((request, response) => {
      names.push((request.socket as { servername?: string }).servername);
      answerJson({})(request, response);
    }, options);
    await monitor(url, { tls: { ca, serverName: "monitor.test" } }).ask(VARZ, patience());
    expect(names).toEqual(["monitor.test"]);
    const message = await failure(
      monitor(url, { tls: { ca, serverName: "other.test" } }).ask(VARZ, patience()),
      "tls",
    );
    expect(message).toContain("other.test");
  });

  it("sends the configured client certificate, without which the server refuses", async () => {
    const { url } = await fake(answerJson({ ok: true }), {
      ...options,
      ca,
      requestCert: true,
      rejectUnauthorized: true,
    });
    const tls = { ca, certificate: client.certificate, key: client.key };
    expect((await monitor(url, { tls }).ask(VARZ, patience())).root).toEqual({ ok: true });
    const refused = monitor(url, { tls: { ca } }).ask(VARZ, patience());
    await expect(refused).rejects.toBeInstanceOf(CollectionFailure);
    await expect(refused).rejects.toMatchObject({ reason: expect.stringMatching(/^(tls|connection)$/) });
  });

  it("fails with a malformed key without blocking the endpoint", async () => {
    const { url } = await fake(answerJson({}), options);
    const asker = monitor(url, { tls: { ca, certificate: client.certificate, key: "secret" } });
    for (const path of ["/varz", "/varz?again"]) {
      expect(await failure(asker.ask({ path }, patience()), "tls")).not.toContain("secret");
    }
    expect(asker.requestsInFlight).toBe(0);
  });

  it("is suggested if a plain request reaches a TLS port", async () => {
    const { url } = await fake(answerJson({}), options);
    const plain = new URL(url.href.replace("https:", "http:"));
    await failure(monitor(plain).ask(VARZ, patience()), "connection");
    // The reply of a Go server.
    const text = "Client sent an HTTP request to an HTTPS server.\n";
    const go = await sends(`HTTP/1.0 400 Bad Request\r\n\r\n${text}`);
    expect(await failure(monitor(go).ask(VARZ, patience()), "tls")).toContain("https://");
    const alert = await sends("\u0015\u0003\u0001\u0000\u0002\u0002\u0016");
    expect(await failure(monitor(alert).ask(VARZ, patience()), "tls")).toContain("https://");
  });

  it("fails with a hint at http:// if the port does not use TLS", async () => {
    const ports = [
      (await fake(answerJson({}))).url,
      await sends("HTTP/1.1 400 Bad Request\r\n\r\n"),
      await sends("220 smtp ready\r\n"),
      await sends('INFO {"server_id":"N"}\r\n'),
    ];
    for (const { href } of ports) {
      const secure = new URL(href.replace("http:", "https:"));
      expect(await failure(monitor(secure).ask(VARZ, patience()), "tls")).toBe(
        "GET /varz from n1 failed: the port does not use TLS: use http:// in its URL",
      );
    }
  });
});

describe("concurrent requests", () => {
  it("share a reply if they are equal, and wait for each other if they are for the same endpoint", async () => {
    const held: (() => void)[] = [];
    const server = await fake((request, response) =>
      held.push(() => answerJson({ url: request.url })(request, response)),
    );
    const asker = monitor(server.url);
    const paths = ["/connz", "/connz?offset=1", "/connz", "/varz", "/connz?offset=1"];
    const asking = Promise.all(paths.map((path) => asker.ask({ path }, patience())));
    await expect.poll(() => held.length).toBe(2);
    expect([...server.asked].sort()).toEqual(["/connz", "/varz"]);
    expect(asker.requestsInFlight).toBe(2);
    for (const answer of held) answer();
    await expect.poll(() => held.length).toBe(3);
    held[2]?.();
    expect((await asking).map(({ root }) => root)).toEqual(paths.map((url) => ({ url })));
    expect(server.asked).toHaveLength(3);
  });

  it("are not sent if they are given up while they wait", async () => {
    const held: (() => void)[] = [];
    const server = await fake((request, response) =>
      held.push(() => answerJson({ url: request.url })(request, response)),
    );
    const asker = monitor(server.url);
    const hasty = new AbortController();
    const first = asker.ask({ path: "/jsz?1" }, patience());
    const second = asker.ask({ path: "/jsz?2" }, hasty.signal);
    const third = asker.ask({ path: "/jsz?3" }, patience());
    hasty.abort(new Error("late"));
    await expect(second).rejects.toThrow("late");
    await expect.poll(() => held.length).toBe(1);
    held[0]?.();
    await expect.poll(() => held.length).toBe(2);
    held[1]?.();
    expect((await first).root).toEqual({ url: "/jsz?1" });
    expect((await third).root).toEqual({ url: "/jsz?3" });
    expect(server.asked).toEqual(["/jsz?1", "/jsz?3"]);
  });

  it("never overlap at an endpoint, for any mixture of endpoints, deadlines and faults", async () => {
    let turn = 0;
    const server = await fake((request, response) => {
      turn++;
      if (turn % 7 === 0) return void request.socket.destroy();
      if (turn % 5 === 0) return void response.writeHead(500).end();
      setTimeout(() => answerJson({})(request, response), turn % 4);
    });
    const asker = monitor(server.url);
    const settled = await Promise.allSettled(
      Array.from({ length: 400 }, async (_, i) => {
        await new Promise((resolve) => setTimeout(resolve, i / 4));
        const deadline = i % 3 === 0 ? AbortSignal.timeout(i % 11) : patience();
        return asker.ask({ path: `/${"abc"[i % 3]}?${i % 2}` }, deadline);
      }),
    );
    expect(settled.filter(({ status }) => status === "fulfilled").length).toBeGreaterThan(0);
    expect(server.overlaps).toBe(0);
    await expect.poll(() => asker.requestsInFlight).toBe(0);
  });
});

describe("a kept connection", () => {
  it("may be closed by the server between two scrapes", async () => {
    const server = await fake(answerJson({}));
    const asker = monitor(server.url);
    for (let i = 0; i < 20; i++) {
      await asker.ask(VARZ, patience());
      server.dropConnections();
    }
    expect(server.asked).toHaveLength(20);
  });

  it("may be closed by the server at its next use: the request is sent again over a new one", async () => {
    // Each connection has one reply and is reset at the second request.
    let connections = 0;
    const url = await rawServer((socket) => {
      connections++;
      let requests = 0;
      socket.on("data", () => {
        if (++requests === 1) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        else socket.resetAndDestroy();
      });
    });
    const asker = monitor(url);
    for (let i = 0; i < 5; i++) expect((await asker.ask(VARZ, patience())).root).toEqual({});
    expect(connections).toBe(5);
  });

  it("causes a failure if it breaks within a reply: the request is not sent again", async () => {
    let requests = 0;
    const url = await rawServer((socket) => {
      socket.on("data", () => {
        if (++requests === 1) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        else socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{");
      });
    });
    const asker = monitor(url);
    await asker.ask(VARZ, patience());
    await failure(asker.ask(VARZ, patience()), "connection");
    expect(requests).toBe(2);
  });

  it("is replaced only if it was used before: a reset of a new connection is a failure", async () => {
    let connections = 0;
    const url = await rawServer((socket) => {
      connections++;
      socket.on("data", () => socket.resetAndDestroy());
    });
    await failure(monitor(url).ask(VARZ, patience()), "connection");
    expect(connections).toBe(1);
  });
});
