import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { context, createContextKey, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { until } from "../../rig/until.ts";
import {
  describeEachClient,
  type InstrumentedFixture,
  instrumentClient,
  keepContexts,
  within,
} from "../clients.ts";

keepContexts();

const activeSpan = () => trace.getSpanContext(context.active())?.spanId;
const spanIds = (fixture: InstrumentedFixture, name: string) =>
  fixture.spans.named(name).map((span) => span.spanContext().spanId);

/** A subscription with messages that the client holds. */
async function filled(fixture: InstrumentedFixture, subject: string, count: number, options?: object) {
  const subscription = fixture.connection.subscribe(subject, options);
  await fixture.connection.flush();
  for (let i = 0; i < count; i++) fixture.raw.publish(subject, String(i));
  await fixture.raw.flush();
  await fixture.connection.flush();
  await until("its messages", () => (subscription.getReceived() === count ? true : undefined));
  return subscription;
}

let server: RunningNatsServer;
beforeAll(async () => {
  server = await runNatsServer();
});
afterAll(() => server.stop());
afterEach(() => void vi.useRealTimers());

describeEachClient("a loop's body", (client) => {
  it("has its message's context after each await", async () => {
    await using fixture = await instrumentClient(client, server);
    const subscription = await filled(fixture, "l", 3);
    const seen: (string | undefined)[] = [];
    let count = 0;
    for await (const _ of subscription) {
      const before = activeSpan();
      await sleep(1);
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(activeSpan());
      expect(activeSpan()).toBe(before);
      if (++count === 3) break;
    }
    expect(seen).toEqual(spanIds(fixture, "process l"));
  });

  it("returns to the loop's context after break, after a throw and at the end", async () => {
    await using fixture = await instrumentClient(client, server);
    const key = createContextKey("of the application");
    const outer = ROOT_CONTEXT.setValue(key, "mine");
    const after: unknown[] = [];
    await context.with(outer, async () => {
      for await (const _ of await filled(fixture, "b", 1)) break;
      after.push([context.active().getValue(key), activeSpan()]);
      try {
        for await (const _ of await filled(fixture, "t", 1)) throw new Error("on purpose");
      } catch {
        after.push([context.active().getValue(key), activeSpan()]);
      }
      for await (const _ of await filled(fixture, "e", 1, { max: 1 })) expect(activeSpan()).toBeDefined();
      after.push([context.active().getValue(key), activeSpan()]);
    });
    expect(after).toEqual([
      ["mine", undefined],
      ["mine", undefined],
      ["mine", undefined],
    ]);
    expect(activeSpan()).toBeUndefined();
  });

  it("leaves its context to work that it does not await", async () => {
    await using fixture = await instrumentClient(client, server);
    const late: Promise<string | undefined>[] = [];
    let count = 0;
    for await (const _ of await filled(fixture, "f", 3)) {
      late.push(sleep(10).then(() => activeSpan()));
      if (++count === 3) break;
    }
    expect(await Promise.all(late)).toEqual(spanIds(fixture, "process f"));
    expect(new Set(await Promise.all(late)).size).toBe(3);
  });

  it("is independent of a concurrent loop", async () => {
    await using fixture = await instrumentClient(client, server);
    const bodies = ["x", "y"].map(async (subject) => {
      const seen: (string | undefined)[] = [];
      for await (const _ of await filled(fixture, subject, 20)) {
        await sleep(0);
        seen.push(activeSpan());
        if (seen.length === 20) break;
      }
      return seen;
    });
    const [x, y] = await Promise.all(bodies);
    expect(x).toEqual(spanIds(fixture, "process x"));
    expect(y).toEqual(spanIds(fixture, "process y"));
  });

  it("has the inner context in a nested loop, and its own again after it", async () => {
    await using fixture = await instrumentClient(client, server);
    const inner = await filled(fixture, "in", 1);
    let [before, within, after]: (string | undefined)[] = [];
    for await (const _ of await filled(fixture, "out", 1)) {
      before = activeSpan();
      for await (const _ of inner) {
        within = activeSpan();
        break;
      }
      after = activeSpan();
      break;
    }
    expect([before]).toEqual(spanIds(fixture, "process out"));
    expect([within]).toEqual(spanIds(fixture, "process in"));
    expect(after).toBe(before);
  });

  it("publishes under its message's span, one loop after the other", async () => {
    await using fixture = await instrumentClient(client, server);
    for (let i = 0; i < 20; i++) {
      for await (const _ of await filled(fixture, "again", 1, { max: 1 })) {
        fixture.connection.publish("out", "x");
      }
    }
    expect(activeSpan()).toBeUndefined();
    const parents = fixture.spans.named("publish out").map((span) => span.parentSpanContext?.spanId);
    expect(parents).toEqual(spanIds(fixture, "process again"));
  });
});

describeEachClient("an iterator", (client) => {
  it("ends a message's span with the next call of next(), and enters its context", async () => {
    await using fixture = await instrumentClient(client, server);
    const subscription = await filled(fixture, "h", 2);
    const iterator = subscription[Symbol.asyncIterator]();
    const first = await iterator.next();
    expect([first.done, first.value.string()]).toEqual([false, "0"]);
    expect(fixture.spans.named("process h").length).toBe(0);
    const active = activeSpan();
    await iterator.next();
    expect(spanIds(fixture, "process h")).toEqual([active]);
    await iterator.return();
    expect(fixture.spans.named("process h").length).toBe(2);
    expect(activeSpan()).toBeUndefined();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it("ends the first span with the second of two concurrent next(), and both once", async () => {
    await using fixture = await instrumentClient(client, server);
    const iterator = (await filled(fixture, "both", 2))[Symbol.asyncIterator]();
    const both = await Promise.all([iterator.next(), iterator.next()]);
    expect(both.map(({ value }) => value.string())).toEqual(["0", "1"]);
    expect(fixture.spans.named("process both").length).toBe(1);
    await iterator.return();
    expect(fixture.spans.named("process both").length).toBe(2);
    expect(await fixture.samples()).toMatchObject({
      'nats_message_processing_seconds_count{subject="both"}': 2,
    });
  });

  it("ends its span with the error of throw()", async () => {
    await using fixture = await instrumentClient(client, server);
    const iterator = (await filled(fixture, "t", 1))[Symbol.asyncIterator]();
    await iterator.next();
    await expect(iterator.throw(new TypeError("on purpose"))).rejects.toThrow("on purpose");
    expect(fixture.spans.ended.map(({ attributes }) => attributes["error.type"])).toEqual(["TypeError"]);
    expect(await fixture.samples()).toMatchObject({
      'nats_message_processing_errors_total{subject="t"}': 1,
    });
  });

  it("fails like the client's if it is the second of a subscription", async () => {
    await using fixture = await instrumentClient(client, server);
    const failures = [fixture.connection, fixture.raw].map(async (one) => {
      const subscription = one.subscribe("two");
      void subscription[Symbol.asyncIterator]().next();
      return subscription[Symbol.asyncIterator]()
        .next()
        .catch(({ name, message }: Error) => [name, message]);
    });
    const [ours, theirs] = await Promise.all(failures);
    expect(ours[1]).toMatch(/already yielding/);
    expect(ours).toEqual(theirs);
  });

  it("fails like the client's for a subscription with a callback", async () => {
    await using fixture = await instrumentClient(client, server);
    const failures = [fixture.connection, fixture.raw].map((one) =>
      one
        .subscribe("both", { callback() {} })
        [Symbol.asyncIterator]()
        .next()
        .catch(({ name, message }: Error) => [name, message]),
    );
    const [ours, theirs] = await Promise.all(failures);
    expect(ours).toEqual(theirs);
    expect(ours[1]).toMatch(/iterator/);
  });

  it("ends its span with the connection if no item is requested again", async () => {
    for (const end of ["close", "drain"]) {
      await using fixture = await instrumentClient(client, server);
      const iterator = (await filled(fixture, "parked", 1))[Symbol.asyncIterator]();
      await iterator.next();
      await fixture.connection[end]();
      await until("its end", () => fixture.spans.named("process parked")[0]);
      expect(fixture.spans.ended.length).toBe(1);
      // The item is still there for a later call.
      expect((await iterator.next()).done).toBe(true);
    }
  });

  it("ends its span after some time if its subscription has ended and no item is requested", async () => {
    for (const end of ["unsubscribe", "drain"]) {
      await using fixture = await instrumentClient(client, server);
      const subscription = await filled(fixture, "parked", 2);
      const iterator = subscription[Symbol.asyncIterator]();
      await iterator.next();
      vi.useFakeTimers({ toFake: ["setTimeout"] });
      subscription[end]();
      vi.advanceTimersByTime(9_000);
      // The loop may still be busy with it.
      expect(fixture.spans.ended.length).toBe(0);
      vi.advanceTimersByTime(2_000);
      expect(fixture.spans.named("process parked").length).toBe(1);
      // Messages that the client holds can still be requested, and may stay unfinished as well.
      await iterator.next();
      vi.advanceTimersByTime(9_000);
      expect(fixture.spans.ended.length).toBe(1);
      vi.advanceTimersByTime(2_000);
      expect(fixture.spans.ended.length).toBe(2);
      vi.useRealTimers();
      expect(await fixture.samples()).not.toHaveProperty("nats_active_subscriptions");
    }
  });

  it("ends its span with the body if its subscription ends within the loop", async () => {
    await using fixture = await instrumentClient(client, server);
    const subscription = await filled(fixture, "inside", 3);
    const seen: string[] = [];
    for await (const message of subscription) {
      seen.push(message.string());
      if (seen.length === 1) subscription.unsubscribe();
      await sleep(2);
      expect(fixture.spans.named("process inside").length).toBe(seen.length - 1);
    }
    // Messages that the client holds are still delivered.
    expect(seen).toEqual(["0", "1", "2"]);
    expect(fixture.spans.named("process inside").length).toBe(3);
  });

  it("ends its span when it is garbage-collected", async () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    await using fixture = await instrumentClient(client, server);
    await (async () => {
      await (await filled(fixture, "lost", 1))[Symbol.asyncIterator]().next();
    })();
    await until("its end", () => {
      collectGarbage();
      return fixture.spans.named("process lost")[0];
    });
    expect(fixture.spans.ended.length).toBe(1);
  });

  it("is no open subscription once it has ended without a reader", async () => {
    await using fixture = await instrumentClient(client, server);
    const subscription = await filled(fixture, "unread", 2);
    const pending = 'nats_subscription_pending_messages{subject="unread"}';
    expect(await fixture.samples()).toMatchObject({ nats_active_subscriptions: 1, [pending]: 2 });
    subscription.unsubscribe();
    const samples = await fixture.samples();
    expect(samples).not.toHaveProperty("nats_active_subscriptions");
    expect(samples).not.toHaveProperty([pending]);
  });

  it("serves one loop only if its subscription has a maximum of messages", async () => {
    await using fixture = await instrumentClient(client, server);
    const subscription = await filled(fixture, "most", 2, { max: 2 });
    expect(await fixture.samples()).not.toHaveProperty("nats_active_subscriptions");
    const seen: string[] = [];
    for await (const message of subscription) seen.push(message.string());
    expect(seen).toEqual(["0", "1"]);
    expect(await fixture.samples()).not.toHaveProperty(["nats_subscription_pending_messages"]);
  });
});

describeEachClient("a callback's context", (client) => {
  it("is not that of the code that connected", async () => {
    const key = createContextKey("of a request that connected lazily");
    await using fixture = await context.with(ROOT_CONTEXT.setValue(key, "leaked"), () =>
      instrumentClient(client, server),
    );
    const seen: unknown[] = [];
    fixture.connection.subscribe("cb", {
      callback: () => void seen.push([context.active().getValue(key), activeSpan()]),
    });
    await fixture.connection.flush();
    fixture.raw.publish("cb", "x");
    await until("the message", () => seen[0]);
    expect(seen).toEqual([[undefined, spanIds(fixture, "process cb")[0]]]);
    expect(fixture.spans.ended.map((span) => span.parentSpanContext)).toEqual([undefined]);
  });

  it("does not have the connecting span as parent", async () => {
    const spans = await instrumentClient(client, server);
    const { result: fixture } = await within(spans.spans, () =>
      instrumentClient(client, server, { tracer: spans.spans.tracer }),
    );
    const gate = Promise.withResolvers<void>();
    fixture.connection.subscribe("cb", { callback: () => gate.resolve() });
    await fixture.connection.flush();
    fixture.raw.publish("cb", "x");
    await gate.promise;
    await until("its end", () => spans.spans.named("process cb")[0]);
    expect(spans.spans.named("process cb")[0]?.parentSpanContext).toBeUndefined();
    await fixture[Symbol.asyncDispose]();
    await spans[Symbol.asyncDispose]();
  });
});
