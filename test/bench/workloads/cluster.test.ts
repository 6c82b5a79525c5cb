import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ProgressReporter } from "../../../src/bench/runner/progress-reporter.ts";
import type { Scenario } from "../../../src/bench/scenario/scenario.ts";
import { SERVER_VERSIONS } from "../../outside-programs.ts";
import { Rig } from "../../rig/rig.ts";
import { C1 } from "../../rig/topology.ts";
import { benchmark, onlyResult, steadily } from "../runner/benchmarks.ts";
import { classesOf, flawless, STREAM, scenarioOf } from "./scenarios.ts";

describe("a cluster", () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await Rig.start({ version: SERVER_VERSIONS[0]?.version as string, nodes: C1 });
  });
  afterAll(() => rig?.stop());

  /** The connections go to any of the three servers. */
  async function resultOf(scenario: Scenario, progress: ProgressReporter = {}) {
    const servers = C1.map((name) => new URL(rig.server(name).clientUrl).host);
    const monitor = C1.map((name) => rig.server(name).monitorUrl.href);
    return onlyResult(
      await benchmark({ clientUrl: rig.server("n1").clientUrl, monitorUrl: "" }, [scenario], {
        reach: { options: { servers, user: "app", pass: "app" } },
        monitor,
        progress,
      }),
    );
  }

  it("delivers every message to subscribers on other servers, from the first one on", async () => {
    const { account } = await resultOf(scenarioOf("pubsub", { clients: 5, receivers: 5 }));
    expect(account).toMatchObject({ ...flawless(300), received: 1500 });
  });

  it("reports a new leader, the former leader and the recovery", async () => {
    const connection = await rig.connect("n1", "app");
    const progress: ProgressReporter = {
      second: (_, { second }) => {
        if (second === 2) void connection.request("$JS.API.STREAM.LEADER.STEPDOWN.benchstream");
      },
    };
    const scenario = scenarioOf("js e2e", {
      amount: { seconds: 8 },
      load: steadily(100, 8),
      stream: { ...STREAM, replicas: 3 },
    });
    const { account, events, notes = [] } = await resultOf(scenario, progress);
    expect(account.sent).toBe(800);
    expect(classesOf(account)).toBe(800);
    expect(account.lostAfterAck).toBe(0);
    const [, leader] =
      /^stream benchstream was led by (n[123]) when the run began$/.exec(notes[1] ?? "") ?? [];
    const moved = events.find(({ kind }) => kind === "leader");
    expect(moved?.what).toMatch(
      new RegExp(`^the leader of stream benchstream moved from ${leader} to n[123]$`),
    );
    expect(moved?.recovery?.firstSuccess).toBeTypeOf("number");
  });
});
