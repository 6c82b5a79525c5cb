/** Conformance of key-value buckets and object stores. */
import type { NatsConnection } from "nats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningNatsServer, runNatsServer } from "../../../../tools/nats-server/run.ts";
import { until } from "../../../rig/until.ts";
import { bytes, type ConformanceContext, linkErrorOf, linkOpener, openPlain, text } from "./links.ts";

/** Suites about buckets and object stores. */
export function bucketConformance({ driver, version }: ConformanceContext): void {
  const openLink = linkOpener(driver);

  describe("key-value buckets and object stores", () => {
    let server: RunningNatsServer;
    let plain: NatsConnection & AsyncDisposable;
    beforeAll(async () => {
      server = await runNatsServer({ version });
      plain = await openPlain(server.clientUrl);
    });
    afterAll(async () => {
      await plain?.close();
      await server?.[Symbol.asyncDispose]();
    });

    it("a bucket puts and gets values", async () => {
      const made = await plain.jetstream().views.kv("values");
      await using opened = await openLink(server.clientUrl);
      const bucket = await opened.link.buckets.keyValue("values");
      expect(await bucket.put("a.1", bytes("one"))).toBe(1);
      expect(await bucket.put("a.1", bytes("two"))).toBe(2);
      expect(text(await bucket.get("a.1"))).toBe("two");
      expect(await bucket.get("a.2")).toBeUndefined();
      await made.delete("a.1");
      expect(await bucket.get("a.1")).toBeUndefined();
      expect(await linkErrorOf(() => bucket.put("bad key", bytes("")))).toMatchObject({
        message: "put bad key into bucket values: invalid key: bad key",
      });
    });

    it("a bucket deletes a key, missing or not, by storing a marker", async () => {
      const made = await plain.jetstream().views.kv("deleted", { history: 5 });
      await using opened = await openLink(server.clientUrl);
      const bucket = await opened.link.buckets.keyValue("deleted");
      await bucket.put("a", bytes("one"));
      await bucket.delete("a");
      await bucket.delete("missing");
      expect(await bucket.get("a")).toBeUndefined();
      expect(await made.get("a")).toMatchObject({ operation: "DEL", revision: 2 });
      expect(await made.status()).toMatchObject({ values: 3 });
      expect(await linkErrorOf(() => bucket.delete("bad key"))).toMatchObject({
        message: "delete bad key from bucket deleted: invalid key: bad key",
      });
    });

    it("a watch delivers values that are put after it was opened", async () => {
      await plain.jetstream().views.kv("watched");
      await using opened = await openLink(server.clientUrl);
      const bucket = await opened.link.buckets.keyValue("watched");
      await bucket.put("old", bytes("0"));
      const got: unknown[] = [];
      const open = await bucket.watch((key, value) => got.push([key, text(value)]));
      await bucket.put("new", bytes("1"));
      await bucket.put("old", bytes("2"));
      await until("both", () => got.length === 2 || undefined);
      expect(got).toEqual([
        ["new", "1"],
        ["old", "2"],
      ]);
      await open.close();
      await bucket.put("new", bytes("3"));
      await opened.link.flush();
      expect(got).toHaveLength(2);
      expect(opened.calls).toEqual([]);
    });

    it("a watch reports an exception of its callback", async () => {
      await plain.jetstream().views.kv("odd");
      await using opened = await openLink(server.clientUrl);
      const bucket = await opened.link.buckets.keyValue("odd");
      await bucket.watch(() => {
        throw new Error("cannot read it");
      });
      await bucket.put("a", bytes(""));
      await until("the news", () => opened.calls[0]);
      expect(opened.calls).toEqual(["watch bucket odd: cannot read it"]);
    });

    it("a store puts and gets objects of one chunk and of several", async () => {
      await plain.jetstream().views.os("things");
      await using opened = await openLink(server.clientUrl);
      const store = await opened.link.buckets.objects("things");
      const large = new Uint8Array(300_000).map((_, i) => i % 251);
      await store.put("large", large);
      await store.put("small", bytes("x"));
      await store.put("empty", new Uint8Array());
      expect(Buffer.from((await store.get("large")) as Uint8Array).equals(large)).toBe(true);
      expect(text(await store.get("small"))).toBe("x");
      expect(text(await store.get("empty"))).toBe("");
      expect(await store.get("absent")).toBeUndefined();
    });

    it("opening a missing bucket fails and does not create it", async () => {
      await using opened = await openLink(server.clientUrl);
      const { buckets } = opened.link;
      expect(await linkErrorOf(() => buckets.keyValue("absent"))).toEqual({
        type: "jetstream_10059",
        message: "key-value bucket absent: stream not found",
      });
      expect(await linkErrorOf(() => buckets.objects("absent"))).toEqual({
        type: "jetstream_10059",
        message: "object store absent: stream not found",
      });
      const manager = await plain.jetstreamManager();
      await expect(manager.streams.info("KV_absent")).rejects.toThrow("stream not found");
      await expect(manager.streams.info("OBJ_absent")).rejects.toThrow("stream not found");
    });

    it("an operation on a deleted bucket fails with a type", async () => {
      const made = await plain.jetstream().views.kv("gone");
      await using opened = await openLink(server.clientUrl);
      const bucket = await opened.link.buckets.keyValue("gone");
      await made.destroy();
      expect(await linkErrorOf(() => bucket.put("a", bytes("")))).toMatchObject({ type: "no_responders" });
    });
  });
}
