/** Conformance of connections and core NATS: delivery, headers, replies, failures by type, permissions. */
import { once } from "node:events";
import { createServer } from "node:net";
import { connect, nkeys } from "nats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Message, Reach } from "../../../../src/bench/driver/driver.ts";
import { freePort } from "../../../../tools/nats-server/ports.ts";
import { type RunningNatsServer, runNatsServer } from "../../../../tools/nats-server/run.ts";
import { until } from "../../../rig/until.ts";
import { bytes, type ConformanceContext, linkErrorOf, linkOpener, openPlain, text } from "./links.ts";

/** Suites about connections and core NATS. */
export function coreConformance({ driver, version }: ConformanceContext): void {
  const openLink = linkOpener(driver);

  describe("a link", () => {
    let server: RunningNatsServer;
    beforeAll(async () => {
      server = await runNatsServer({ version, name: "alone" });
    });
    afterAll(() => server?.[Symbol.asyncDispose]());

    it("reports facts about its server", async () => {
      await using opened = await openLink(server.clientUrl);
      const { clientId, id, ...facts } = opened.link.server;
      expect(facts).toEqual({
        name: "alone",
        version,
        host: new URL(server.clientUrl).host,
        jetstream: true,
        headers: true,
        maxPayload: 1_048_576,
        tls: false,
      });
      expect(clientId).toBeGreaterThan(0);
      expect(id).toMatch(/^N[A-Z0-9]{55}$/);
      expect(opened.link.isUp).toBe(true);
    });

    it("is named natscope-bench in the server's monitoring unless the user sets a name", async () => {
      await using _ours = await openLink(server.clientUrl);
      await using _theirs = await openLink(server.clientUrl, { name: "orders" });
      const connz = (await (await fetch(`${server.monitorUrl}/connz`)).json()) as {
        connections: { name: string }[];
      };
      expect(connz.connections.map(({ name }) => name).sort()).toEqual(["natscope-bench", "orders"]);
    });

    it("publishes and delivers, with headers and without", async () => {
      await using opened = await openLink(server.clientUrl);
      const { link } = opened;
      const got: unknown[] = [];
      const open = link.subscribe("a.*", undefined, (message) => {
        const { subject, data } = message;
        got.push([subject, text(data), message.header("One"), message.header("Empty"), message.header("No")]);
        expect(message.respond(bytes("unwanted"))).toBe(false);
      });
      link.publish("a.1", bytes("plain"));
      link.publish("a.2", bytes("with"), [
        ["One", "1"],
        ["Empty", ""],
      ]);
      link.publish("a.3", new Uint8Array());
      await link.flush();
      expect(got).toEqual([
        ["a.1", "plain", undefined, undefined, undefined],
        ["a.2", "with", "1", "", undefined],
        ["a.3", "", undefined, undefined, undefined],
      ]);
      await open.close();
      link.publish("a.1", bytes("late"));
      await link.flush();
      expect(got).toHaveLength(3);
      expect(opened.calls).toEqual([]);
    });

    it("delivers each message to one member of a queue group", async () => {
      await using opened = await openLink(server.clientUrl);
      await using other = await openLink(server.clientUrl);
      let received = 0;
      for (const { link } of [opened, other]) {
        link.subscribe("q", "workers", () => received++);
        await link.flush();
      }
      for (let i = 0; i < 20; i++) opened.link.publish("q", bytes("x"));
      await opened.link.flush();
      await other.link.flush();
      expect(received).toBe(20);
    });

    it("requests and responds, and a reply stays valid", async () => {
      await using opened = await openLink(server.clientUrl);
      const { link } = opened;
      link.subscribe("echo", undefined, (message) => {
        expect(message.respond(bytes(`${text(message.data)} ${message.header("N") ?? "-"}`))).toBe(true);
      });
      const [one, two] = await Promise.all([
        link.request("echo", bytes("one"), 5000),
        link.request("echo", bytes("two"), 5000, [["N", "2"]]),
      ]);
      expect([one, two].map(({ data }) => text(data))).toEqual(["one -", "two 2"]);
    });

    it("fails with types", async () => {
      await using opened = await openLink(server.clientUrl);
      const { link } = opened;
      link.subscribe("silent", undefined, () => {});
      expect(await linkErrorOf(() => link.request("unserved", bytes(""), 5000))).toEqual({
        type: "no_responders",
        message: "request to unserved: no responders",
      });
      expect(await linkErrorOf(() => link.request("silent", bytes(""), 20))).toEqual({
        type: "timeout",
        message: "request to silent: no answer in time",
      });
      const large = new Uint8Array(1_048_577);
      const tooLarge = { type: "max_payload_exceeded", message: expect.stringMatching(/max_payload/) };
      expect(await linkErrorOf(() => link.publish("a", large))).toEqual(tooLarge);
      expect(await linkErrorOf(() => link.request("a", large, 5000))).toEqual(tooLarge);
      expect(await linkErrorOf(() => link.publish("a", bytes(""), [["bad\r\n", ""]]))).toMatchObject({
        type: "invalid_header",
      });
      expect(opened.calls).toEqual([]);
    });

    it("measures the round-trip time to the server", async () => {
      await using opened = await openLink(server.clientUrl);
      const roundTrip = await opened.link.roundTrip();
      expect(roundTrip).toBeGreaterThan(1000);
      expect(Number.isInteger(roundTrip / 1e6)).toBe(false);
    });

    it("reports the bytes that are not sent yet", async () => {
      await using opened = await openLink(server.clientUrl);
      const { link } = opened;
      expect(link.backlogBytes).toBe(0);
      link.publish("a", new Uint8Array(1000));
      expect(link.backlogBytes).toBe("PUB a 1000\r\n\r\n".length + 1000);
      await link.flush();
      expect(link.backlogBytes).toBe(0);
    });

    it("closes at once and rejects operations afterwards", async () => {
      await using opened = await openLink(server.clientUrl);
      const { link, calls } = opened;
      const flushed = linkErrorOf(() => link.flush());
      await link.close();
      const closed = { type: "connection_closed", message: expect.stringMatching(/connection is closed$/) };
      expect(await flushed).toEqual(closed);
      expect(link.isUp).toBe(false);
      expect(await linkErrorOf(() => link.publish("a", bytes("")))).toEqual(closed);
      expect(await linkErrorOf(() => link.subscribe("a", undefined, () => {}))).toEqual(closed);
      expect(await linkErrorOf(() => link.request("a", bytes(""), 100))).toEqual(closed);
      expect(await linkErrorOf(() => link.flush())).toEqual(closed);
      expect(await linkErrorOf(() => link.roundTrip())).toMatchObject({ type: "disconnected" });
      expect(calls).toEqual([]);
    });

    it("keeps delivering after an exception of a callback", async () => {
      await using opened = await openLink(server.clientUrl);
      const { link, calls } = opened;
      const got: (string | undefined)[] = [];
      link.subscribe("a", undefined, (message: Message) => {
        if (text(message.data) === "bad") throw new Error("cannot read it");
        got.push(text(message.data));
      });
      for (const one of ["first", "bad", "last"]) link.publish("a", bytes(one));
      await link.flush();
      expect(got).toEqual(["first", "last"]);
      expect(calls).toEqual(["a message on a could not be handled: cannot read it"]);
    });
  });

  describe("a link with restricted permissions or credentials", () => {
    const config = `
      authorization {
        users: [
          { user: carl, password: s3cret, permissions: {
            publish: { deny: "shut.>" }, subscribe: { deny: "hidden" } } }
        ]
      }`;
    let server: RunningNatsServer;
    beforeAll(async () => {
      server = await runNatsServer({ version, config });
    });
    afterAll(() => server?.[Symbol.asyncDispose]());

    it("reports which permission is missing", async () => {
      await using opened = await openLink(server.clientUrl, { user: "carl", pass: "s3cret" });
      const { link, calls } = opened;
      link.publish("shut.1", bytes(""));
      await link.flush();
      expect(calls).toEqual(['the server says: Permissions Violation for Publish to "shut.1"']);
      link.subscribe("hidden", undefined, () => {});
      await link.flush();
      expect(calls[1]).toBe('the server says: Permissions Violation for Subscription to "hidden"');
      expect(await linkErrorOf(() => link.request("shut.2", bytes(""), 5000))).toMatchObject({
        type: "permissions_violation",
      });
      expect(link.isUp).toBe(true);
    });

    it("rejects wrong credentials with a sentence without the password", async () => {
      const refused = await linkErrorOf(() => openLink(server.clientUrl, { user: "carl", pass: "s3crets" }));
      expect(refused.type).toBe("authorization_violation");
      expect(refused.message).toMatch(/^cannot connect to 127\.0\.0\.1:\d+: .*authorization violation/i);
      expect(refused.message).not.toContain("s3cret");
    });

    it("reports a refused connection", async () => {
      const port = await freePort();
      expect(await linkErrorOf(() => openLink(`nats://127.0.0.1:${port}`))).toEqual({
        type: "connection_refused",
        message: `cannot connect to 127.0.0.1:${port}: connection refused`,
      });
    });

    it("reports a timeout if the server does not answer", async () => {
      const mute = createServer().listen(0, "127.0.0.1");
      await once(mute, "listening");
      const { port } = mute.address() as { port: number };
      try {
        const silent = await linkErrorOf(() => openLink(`nats://127.0.0.1:${port}`, { timeout: 100 }));
        expect(silent).toMatchObject({ type: "timeout" });
      } finally {
        mute.close();
      }
    });

    it("rejects a server without TLS if TLS is required", async () => {
      const { clientUrl } = server;
      const refused = await linkErrorOf(() => openLink(clientUrl, { user: "carl", pass: "s3cret", tls: {} }));
      expect(refused.type).toBe("not_offered_by_server");
    });
  });

  describe("a reach", () => {
    it("can be cloned to a thread and contains the credentials", async () => {
      const user = nkeys.createUser();
      const config = `authorization { users: [ { nkey: ${user.getPublicKey()} } ] }`;
      await using server = await runNatsServer({ version, config });
      const reach: Reach = {
        options: {
          servers: [new URL(server.clientUrl).host],
          authentication: { kind: "nkey", seed: { text: new TextDecoder().decode(user.getSeed()) } },
        },
        jetstream: { domain: "hub", timeout: 1000 },
      };
      const cloned = structuredClone(reach);
      expect(cloned).toEqual(reach);
      const nothing = () => {};
      const hooks = { lost: nothing, discarded: nothing, regained: nothing, failed: nothing };
      const link = await driver.connect(cloned, hooks);
      await link.flush();
      await link.close();
      await expect(connect({ servers: server.clientUrl })).rejects.toThrow();
    });
  });

  describe("a slow consumer", () => {
    it("is disconnected by the server and reconnects", async () => {
      const config = "max_pending: 1000\nmax_payload: 1000";
      await using server = await runNatsServer({ version, config });
      await using opened = await openLink(server.clientUrl);
      await using sender = await openPlain(server.clientUrl);
      opened.link.subscribe("flood", undefined, () => {});
      await opened.link.flush();
      // Together with its protocol line it exceeds the server's max_pending.
      sender.publish("flood", new Uint8Array(1000));
      await until("the cut", () => opened.calls.includes("lost") || undefined);
      await until("the way back", () => opened.calls.includes("regained") || undefined);
      const varz = (await (await fetch(`${server.monitorUrl}/varz`)).json()) as { slow_consumers: number };
      expect(varz.slow_consumers).toBeGreaterThan(0);
    });
  });
}
