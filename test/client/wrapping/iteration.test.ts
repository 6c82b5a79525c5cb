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
const spanIds = (observed: InstrumentedFixture, name: string) =>
  observed.spans.named(name).map((span) => span.spanContext().spanId);

/** A subscription for which the client holds messages. */
async function filled(observed: InstrumentedFixture, subject: string, count: number, options?: object) {
  const subscription = observed.connection.subscribe(subject, options);
  await observed.connection.flush();
  for (let i = 0; i < count; i++) observed.raw.publish(subject, String(i));
  await observed.raw.flush();
  await observed.connection.flush();
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
  it("has its message's context after whatever it waits for", async () => {
    await using observed = await instrumentClient(client, server);
    const subscription = await filled(observed, "l", 3);
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
    expect(seen).toEqual(spanIds(observed, "process l"));
  });

  it("gives the loop's context back after break, after a throw and at the end", async () => {
    await using observed = await instrumentClient(client, server);
    const key = createContextKey("of the application");
    const outer = ROOT_CONTEXT.setValue(key, "mine");
    const after: unknown[] = [];
    await context.with(outer, async () => {
      for await (const _ of await filled(observed, "b", 1)) break;
      after.push([context.active().getValue(key), activeSpan()]);
      try {
        for await (const _ of await filled(observed, "t", 1)) throw new Error("on purpose");
      } catch {
        after.push([context.active().getValue(key), activeSpan()]);
      }
      for await (const _ of await filled(observed, "e", 1, { max: 1 })) expect(activeSpan()).toBeDefined();
      after.push([context.active().getValue(key), activeSpan()]);
    });
    expect(after).toEqual([
      ["mine", undefined],
      ["mine", undefined],
      ["mine", undefined],
    ]);
    expect(activeSpan()).toBeUndefined();
  });

  it("leaves its context to work that it does not wait for", async () => {
    await using observed = await instrumentClient(client, server);
    const late: Promise<string | undefined>[] = [];
    let count = 0;
    for await (const _ of await filled(observed, "f", 3)) {
      late.push(sleep(10).then(() => activeSpan()));
      if (++count === 3) break;
    }
    expect(await Promise.all(late)).toEqual(spanIds(observed, "process f"));
    expect(new Set(await Promise.all(late)).size).toBe(3);
  });

  it("has nothing to do with another loop that runs beside it", async () => {
    await using observed = await instrumentClient(client, server);
    const bodies = ["x", "y"].map(async (subject) => {
      const seen: (string | undefined)[] = [];
      for await (const _ of await filled(observed, subject, 20)) {
        await sleep(0);
        seen.push(activeSpan());
        if (seen.length === 20) break;
      }
      return seen;
    });
    const [x, y] = await Promise.all(bodies);
    expect(x).toEqual(spanIds(observed, "process x"));
    expect(y).toEqual(spanIds(observed, "process y"));
  });

  it("has the inner loop's context in the inner loop, and its own again after it", async () => {
    await using observed = await instrumentClient(client, server);
    const inner = await filled(observed, "in", 1);
    let [before, within, after]: (string | undefined)[] = [];
    for await (const _ of await filled(observed, "out", 1)) {
      before = activeSpan();
      for await (const _ of inner) {
        within = activeSpan();
        break;
      }
      after = activeSpan();
      break;
    }
    expect([before]).toEqual(spanIds(observed, "process out"));
    expect([within]).toEqual(spanIds(observed, "process in"));
    expect(after).toBe(before);
  });

  it("publishes under its message's span, one loop after the other", async () => {
    await using observed = await instrumentClient(client, server);
    for (let i = 0; i < 20; i++) {
      for await (const _ of await filled(observed, "again", 1, { max: 1 })) {
        observed.connection.publish("out", "x");
      }
    }
    expect(activeSpan()).toBeUndefined();
    const parents = observed.spans.named("publish out").map((span) => span.parentSpanContext?.spanId);
    expect(parents).toEqual(spanIds(observed, "process again"));
  });
});

describeEachClient("an iterator", (client) => {
  it("that is asked by hand ends a message's span with the next, and gives the context", async () => {
    await using observed = await instrumentClient(client, server);
    const subscription = await filled(observed, "h", 2);
    const iterator = subscription[Symbol.asyncIterator]();
    const first = await iterator.next();
    expect([first.done, first.value.string()]).toEqual([false, "0"]);
    expect(observed.spans.named("process h").length).toBe(0);
    const active = activeSpan();
    await iterator.next();
    expect(spanIds(observed, "process h")).toEqual([active]);
    await iterator.return();
    expect(observed.spans.named("process h").length).toBe(2);
    expect(activeSpan()).toBeUndefined();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it("that is asked for two at once ends the first's span with the second, and both once", async () => {
    await using observed = await instrumentClient(client, server);
    const iterator = (await filled(observed, "both", 2))[Symbol.asyncIterator]();
    const both = await Promise.all([iterator.next(), iterator.next()]);
    expect(both.map(({ value }) => value.string())).toEqual(["0", "1"]);
    expect(observed.spans.named("process both").length).toBe(1);
    await iterator.return();
    expect(observed.spans.named("process both").length).toBe(2);
    expect(await observed.samples()).toMatchObject({
      'nats_message_processing_seconds_count{subject="both"}': 2,
    });
  });

  it("that is thrown into ends its span with that error", async () => {
    await using observed = await instrumentClient(client, server);
    const iterator = (await filled(observed, "t", 1))[Symbol.asyncIterator]();
    await iterator.next();
    await expect(iterator.throw(new TypeError("on purpose"))).rejects.toThrow("on purpose");
    expect(observed.spans.ended.map(({ attributes }) => attributes["error.type"])).toEqual(["TypeError"]);
    expect(await observed.samples()).toMatchObject({
      'nats_message_processing_errors_total{subject="t"}': 1,
    });
  });

  it("beside another of one subscription fails as the client's does", async () => {
    await using observed = await instrumentClient(client, server);
    const failures = [observed.connection, observed.raw].map(async (one) => {
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

  it("of a subscription with a callback fails as the client's does", async () => {
    await using observed = await instrumentClient(client, server);
    const failures = [observed.connection, observed.raw].map((one) =>
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

  it("that is never asked again ends its span with the connection", async () => {
    for (const end of ["close", "drain"]) {
      await using observed = await instrumentClient(client, server);
      const iterator = (await filled(observed, "parked", 1))[Symbol.asyncIterator]();
      await iterator.next();
      await observed.connection[end]();
      await until("its end", () => observed.spans.named("process parked")[0]);
      expect(observed.spans.ended.length).toBe(1);
      // It is still there for whoever asks after all.
      expect((await iterator.next()).done).toBe(true);
    }
  });

  it("whose subscription is ended and that is not asked again ends its span in a while", async () => {
    for (const end of ["unsubscribe", "drain"]) {
      await using observed = await instrumentClient(client, server);
      const subscription = await filled(observed, "parked", 2);
      const iterator = subscription[Symbol.asyncIterator]();
      await iterator.next();
      vi.useFakeTimers({ toFake: ["setTimeout"] });
      subscription[end]();
      vi.advanceTimersByTime(9_000);
      // Its loop may be busy with it.
      expect(observed.spans.ended.length).toBe(0);
      vi.advanceTimersByTime(2_000);
      expect(observed.spans.named("process parked").length).toBe(1);
      // What the client holds still may be asked for, and be parked as well.
      await iterator.next();
      vi.advanceTimersByTime(9_000);
      expect(observed.spans.ended.length).toBe(1);
      vi.advanceTimersByTime(2_000);
      expect(observed.spans.ended.length).toBe(2);
      vi.useRealTimers();
      expect(await observed.samples()).not.toHaveProperty("nats_active_subscriptions");
    }
  });

  it("whose subscription is ended from within its loop ends its span with the body", async () => {
    await using observed = await instrumentClient(client, server);
    const subscription = await filled(observed, "inside", 3);
    const seen: string[] = [];
    for await (const message of subscription) {
      seen.push(message.string());
      if (seen.length === 1) subscription.unsubscribe();
      await sleep(2);
      expect(observed.spans.named("process inside").length).toBe(seen.length - 1);
    }
    // What the client holds is handed over still.
    expect(seen).toEqual(["0", "1", "2"]);
    expect(observed.spans.named("process inside").length).toBe(3);
  });

  it("that is abandoned ends its span when it is gone", async () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    await using observed = await instrumentClient(client, server);
    await (async () => {
      await (await filled(observed, "lost", 1))[Symbol.asyncIterator]().next();
    })();
    await until("its end", () => {
      collectGarbage();
      return observed.spans.named("process lost")[0];
    });
    expect(observed.spans.ended.length).toBe(1);
  });

  it("that nobody reads from is no open subscription once it is ended", async () => {
    await using observed = await instrumentClient(client, server);
    const subscription = await filled(observed, "unread", 2);
    const pending = 'nats_subscription_pending_messages{subject="unread"}';
    expect(await observed.samples()).toMatchObject({ nats_active_subscriptions: 1, [pending]: 2 });
    subscription.unsubscribe();
    const samples = await observed.samples();
    expect(samples).not.toHaveProperty("nats_active_subscriptions");
    expect(samples).not.toHaveProperty([pending]);
  });

  it("is for one loop only when its subscription has a most of messages", async () => {
    await using observed = await instrumentClient(client, server);
    const subscription = await filled(observed, "most", 2, { max: 2 });
    expect(await observed.samples()).not.toHaveProperty("nats_active_subscriptions");
    const seen: string[] = [];
    for await (const message of subscription) seen.push(message.string());
    expect(seen).toEqual(["0", "1"]);
    expect(await observed.samples()).not.toHaveProperty(["nats_subscription_pending_messages"]);
  });
});

describeEachClient("a callback's context", (client) => {
  it("is not that of whoever connected", async () => {
    const key = createContextKey("of a request that connected lazily");
    await using observed = await context.with(ROOT_CONTEXT.setValue(key, "leaked"), () =>
      instrumentClient(client, server),
    );
    const seen: unknown[] = [];
    observed.connection.subscribe("cb", {
      callback: () => void seen.push([context.active().getValue(key), activeSpan()]),
    });
    await observed.connection.flush();
    observed.raw.publish("cb", "x");
    await until("the message", () => seen[0]);
    expect(seen).toEqual([[undefined, spanIds(observed, "process cb")[0]]]);
    expect(observed.spans.ended.map((span) => span.parentSpanContext)).toEqual([undefined]);
  });

  it("does not make the connecting span a parent", async () => {
    const spans = await instrumentClient(client, server);
    const { result: observed } = await within(spans.spans, () =>
      instrumentClient(client, server, { tracer: spans.spans.tracer }),
    );
    const gate = Promise.withResolvers<void>();
    observed.connection.subscribe("cb", { callback: () => gate.resolve() });
    await observed.connection.flush();
    observed.raw.publish("cb", "x");
    await gate.promise;
    await until("its end", () => spans.spans.named("process cb")[0]);
    expect(spans.spans.named("process cb")[0]?.parentSpanContext).toBeUndefined();
    await observed[Symbol.asyncDispose]();
    await spans[Symbol.asyncDispose]();
  });
});
