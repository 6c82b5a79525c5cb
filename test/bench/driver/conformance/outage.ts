/** Conformance of reconnects: the server stops and starts again. */
import { AckPolicy } from "nats";
import { describe, expect, it } from "vitest";
import { runNatsServer } from "../../../../tools/nats-server/run.ts";
import { until } from "../../../rig/until.ts";
import { bytes, type ConformanceContext, linkErrorOf, linkOpener, openPlain, text } from "./links.ts";

/** Suites about lost connections. */
export function outageConformance({ driver, version }: ConformanceContext): void {
  const openLink = linkOpener(driver);

  /** Calls without repetitions. */
  const courseOf = (calls: readonly string[]) => calls.filter((one, i) => one !== calls[i - 1]);

  describe("an outage", () => {
    it("calls the hooks in order, so that discarded and sent messages are known exactly", async () => {
      await using server = await runNatsServer({ version });
      let waiting: number[] = [];
      const dropped: number[] = [];
      const kept: number[] = [];
      const received: number[] = [];
      let n = 0;
      const send = () => {
        const { link } = opened;
        link.publish("n", bytes(String(++n)));
        if (!link.isUp) waiting.push(n);
      };
      const hooks = {
        discarded: () => {
          dropped.push(...waiting);
          waiting = [];
          // A message published at this moment is sent if the attempt succeeds.
          queueMicrotask(send);
        },
        regained: () => {
          kept.push(...waiting);
          waiting = [];
        },
      };
      await using opened = await openLink(server.clientUrl, {}, hooks);
      const { link, calls } = opened;
      link.subscribe("n", undefined, ({ data }) => received.push(Number(text(data))));
      send();
      await link.flush();
      await server.stop();
      await until("the loss", () => !link.isUp || undefined);
      expect(calls[0]).toBe("lost");
      send();
      send();
      await until("failed attempts", () => calls.length > 3 || undefined);
      send();
      await server.restart();
      await until("the way back", () => calls.includes("regained") || undefined);
      const last = n;
      send();
      await link.flush();

      expect(courseOf(calls)).toEqual(["lost", "discarded", "regained"]);
      expect(dropped).toEqual(expect.arrayContaining([2, 3]));
      expect(kept).toEqual([last]);
      expect(received).toEqual([1, ...kept, last + 1]);
      expect([1, ...dropped, ...kept, last + 1]).toEqual(Array.from({ length: n }, (_, i) => i + 1));
      expect(link.server.host).toBe(new URL(server.clientUrl).host);
    });

    it("ends flushes and rejects round trips", async () => {
      await using server = await runNatsServer({ version });
      await using opened = await openLink(server.clientUrl);
      const { link } = opened;
      await server.stop("SIGKILL");
      await until("the loss", () => !link.isUp || undefined);
      expect(await linkErrorOf(() => link.flush())).toEqual({
        type: "disconnected",
        message: "flush: the connection was lost",
      });
      expect(await linkErrorOf(() => link.roundTrip())).toMatchObject({ type: "disconnected" });
      expect(link.server.version).toBe(version);
    });

    it("calls the hook ended if the client gives up", async () => {
      await using server = await runNatsServer({ version });
      await using opened = await openLink(server.clientUrl, { maxReconnectAttempts: 1 });
      const { link, calls } = opened;
      await server.stop();
      await until("the end", () => calls.find((one) => one.startsWith("the connection is closed")));
      expect(courseOf(calls)).toEqual([
        "lost",
        "discarded",
        "the connection is closed for good: connection refused",
      ]);
      expect(link.isUp).toBe(false);
      expect(await linkErrorOf(() => link.publish("a", bytes("")))).toMatchObject({
        type: "connection_closed",
      });
    });

    it("calls no hooks of a link that was closed meanwhile", async () => {
      await using server = await runNatsServer({ version });
      await using opened = await openLink(server.clientUrl);
      const { link, calls } = opened;
      await server.stop();
      await until("the loss", () => !link.isUp || undefined);
      await link.close();
      const before = [...calls];
      await server.restart();
      await using other = await openLink(server.clientUrl);
      await other.link.flush();
      expect(calls).toEqual(before);
    });

    it("keeps subscriptions and consumers", async () => {
      await using server = await runNatsServer({ version });
      await using plain = await openPlain(server.clientUrl);
      const manager = await plain.jetstreamManager();
      await manager.streams.add({ name: "S", subjects: ["s.>"] });
      await manager.consumers.add("S", { durable_name: "C", ack_policy: AckPolicy.Explicit });
      await using opened = await openLink(server.clientUrl);
      const { link, calls } = opened;
      const delivered: number[] = [];
      const ordered: number[] = [];
      let received = 0;
      link.subscribe("s.*", undefined, () => received++);
      await link.streams.consume({ stream: "S", consumer: "C", batch: 5 }, (message) => {
        delivered.push(message.streamSequence);
        message.ack();
      });
      await link.streams.consumeOrdered({ stream: "S", batch: 5 }, ({ streamSequence }) =>
        ordered.push(streamSequence),
      );
      const publish = (id: string) =>
        until(`publish ${id}`, () => link.streams.publish("s.a", bytes(id), { timeoutMs: 500, id }));
      await publish("one");
      await until("the first", () => (delivered.length === 1 && ordered.length === 1) || undefined);
      await server.restart();
      await until("the way back", () => calls.includes("regained") || undefined);
      await publish("two");
      await until("the next", () => (delivered.length === 2 && ordered.length === 2) || undefined);
      expect([delivered, ordered]).toEqual([
        [1, 2],
        [1, 2],
      ]);
      expect(received).toBeGreaterThanOrEqual(2);
    });
  });
}
