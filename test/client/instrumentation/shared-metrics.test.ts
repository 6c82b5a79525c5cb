import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { instrument } from "../../../src/client/instrument.ts";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { until } from "../../rig/until.ts";
import { describeEachClient, instrumentClient, keepContexts, samplesOf } from "../clients.ts";

keepContexts();

let server: RunningNatsServer;
beforeAll(async () => {
  server = await runNatsServer();
});
afterAll(() => server.stop());

describeEachClient("connections of one registry", (client) => {
  it("have their own templates, and report options that differ from the registry's", async () => {
    const registry = new Registry();
    const [one, other] = await Promise.all([1, 2].map(() => client.connect({ servers: server.clientUrl })));
    const problems: string[] = [];
    const first = instrument(one, { registry, tracer: false, subjects: { limit: 10 } });
    const second = instrument(other, {
      registry,
      tracer: false,
      subjects: { templates: ["users.*.login"], limit: 3 },
      onProblem: ({ error }) => problems.push((error as Error).message),
    });
    first.publish("users.bob.login", "x");
    for (const name of ["amy", "bob"]) second.publish(`users.${name}.login`, "x");
    expect(await samplesOf(registry)).toMatchObject({
      'nats_messages_published_total{subject="users.bob.login"}': 1,
      'nats_messages_published_total{subject="users.*.login"}': 2,
      'nats_client_instrumentation_problems_total{part="registry"}': 1,
    });
    expect(problems).toEqual([
      "`subjects.limit` is 3: ignored, the first connection of this registry set 10",
    ]);
    await Promise.all([one.close(), other.close()]);
  });
});

describeEachClient("a thenable that is not a promise", (client) => {
  it("is not run if a callback returns it", async () => {
    await using fixture = await instrumentClient(client, server);
    let ran = 0;
    let called = 0;
    // biome-ignore lint/suspicious/noThenProperty: as a database library's query has it
    const query = { then: () => ran++ };
    fixture.connection.subscribe("lazy", {
      callback: () => {
        called++;
        return query;
      },
    });
    fixture.connection.publish("lazy", "x");
    await until("the call", () => (called > 0 ? true : undefined));
    expect(ran).toBe(0);
  });

  it("never reaches the application if a hook returns it", async () => {
    const hostile = {
      // biome-ignore lint/suspicious/noThenProperty: that is what is tried
      get then(): never {
        throw new Error("hostile");
      },
    };
    await using fixture = await instrumentClient(client, server, {
      hooks: { publish: () => hostile as never },
    });
    expect(() => fixture.connection.publish("hook", "x")).not.toThrow();
  });
});
