import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { askMonitor, Monitor } from "../../../src/bench/environment/monitor.ts";
import { type ServerSample, sampleOf } from "../../../src/bench/environment/server-sample.ts";
import { leaderChanges } from "../../../src/bench/faults/leaders.ts";
import { MonitoringClient, monitoringPortOf } from "../../../src/nats/monitoring/client.ts";
import { freePort } from "../../../tools/nats-server/ports.ts";

/** Serves `answer` on a port until the end of `test`. */
async function withAnswers(answer: RequestListener, test: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    await test(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function ask(url: string, timeoutMs: number): Promise<unknown> {
  const client = new MonitoringClient(monitoringPortOf(url));
  try {
    return await askMonitor(client, "/varz", timeoutMs);
  } finally {
    client.close();
  }
}

describe("a monitoring port", () => {
  it.each([
    ["an error", ((_, response) => response.writeHead(500).end("no")) as RequestListener, "HTTP status 500"],
    ["no JSON", ((_, response) => response.end("<html>")) as RequestListener, "the reply is not JSON"],
    ["nothing", (() => {}) as RequestListener, "no reply within 100 ms"],
    [
      "too much",
      ((_, response) => response.end("x".repeat(2_000_000))) as RequestListener,
      "the reply is larger than 1000000 bytes",
    ],
    [
      "a redirect",
      ((_, response) =>
        response.writeHead(302, { location: "http://127.0.0.1:1/" }).end()) as RequestListener,
      "HTTP status 302 (redirects are not followed)",
    ],
  ])("fails if it answers with %s", async (_, answer, why) => {
    await withAnswers(answer, async (url) => {
      await expect(ask(url, why.includes("100 ms") ? 100 : 5000)).rejects.toThrow(
        `GET /varz from ${url} failed: ${why}`,
      );
    });
  });

  it("is asked with a user, below a base path, and its password is in no error", async () => {
    await withAnswers(
      (request, response) => response.end(JSON.stringify([request.url, request.headers.authorization])),
      async (url) => {
        const secret = `${url.replace("//", "//me:hun%20ter2@")}/nats`;
        const basic = `Basic ${Buffer.from("me:hun ter2").toString("base64")}`;
        expect(await ask(secret, 5000)).toEqual(["/nats/varz", basic]);
      },
    );
    const port = await freePort();
    await expect(ask(`http://me:hunter2@127.0.0.1:${port}`, 5000)).rejects.toThrow(
      `GET /varz from http://127.0.0.1:${port} failed: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
  });

  it("reports another program as a problem, without a sample", async () => {
    await withAnswers(
      (_, response) => response.end("{}"),
      async (url) => {
        const monitor = new Monitor({ urls: [url], streams: [] });
        await monitor.begin();
        await monitor.stop();
        expect(monitor.samples).toEqual([]);
        expect([...monitor.problems]).toEqual([[url, "not the monitoring port of a nats-server"]]);
      },
    );
  });

  it("is asked without its streams if they are too many", async () => {
    const asked: string[] = [];
    await withAnswers(
      (request, response) => {
        asked.push(request.url as string);
        const isLong = request.url?.includes("streams") ?? false;
        response.end(JSON.stringify({ server_id: "N", bytes: 7, more: isLong ? "x".repeat(2_000_000) : "" }));
      },
      async (url) => {
        const monitor = new Monitor({ urls: [url], streams: ["S"] });
        await monitor.begin();
        await monitor.ask();
        await monitor.stop();
        expect(asked).toEqual(["/varz", "/jsz?accounts=true&streams=true", "/varz", "/jsz"]);
        expect(monitor.samples.map(({ values }) => values)).toEqual([{}, { jetstream_bytes: 7 }]);
      },
    );
  });
});

describe("a sample", () => {
  const stream = (name: string, leader: string) => ({
    name,
    cluster: { leader },
    state: { messages: 2, bytes: 9 },
  });
  const jsz = { memory: 5, account_details: [{ stream_detail: [stream("S", "n1"), stream("T", "n2")] }] };

  it("has what the documents say, and of streams those asked for", () => {
    expect(sampleOf({ server_id: "N", server_name: "one", cpu: 3.5, mem: "much" }, jsz, ["S"], 7)).toEqual({
      atMs: 7,
      id: "N",
      name: "one",
      values: { cpu: 3.5, jetstream_memory: 5, stream_messages: 2, stream_bytes: 9 },
      leaders: { S: "n1" },
    });
  });

  it.each([undefined, null, [], {}, { server_id: 3 }])("is not made of %j", (varz) => {
    expect(sampleOf(varz, undefined, [], 0)).toBeUndefined();
  });
});

describe("leaders", () => {
  const sample = (atMs: number, id: string, leaders: Record<string, string>): ServerSample => ({
    atMs,
    id,
    name: id,
    values: {},
    leaders,
  });

  it("are reported once per change, however many servers report it", () => {
    const samples = [
      sample(0, "A", { S: "n1" }),
      sample(1, "B", { S: "n1" }),
      sample(1000, "A", { S: "n2" }),
      sample(1001, "B", {}),
      sample(2001, "B", { S: "n2" }),
    ];
    expect(leaderChanges(samples)).toEqual([{ atMs: 1000, stream: "S", from: "n1", to: "n2" }]);
  });

  it("are not reported without a change", () => {
    expect(leaderChanges([sample(0, "A", { S: "n1" }), sample(1, "A", { S: "n1", T: "n2" })])).toEqual([]);
  });
});
