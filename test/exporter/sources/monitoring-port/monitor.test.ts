/** Asking one monitoring port: every way an answer can fail to come, and what is said then. */
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

/** A port that speaks no HTTP of its own accord. */
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

/** Says these bytes to every request, and then ends the connection. */
function says(bytes: string): Promise<URL> {
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

describe("a server that answers", () => {
  it("is asked below its base path, with credentials that appear in no URL", async () => {
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

  it("keeps its connection from one scrape to the next", async () => {
    const server = await fake(answerJson({}));
    const asker = monitor(server.url);
    for (let i = 0; i < 5; i++) await asker.ask(VARZ, patience());
    expect(server.connections).toBe(1);
    expect(asker.requestsInFlight).toBe(0);
  });

  it("may answer with other statuses where the endpoint does", async () => {
    const server = await fake((_, response) => response.writeHead(503).end('{"status":"unavailable"}'));
    const { root } = await monitor(server.url).ask({ path: "/healthz", statuses: [200, 503] }, patience());
    expect(root).toEqual({ status: "unavailable" });
  });
});

describe("a server that does not answer", () => {
  it("because nobody listens: connection, with the address", async () => {
    const server = await fakeServer(() => {});
    await server[Symbol.asyncDispose]();
    const message = await failure(monitor(server.url).ask(VARZ, patience()), "connection");
    expect(message).toContain("ECONNREFUSED");
    expect(message).toContain(server.url.host);
  });

  it("at any address of its name: connection, with each", async () => {
    const server = await fakeServer(() => {});
    await server[Symbol.asyncDispose]();
    const url = new URL(server.url);
    url.hostname = "localhost";
    expect(await failure(monitor(url).ask(VARZ, patience()), "connection")).toContain("ECONNREFUSED");
  });

  it("because its name is nobody's: connection, with the name", async () => {
    const message = await failure(
      monitor(new URL("http://nobody.invalid:8222")).ask(VARZ, patience()),
      "connection",
    );
    expect(message).toContain("nobody.invalid");
  });

  it.each<[string, Answer]>([
    ["accepts and is silent", () => {}],
    ["sends a head and no body", (_, response) => void response.writeHead(200).flushHeaders()],
    ["sends half a body", (_, response) => void response.write('{"a":')],
    ["drips", drip],
  ])(
    "in time, because it %s: the deadline's own reason, and the connection is given up",
    async (_, answer) => {
      const server = await fake(answer);
      const asker = monitor(server.url);
      const deadline = new AbortController();
      const asking = asker.ask(VARZ, deadline.signal);
      await expect.poll(() => server.open).toBe(1);
      deadline.abort(new DOMException("late", "TimeoutError"));
      await expect(asking).rejects.toBe(deadline.signal.reason);
      await expect.poll(() => [server.open, asker.requestsInFlight]).toEqual([0, 0]);
    },
  );

  function drip(_: unknown, response: Parameters<Answer>[1]): void {
    response.write("[");
    const dripping = setInterval(() => response.write(" "), 5);
    response.on("close", () => clearInterval(dripping));
  }
});

describe("half an answer", () => {
  it.each([
    ["a body shorter than its Content-Length", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}"],
    ["chunks without a last one", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"],
    ["a chunk cut off", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{}"],
    ["half a head", "HTTP/1.1 200 OK\r\nContent-"],
    ["nothing", ""],
  ])("(%s) is a failed connection, never a shorter document", async (_, bytes) => {
    await failure(monitor(await says(bytes)).ask(VARZ, patience()), "connection");
  });

  it("that is JSON by accident is still none", async () => {
    const server = await fake((_, response) => {
      response.writeHead(200, { "content-length": 10 });
      response.write("{}", () => response.destroy());
    });
    await failure(monitor(server.url).ask(VARZ, patience()), "connection");
  });
});

describe("an answer that is not one", () => {
  it.each([
    ["HTML", "<html><body>hello secret</body></html>"],
    ["truncated JSON", '{"server_id":"secret'],
    ["two values", '{"secret":1}{}'],
    ["nothing", ""],
    ["a byte order mark", '\ufeff{"secret":1}'],
    ["NaN", '{"secret":NaN}'],
  ])("(%s) is a bad body, and its text stays unsaid", async (_, body) => {
    const server = await fake((_, response) => void response.end(body));
    const message = await failure(monitor(server.url).ask(VARZ, patience()), "body");
    expect(message).toBe("GET /varz from n1 failed: the reply is not JSON");
    expect(message).not.toMatch(/secret|html/);
  });

  it.each([[["secret"]], ["secret"], [7], [null], [true]])("(%j) is JSON, but no object", async (value) => {
    const server = await fake(answerJson(value));
    for (const request of [VARZ, { path: "/jsz", cut: ["secret"] }, { path: "/raftz", mayBeAbsent: true }]) {
      const message = await failure(monitor(server.url).ask(request, patience()), "body");
      expect(message).toBe(`GET ${request.path} from n1 failed: the reply is not a JSON object`);
    }
  });

  it("(more than a reply without long arrays can be) is too large, under a larger limit too", async () => {
    const server = await fake(answerJson({ a: "x".repeat(MAX_UNCUT_BODY_BYTES) }));
    const asker = new Monitor({ name: "n1", url: server.url }, { maxBodyBytes: 4 * MAX_UNCUT_BODY_BYTES });
    cleanups.push(() => asker.close());
    const message = await failure(asker.ask(VARZ, patience()), "too_large");
    expect(message).toContain(String(MAX_UNCUT_BODY_BYTES));
    const { root } = await asker.ask({ path: "/jsz", cut: ["stream_detail"] }, patience());
    expect(Object.keys(root as object)).toEqual(["a"]);
  });

  it("(what is no HTTP) is a failed connection", async () => {
    const message = await failure(
      monitor(await says("220 smtp secret ready\r\n")).ask(VARZ, patience()),
      "connection",
    );
    expect(message).not.toContain("secret");
  });

  it("(another protocol by upgrade) is a failed connection, and does not block the endpoint", async () => {
    const bytes = "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    const asker = monitor(await says(bytes));
    await failure(asker.ask(VARZ, patience()), "connection");
    await failure(asker.ask({ path: "/varz?again" }, patience()), "connection");
  });

  it("(a head of a megabyte) is a failed connection", async () => {
    const bytes = `HTTP/1.1 200 OK\r\nX-Long: ${"x".repeat(1_000_000)}\r\n\r\n{}`;
    await failure(monitor(await says(bytes)).ask(VARZ, patience()), "connection");
  });

  it("(more than the limit) is too large: the rest is not read", async () => {
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
    // What is beyond the limit are the buffers of two sockets.
    expect(sent).toBeLessThan(50_000_000);
  });
});

describe("a status", () => {
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
  ])("of %d is a failure that names it (%s)", async (status, hint) => {
    const { url } = await answering(status);
    const credentials = { user: "ana", password: "hunter2" };
    const message = await failure(monitor(url, { credentials }).ask(VARZ, patience()), "status");
    expect(message).toContain(String(status));
    expect(message).toContain(hint);
    expect(message).not.toMatch(/secret|ana\b|hunter2/);
  });

  it("of 404 is an endpoint that this server has not, where that may be", async () => {
    const { url } = await answering(404);
    const asking = monitor(url).ask({ path: "/raftz", mayBeAbsent: true }, patience());
    await expect(asking).rejects.toBeInstanceOf(EndpointAbsent);
  });

  it("of 404 is a failure of everything else, which asks about the base path", async () => {
    const { url } = await answering(404);
    expect(await failure(monitor(url).ask(VARZ, patience()), "status")).toBe(
      "GET /varz from n1 failed: HTTP status 404 (is the server's http_base_path part of the URL?)",
    );
  });

  it("of a redirect is not followed", async () => {
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

  it("with the authority given is trusted", async () => {
    const { url } = await fake(answerJson({ ok: true }), options);
    const { root } = await monitor(url, { tls: { ca } }).ask(VARZ, patience());
    expect(root).toEqual({ ok: true });
  });

  it("of an unknown authority is refused", async () => {
    const { url } = await fake(answerJson({}), options);
    await failure(monitor(url).ask(VARZ, patience()), "tls");
    await failure(
      monitor(url, { tls: { ca: issueAuthority("other").certificate } }).ask(VARZ, patience()),
      "tls",
    );
  });

  it("of an expired certificate is refused", async () => {
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

  it("is verified against the server name where one is given", async () => {
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

  it("that wants a client certificate gets the one given, and refuses without", async () => {
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

  it("with a key that is none fails without asking, and the endpoint is not blocked", async () => {
    const { url } = await fake(answerJson({}), options);
    const asker = monitor(url, { tls: { ca, certificate: client.certificate, key: "secret" } });
    for (const path of ["/varz", "/varz?again"]) {
      expect(await failure(asker.ask({ path }, patience()), "tls")).not.toContain("secret");
    }
    expect(asker.requestsInFlight).toBe(0);
  });

  it("asked in plain is said to be TLS", async () => {
    const { url } = await fake(answerJson({}), options);
    const plain = new URL(url.href.replace("https:", "http:"));
    await failure(monitor(plain).ask(VARZ, patience()), "connection");
    // What a Go server says to the same.
    const text = "Client sent an HTTP request to an HTTPS server.\n";
    const go = await says(`HTTP/1.0 400 Bad Request\r\n\r\n${text}`);
    expect(await failure(monitor(go).ask(VARZ, patience()), "tls")).toContain("https://");
    const alert = await says("\u0015\u0003\u0001\u0000\u0002\u0002\u0016");
    expect(await failure(monitor(alert).ask(VARZ, patience()), "tls")).toContain("https://");
  });

  it("of a port that does not speak it is said to be that, whatever it speaks", async () => {
    const ports = [
      (await fake(answerJson({}))).url,
      await says("HTTP/1.1 400 Bad Request\r\n\r\n"),
      await says("220 smtp ready\r\n"),
      await says('INFO {"server_id":"N"}\r\n'),
    ];
    for (const { href } of ports) {
      const secure = new URL(href.replace("http:", "https:"));
      expect(await failure(monitor(secure).ask(VARZ, patience()), "tls")).toBe(
        "GET /varz from n1 failed: the port does not use TLS: use http:// in its URL",
      );
    }
  });
});

describe("one request at a time", () => {
  it("callers who want the same reply share one request, others of the endpoint wait for it", async () => {
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

  it("one who gives up in the queue is not asked for, and the next has its turn", async () => {
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

  it("holds under any mixture of endpoints, patience and faults", async () => {
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
  it("that the server closed between two scrapes is no failure", async () => {
    const server = await fake(answerJson({}));
    const asker = monitor(server.url);
    for (let i = 0; i < 20; i++) {
      await asker.ask(VARZ, patience());
      server.dropConnections();
    }
    expect(server.asked).toHaveLength(20);
  });

  it("that the server closes in the moment of its next use is no failure: it is asked over a new one", async () => {
    // Each connection answers once, and is reset by the second request.
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

  it("that fails in the middle of an answer is a failure: it is not asked twice", async () => {
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

  it("a new connection that is reset is a failure: it is not asked twice", async () => {
    let connections = 0;
    const url = await rawServer((socket) => {
      connections++;
      socket.on("data", () => socket.resetAndDestroy());
    });
    await failure(monitor(url).ask(VARZ, patience()), "connection");
    expect(connections).toBe(1);
  });
});
