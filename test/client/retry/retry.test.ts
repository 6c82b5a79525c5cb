import type { JetStreamClient, PubAck } from "@nats-io/jetstream";
import type { Msg, NatsConnection } from "@nats-io/transport-node";
import * as fc from "fast-check";
import * as nats from "nats";
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import { errorType } from "../../../src/client/errors/failure.ts";
import { pauseAfter, policyOf, type Retry } from "../../../src/client/retry/policy.ts";
import { publishWithRetry, requestWithRetry } from "../../../src/client/retry/retry.ts";
import { isTransient } from "../../../src/client/retry/transient.ts";
import { attemptsOf } from "../../../src/client/wrapping/registrations.ts";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { freeze } from "../../rig/frozen.ts";
import { type ClientGeneration, describeEachClient, instrumentClient, keepContexts } from "../clients.ts";
import { failureOf } from "../failures.ts";

keepContexts();

/** Short pauses, and no limits unless a test sets them. */
const SHORT_PAUSES = { initialPauseMs: 5, maxPauseMs: 50, attempts: Infinity } as const;

/** Reconnects for ever, at short intervals. */
const RECONNECTS_FOREVER = { reconnectTimeWait: 20, reconnectJitter: 0, maxReconnectAttempts: -1 };

/** Restarts a server at the first retry. */
function restartOnce(server: RunningNatsServer) {
  let restarted: Promise<void> | undefined;
  const failures = new Set<string>();
  const onRetry = ({ error }: Retry) => {
    failures.add(errorType(error));
    restarted ??= server.restart();
  };
  return { onRetry, failures, restarted: () => restarted };
}

/** Runs a function while a server neither answers nor exits. */
async function whileFrozen(
  { pid }: RunningNatsServer,
  connection: { flush(): Promise<void> },
  run: () => Promise<void>,
): Promise<void> {
  try {
    await freeze(pid, connection);
    await run();
  } finally {
    process.kill(pid, "SIGCONT");
  }
}

let server: RunningNatsServer;
beforeAll(async () => {
  server = await runNatsServer();
});
afterAll(() => server.stop());

describeEachClient("requestWithRetry", (client) => {
  it("returns the reply once a responder appears", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection, raw, spans } = fixture;
    const retries: Retry[] = [];
    const reply = await requestWithRetry(connection, "late", "?", {
      ...SHORT_PAUSES,
      onRetry(retry) {
        retries.push(retry);
        if (retries.length === 2) raw.subscribe("late", { callback: respond });
      },
    });
    expect((reply as { string(): string }).string()).toBe("!");
    expect(retries.length).toBeGreaterThanOrEqual(2);
    expect(retries.map(({ attempt }) => attempt)).toEqual(retries.map((_, i) => i + 1));
    for (const { error } of retries) expect(errorType(error)).toBe("no_responders");
    expect(await fixture.samples()).toMatchObject({
      'nats_retries_total{operation="request",subject="late"}': retries.length,
      'nats_request_seconds_count{subject="late",outcome="no_responders"}': retries.length,
      'nats_request_seconds_count{subject="late",outcome="ok"}': 1,
    });
    expect(spans.named("request late")).toHaveLength(retries.length + 1);
  });

  it("throws the error of the last attempt, and knows the number of attempts", async () => {
    await using fixture = await instrumentClient(client, server);
    const last: unknown[] = [];
    const error = await failureOf(() =>
      requestWithRetry(fixture.connection, "nobody", "?", {
        ...SHORT_PAUSES,
        attempts: 3,
        shouldRetry: (failure) => {
          last.push(failure);
          return isTransient(failure);
        },
      }),
    );
    expect(errorType(error)).toBe("no_responders");
    expect(attemptsOf(error)).toBe(3);
    // shouldRetry is not called for the last one.
    expect(last).toHaveLength(2);
    expect(await fixture.samples()).toMatchObject({
      'nats_retries_total{operation="request",subject="nobody"}': 2,
    });
  });

  it("works with a connection that is not instrumented", async () => {
    await using fixture = await instrumentClient(client, server);
    const error = await failureOf(() =>
      requestWithRetry(fixture.raw, "nobody", "?", { ...SHORT_PAUSES, attempts: 2 }),
    );
    expect(attemptsOf(error)).toBe(2);
    expect(await fixture.samples()).not.toHaveProperty('nats_retries_total{operation="request"}');
  });

  it("cuts an attempt that would outlast the deadline, with the client's own timeout", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection, raw } = fixture;
    let received = 0;
    raw.subscribe("silent", { callback: () => received++ });
    await raw.flush();
    // Longer than the timeout of the test.
    const error = await failureOf(() =>
      requestWithRetry(connection, "silent", "?", { ...SHORT_PAUSES, timeout: 3_600_000, deadlineMs: 300 }),
    );
    expectTimeoutOf(client, error);
    expect(attemptsOf(error)).toBe(1);
    expect(received).toBe(1);
  });

  it("starts no attempt after the deadline", async () => {
    await using fixture = await instrumentClient(client, server);
    const error = await failureOf(() =>
      requestWithRetry(fixture.connection, "nobody", "?", { ...SHORT_PAUSES, deadlineMs: 300 }),
    );
    expect(errorType(error)).toBe("no_responders");
    expect(attemptsOf(error)).toBeGreaterThan(1);
  });

  it("rejects with the signal's reason: before, during an attempt, during a pause", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection, raw } = fixture;
    const reason = new Error("enough");
    const before = AbortSignal.abort(reason);
    expect(await failureOf(() => requestWithRetry(connection, "stop", "?", { signal: before }))).toBe(reason);

    const during = new AbortController();
    let received = 0;
    raw.subscribe("stop", {
      callback: () => {
        received++;
        during.abort(reason);
      },
    });
    await raw.flush();
    const asked = requestWithRetry(connection, "stop", "?", {
      ...SHORT_PAUSES,
      signal: during.signal,
      timeout: 1000,
    });
    expect(await failureOf(() => asked)).toBe(reason);
    expect(received).toBe(1);

    const pausing = new AbortController();
    const paused = requestWithRetry(connection, "nobody", "?", {
      // A random part of an hour, longer than the timeout of the test.
      ...{ initialPauseMs: 3_600_000, maxPauseMs: 3_600_000, deadlineMs: Infinity },
      signal: pausing.signal,
      onRetry: () => setImmediate(() => pausing.abort(reason)),
    });
    expect(await failureOf(() => paused)).toBe(reason);
  });

  it("refuses anything that is not a connection", async () => {
    const error = await failureOf(() => requestWithRetry({} as never, "x"));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain("expected a connection");
  });
});

describeEachClient("publishWithRetry to a connection", (client) => {
  it("resolves when the server has the message", async () => {
    await using fixture = await instrumentClient(client, server);
    const stats = () => fixture.raw.flush().then(() => fixture.raw.stats().inMsgs);
    fixture.raw.subscribe("news");
    const before = await stats();
    expect(await publishWithRetry(fixture.connection, "news", "x")).toBeUndefined();
    // The server has counted the message when it answers the ping.
    expect(await stats()).toBe(before + 1);
    expect(await fixture.samples()).toMatchObject({ 'nats_messages_published_total{subject="news"}': 1 });
  });

  it("delivers a message across a restart of the server", async () => {
    const fragile = await runNatsServer();
    try {
      await using fixture = await instrumentClient(client, fragile, { connect: RECONNECTS_FOREVER });
      const { connection, raw } = fixture;
      const manager = await client.jetstreamManager(raw);
      await manager.streams.add({ name: "KEPT", subjects: ["kept"] });
      const { onRetry, failures, restarted } = restartOnce(fragile);
      await fragile.stop();
      await publishWithRetry(connection, "kept", "x", { ...SHORT_PAUSES, onRetry });
      expect([...failures]).toEqual(["disconnected"]);
      expect(restarted()).toBeDefined();
      await restarted();
      const reader = await client.connect({ servers: fragile.clientUrl });
      const { state } = await (await client.jetstreamManager(reader)).streams.info("KEPT");
      await reader.close();
      expect(state.messages).toBeGreaterThanOrEqual(1);
      const samples = await fixture.samples();
      expect(samples['nats_retries_total{operation="publish",subject="kept"}']).toBeGreaterThanOrEqual(1);
    } finally {
      await fragile[Symbol.asyncDispose]();
    }
  });

  it("fails at the deadline if the server stays silent", async () => {
    const frozen = await runNatsServer();
    try {
      await using fixture = await instrumentClient(client, frozen);
      await whileFrozen(frozen, fixture.raw, async () => {
        const error = await failureOf(() =>
          publishWithRetry(fixture.connection, "x", "x", { deadlineMs: 200 }),
        );
        expect(error).toMatchObject({ name: "TimeoutError", code: "TIMEOUT" });
        expect(errorType(error)).toBe("timeout");
        expect(attemptsOf(error)).toBe(1);
      });
    } finally {
      await frozen[Symbol.asyncDispose]();
    }
  });

  it("fails if the connection is closed before the server has confirmed", async () => {
    const frozen = await runNatsServer();
    try {
      await using fixture = await instrumentClient(client, frozen);
      await whileFrozen(frozen, fixture.raw, async () => {
        const published = failureOf(() =>
          publishWithRetry(fixture.connection, "x", "x", { deadlineMs: Infinity }),
        );
        await fixture.connection.close();
        expect(errorType(await published)).toBe("connection_closed");
      });
    } finally {
      await frozen[Symbol.asyncDispose]();
    }
  });
});

describeEachClient("a permanent failure is not retried", (client) => {
  /** Error type and number of attempts of a failed operation. */
  async function failing(promise: Promise<unknown>) {
    const error = await failureOf(() => promise);
    return { type: errorType(error), attempts: attemptsOf(error) };
  }

  const once = (type: string) => ({ type, attempts: 1 });

  it("after a missing permission", async () => {
    const config = `
      authorization {
        users: [
          { user: all, password: a }
          { user: some, password: s, permissions: { publish: { deny: ["secret.>"] } } }
        ]
      }
      no_auth_user: some`;
    const strict = await runNatsServer({ config });
    try {
      const everything = await client.connect({ servers: strict.clientUrl, user: "all", pass: "a" });
      let received = 0;
      everything.subscribe(">", { callback: () => received++ });
      await everything.flush();
      await using fixture = await instrumentClient(client, strict);
      const { connection } = fixture;
      expect(await failing(publishWithRetry(connection, "secret.a", "x", SHORT_PAUSES))).toEqual(
        once("permissions_violation"),
      );
      expect(await failing(requestWithRetry(connection, "secret.b", "x", SHORT_PAUSES))).toEqual(
        once("permissions_violation"),
      );
      // Only the denied one of two publishes fails.
      const both = [publishWithRetry(connection, "secret.c"), publishWithRetry(connection, "open")];
      const settled = await Promise.allSettled(both);
      expect(settled.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
      await everything.flush();
      expect(received).toBe(1);
      const samples = await fixture.samples();
      expect(samples).toMatchObject({
        'nats_messages_published_total{subject="secret.a"}': 1,
        'nats_messages_published_total{subject="secret.b"}': 1,
        'nats_permission_violations_total{operation="publish",subject="secret.a"}': 1,
      });
      expect(Object.keys(samples).filter((name) => name.startsWith("nats_retries"))).toEqual([]);
      await everything.close();
    } finally {
      await strict[Symbol.asyncDispose]();
    }
  });

  it("after an invalid subject, a payload that is too large, an invalid timeout", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection } = fixture;
    const huge = new Uint8Array(connection.info.max_payload + 1);
    expect(await failing(publishWithRetry(connection, "", "x", SHORT_PAUSES))).toEqual(
      once("invalid_subject"),
    );
    expect(await failing(requestWithRetry(connection, "", "x", SHORT_PAUSES))).toEqual(
      once("invalid_subject"),
    );
    expect(await failing(publishWithRetry(connection, "x", huge, SHORT_PAUSES))).toEqual(
      once("max_payload_exceeded"),
    );
    expect(await failing(requestWithRetry(connection, "x", huge, SHORT_PAUSES))).toEqual(
      once("max_payload_exceeded"),
    );
    expect(await failing(requestWithRetry(connection, "x", "x", { ...SHORT_PAUSES, timeout: -1 }))).toEqual(
      once("invalid_argument"),
    );
  });

  it("on a connection that is draining or closed", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection } = fixture;
    const drained = connection.drain();
    // A draining connection still publishes.
    expect(await failing(requestWithRetry(connection, "x", "x", SHORT_PAUSES))).toEqual(
      once("connection_draining"),
    );
    await drained;
    expect(await failing(publishWithRetry(connection, "x", "x", SHORT_PAUSES))).toEqual(
      once("connection_closed"),
    );
    expect(await failing(requestWithRetry(connection, "x", "x", SHORT_PAUSES))).toEqual(
      once("connection_closed"),
    );
  });

  it("after another error of the stream", async () => {
    await using fixture = await instrumentClient(client, server);
    const manager = await client.jetstreamManager(fixture.raw);
    const subject = `said-no-${client.name.length}`;
    await manager.streams.add({ name: subject, subjects: [subject] });
    const stream = client.jetstream(fixture.raw);
    const wrong = { ...SHORT_PAUSES, expect: { lastSequence: 7 } };
    expect(await failing(publishWithRetry(stream, subject, "x", wrong))).toEqual(once("jetstream_10071"));
    const { state } = await manager.streams.info(subject);
    expect(state.messages).toBe(0);
  });

  it("after an error that does not come from NATS", async () => {
    const broken = {
      publish: (_: string, __?: nats.Payload, ___?: object) => Promise.reject(new RangeError("a bug")),
    };
    expect(await failing(publishWithRetry(broken, "x", "x", SHORT_PAUSES))).toEqual(once("RangeError"));
  });
});

describeEachClient("publishWithRetry to a JetStream client", (client) => {
  const name = `retry-${client.name.length}`;

  it("resolves with the acknowledgement once the stream exists", async () => {
    await using fixture = await instrumentClient(client, server);
    const manager = await client.jetstreamManager(fixture.raw);
    let added: Promise<unknown> | undefined;
    const acknowledgement = await publishWithRetry(client.jetstream(fixture.raw), `${name}.late`, "x", {
      ...SHORT_PAUSES,
      onRetry: ({ error }) => {
        expect(errorType(error)).toBe("no_responders");
        added ??= manager.streams.add({ name, subjects: [`${name}.>`] });
      },
    });
    await added;
    expect(acknowledgement).toMatchObject({ stream: name, seq: 1, duplicate: false });
  });

  it("counts retries if the client belongs to an instrumented connection", async () => {
    await using fixture = await instrumentClient(client, server);
    const { connection, raw } = fixture;
    const subject = `${name}-counted`;
    const attempts: number[] = [];
    const publish = (from: unknown) =>
      failureOf(() =>
        publishWithRetry(client.jetstream(from), subject, "x", { ...SHORT_PAUSES, attempts: 3 }),
      );
    for (const from of [connection, raw]) attempts.push(attemptsOf(await publish(from)) ?? 0);
    expect(attempts).toEqual([3, 3]);
    expect(await fixture.samples()).toMatchObject({
      [`nats_retries_total{operation="publish",subject="${subject}"}`]: 2,
      [`nats_messages_published_total{subject="${subject}"}`]: 3,
      [`nats_jetstream_publish_ack_seconds_count{subject="${subject}",outcome="no_responders"}`]: 3,
    });
  });

  it("stores one message if an acknowledgement was lost", async () => {
    await using fixture = await instrumentClient(client, server);
    const { raw } = fixture;
    const manager = await client.jetstreamManager(raw);
    await manager.streams.add({ name: `${name}-lost`, subjects: [`${name}-lost`] });
    const stream = client.jetstream(raw);
    const ids: string[] = [];
    // The fault: the first acknowledgement is lost.
    const lossy = {
      async publish(subject: string, data?: nats.Payload, options?: { msgID: string }) {
        ids.push(options?.msgID as string);
        const acknowledgement = await stream.publish(subject, data, options);
        if (ids.length === 1) throw nats.NatsError.errorForCode(nats.ErrorCode.Timeout);
        return acknowledgement;
      },
    };
    const acknowledgement = await publishWithRetry(lossy, `${name}-lost`, "x", SHORT_PAUSES);
    expect(acknowledgement).toMatchObject({ seq: 1, duplicate: true });
    expect(new Set(ids).size).toBe(1);
    await publishWithRetry(lossy, `${name}-lost`, "y", SHORT_PAUSES);
    const { state } = await manager.streams.info(`${name}-lost`);
    expect(state.messages).toBe(2);
    expect(new Set(ids).size).toBe(2);
  });

  it("uses the caller's id, and leaves the caller's options and headers unchanged", async () => {
    await using fixture = await instrumentClient(client, server);
    const { raw } = fixture;
    const subject = `${name}-own`;
    const manager = await client.jetstreamManager(raw);
    await manager.streams.add({ name: subject, subjects: [subject] });
    const stream = client.jetstream(raw);
    const headers = client.headers();
    headers.append("Color", "red");
    headers.append("Color", "blue");
    const options = Object.freeze({ ...SHORT_PAUSES, headers, expect: Object.freeze({ lastSequence: 0 }) });
    await publishWithRetry(stream, subject, "x", options);
    expect([...headers]).toEqual([["Color", ["red", "blue"]]]);
    await publishWithRetry(stream, subject, "y", { ...SHORT_PAUSES, msgID: "mine" });
    headers.set("Nats-Msg-Id", "theirs");
    await publishWithRetry(stream, subject, "z", { ...SHORT_PAUSES, headers });
    const stored = [];
    for (const seq of [1, 2, 3]) stored.push((await manager.streams.getMessage(subject, { seq })).header);
    expect(stored.map((header) => header.values("Color"))).toEqual([["red", "blue"], [], ["red", "blue"]]);
    const ids = stored.map((header) => header.get("Nats-Msg-Id"));
    expect(ids).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), "mine", "theirs"]);
  });

  it("stores a message once across a restart of the server", async () => {
    const fragile = await runNatsServer();
    try {
      await using fixture = await instrumentClient(client, fragile, { connect: RECONNECTS_FOREVER });
      const { raw } = fixture;
      const manager = await client.jetstreamManager(raw);
      await manager.streams.add({ name: "KEPT", subjects: ["kept"] });
      const reconnecting = await client.connect({ servers: fragile.clientUrl, ...RECONNECTS_FOREVER });
      const { onRetry, restarted } = restartOnce(fragile);
      await fragile.stop();
      const options = { ...SHORT_PAUSES, timeout: 200, onRetry };
      const acknowledgement = await publishWithRetry(client.jetstream(reconnecting), "kept", "x", options);
      await restarted();
      expect(acknowledgement).toMatchObject({ stream: "KEPT", seq: 1 });
      const after = await client.jetstreamManager(reconnecting);
      expect((await after.streams.info("KEPT")).state.messages).toBe(1);
      await reconnecting.close();
    } finally {
      await fragile[Symbol.asyncDispose]();
    }
  });
});

/** Checks an error with the means of an application that knows its client. */
function expectTimeoutOf(client: ClientGeneration, error: unknown): void {
  if (client.name === "nats 2") {
    expect(error).toBeInstanceOf(nats.NatsError);
    expect((error as nats.NatsError).code).toBe(nats.ErrorCode.Timeout);
  } else expect((error as Error).name).toBe("TimeoutError");
}

function respond(_: Error | null, message: { respond(data: string): boolean }): void {
  message.respond("!");
}

describe("retry options", () => {
  it("are refused with all problems at once", async () => {
    const wrong = {
      attempts: 1.5,
      deadlineMs: 0,
      initialPauseMs: -1,
      pauseFactor: "2",
      maxPauseMs: Infinity,
      signal: "now",
      shouldRetry: true,
      onRetry: {},
    };
    const sentence =
      "publishWithRetry: `attempts` is 1.5: expected a whole number from 1, or Infinity; " +
      "`deadlineMs` is 0: expected a number of milliseconds from 1 to 2147483647, or Infinity; " +
      "`initialPauseMs` is -1: expected a number of milliseconds from 0 to 2147483647; " +
      '`pauseFactor` is "2": expected a number from 1; ' +
      "`maxPauseMs` is Infinity: expected a number of milliseconds from 0 to 2147483647; " +
      '`signal` is "now": expected an AbortSignal; ' +
      "`shouldRetry` is true: expected a function; `onRetry` is an object: expected a function";
    const error = await failureOf(() =>
      publishWithRetry({ publish: async () => {} }, "x", "x", wrong as never),
    );
    expect(error).toEqual(new TypeError(sentence));
  });

  it("are not passed to the client, and its own options are", () => {
    const { own, policy } = policyOf("x", { attempts: 2, timeout: 7, deadlineMs: undefined as never });
    expect(own).toEqual({ timeout: 7 });
    expect(policy).toMatchObject({ attempts: 2, deadlineMs: 30_000 });
  });
});

it("have the types of the client that is passed", () => {
  const typed = () => {
    const two = {} as { connection: nats.NatsConnection; jetstream: nats.JetStreamClient };
    const three = {} as { connection: NatsConnection; jetstream: JetStreamClient };
    expectTypeOf(publishWithRetry(two.connection, "x", "x", { reply: "y" })).resolves.toEqualTypeOf<void>();
    expectTypeOf(publishWithRetry(three.connection, "x")).resolves.toEqualTypeOf<void>();
    const expecting = { attempts: 2, msgID: "1", expect: { lastSequence: 1 } };
    expectTypeOf(publishWithRetry(two.jetstream, "x", "x", expecting)).resolves.toEqualTypeOf<nats.PubAck>();
    expectTypeOf(publishWithRetry(three.jetstream, "x", "x", expecting)).resolves.toEqualTypeOf<PubAck>();
    expectTypeOf(
      requestWithRetry(two.connection, "x", "x", { noMux: true }),
    ).resolves.toEqualTypeOf<nats.Msg>();
    expectTypeOf(requestWithRetry(three.connection, "x", "x", { timeout: 1 })).resolves.toEqualTypeOf<Msg>();
    // @ts-expect-error: an option of neither
    requestWithRetry(two.connection, "x", "x", { retries: 3 });
  };
  expect(typed).toBeTypeOf("function");
});

it("the pause between attempts is a random part of a growing maximum", () => {
  const bounds = fc.record({
    initialPauseMs: fc.integer({ min: 0, max: 10_000 }),
    pauseFactor: fc.double({ min: 1, max: 10, noNaN: true }),
    maxPauseMs: fc.integer({ min: 0, max: 100_000 }),
  });
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(bounds, fc.integer({ min: 1, max: 5000 }), random, (options, attempt, part) => {
      const { policy } = policyOf("x", options);
      const pause = pauseAfter(policy, attempt, part);
      const longest = options.initialPauseMs && options.initialPauseMs * options.pauseFactor ** (attempt - 1);
      expect(pause).toBe(part * Math.min(longest, options.maxPauseMs));
      expect(Number.isFinite(pause)).toBe(true);
    }),
  );
});
