import { describe, expect, it } from "vitest";
import { processorLimit, throttlingOf } from "../../../src/bench/environment/control-group.ts";
import { fingerprintOf, hostFacts, isThisMachine } from "../../../src/bench/environment/environment.ts";
import { Hiccups } from "../../../src/bench/environment/hiccups.ts";
import { disturbanceBetween } from "../../../src/bench/environment/observers.ts";
import { processorTime, sharesBetween } from "../../../src/bench/environment/processor-time.ts";
import { decode } from "../../../src/bench/measure/encoding.ts";
import { Histogram } from "../../../src/bench/measure/histogram.ts";
import type { Environment } from "../../../src/bench/result/schema.ts";
import { until } from "../../rig/until.ts";

/** Files of a machine that is not ours. */
const files = (all: Readonly<Record<string, string>>) => (path: string) => all[path];
const NO_FILES = files({});

describe("a control group", () => {
  it("limits processors in version 2, by the least of it and those above", () => {
    const read = files({
      "/proc/self/cgroup": "0::/pod/container\n",
      "/sys/fs/cgroup/pod/container/cpu.max": "max 100000\n",
      "/sys/fs/cgroup/pod/cpu.max": "150000 100000\n",
    });
    expect(processorLimit(read)).toBe(1.5);
  });

  it("limits processors in version 1", () => {
    const read = files({
      "/proc/self/cgroup": "11:memory:/docker/1\n4:cpu,cpuacct:/docker/1\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "50000\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
    });
    expect(processorLimit(read)).toBe(0.5);
  });

  it("may have no limit, or not be there", () => {
    const read = files({
      "/proc/self/cgroup": "0::/\n1:cpu:/\n",
      "/sys/fs/cgroup/cpu.max": "max 100000\n",
      "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
      "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
    });
    expect(processorLimit(read)).toBeUndefined();
    expect(processorLimit(NO_FILES)).toBeUndefined();
    expect(throttlingOf(NO_FILES)).toBeUndefined();
  });
});

describe("processor time", () => {
  const at = (idle: number, steal: number, periods: number, throttled: number) =>
    processorTime(
      files({
        "/proc/stat": `cpu  10 0 10 ${idle} 0 0 0 ${steal} 5 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n`,
        "/proc/self/cgroup": "0::/\n",
        "/sys/fs/cgroup/cpu.stat": `usage_usec 1\nnr_periods ${periods}\nnr_throttled ${throttled}\n`,
      }),
    );

  it("is reported as a share of all time", () => {
    expect(sharesBetween(at(100, 10, 1000, 50), at(190, 20, 1200, 100))).toEqual({
      stealShare: 0.1,
      throttledShare: 0.25,
    });
  });

  it("is 0 if no time passed", () => {
    expect(sharesBetween(at(1, 1, 1, 1), at(1, 1, 1, 1))).toEqual({ stealShare: 0, throttledShare: 0 });
  });

  it("is absent if the platform reports nothing", () => {
    expect(processorTime(NO_FILES)).toEqual({});
    expect(sharesBetween({}, at(1, 1, 1, 1))).toEqual({});
  });
});

it("a thread that sleeps notes how late it woke", async () => {
  const hiccups = new Hiccups();
  try {
    const seen = await until("hiccups", () =>
      hiccups.snapshot().count >= 20 ? hiccups.snapshot() : undefined,
    );
    const empty = { hiccups: new Histogram(), probe: new Histogram(), processorTime: {} };
    const disturbance = disturbanceBetween(empty, { ...empty, hiccups: seen });
    expect(Object.keys(disturbance)).toEqual(["hiccups"]);
    expect((decode(disturbance.hiccups as string) as Histogram).count).toBe(seen.count);
  } finally {
    await hiccups.stop();
  }
});

describe("the environment", () => {
  const environment: Pick<Environment, "host" | "runtime" | "servers"> = {
    host: hostFacts(),
    runtime: { node: "26.0.0", v8: "14" },
    servers: [{ name: "one", version: "2.15.2", tls: false, local: true, roundTripMs: 0.2 }],
  };
  const server = environment.servers[0] as Environment["servers"][number];

  it("has the same fingerprint for a server that was restarted", () => {
    const again = { ...environment, servers: [{ ...server, name: "two", roundTripMs: 0.3 }] };
    expect(fingerprintOf(again)).toBe(fingerprintOf(environment));
    expect(fingerprintOf(environment)).toMatch(/^[0-9a-f]{16}$/);
  });

  it.each([
    { ...environment, servers: [{ ...server, version: "2.10.0" }] },
    { ...environment, servers: [{ ...server, tls: true }] },
    { ...environment, runtime: { ...environment.runtime, node: "22.0.0" } },
    { ...environment, host: { ...environment.host, cpuLimit: 1.25 } },
  ])("has another for what cannot be compared", (other) => {
    expect(fingerprintOf(other)).not.toBe(fingerprintOf(environment));
  });

  it.each([
    ["127.0.0.1:4222", true],
    ["[::1]:4222", true],
    ["localhost:4222", true],
    ["192.0.2.1:4222", false],
    ["no-such-host.invalid:4222", false],
  ])("knows whether %s is this host", async (address, expected) => {
    expect(await isThisMachine(address)).toBe(expected);
  });
});
