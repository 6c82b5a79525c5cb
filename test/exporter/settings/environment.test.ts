import { describe, expect, it } from "vitest";
import { gatherEnvironment } from "../../../src/exporter/settings/environment.ts";

describe("the environment", () => {
  it("gives settings by their variables", () => {
    const { given, problems } = gatherEnvironment({ NATSCOPE_METRICS_PATH: "/m", PATH: "/bin" });
    expect(problems).toEqual([]);
    expect(given).toEqual([
      {
        setting: "metricsPath",
        text: "/m",
        origin: { source: "environment", place: "NATSCOPE_METRICS_PATH" },
      },
    ]);
  });

  it("refuses other variables of that beginning", () => {
    expect(gatherEnvironment({ NATSCOPE_PORT: "7777" }).problems).toEqual([
      expect.stringMatching(
        /^NATSCOPE_PORT is not a setting(; did you mean|: natscope knows NATSCOPE_CONFIG, )/,
      ),
    ]);
  });

  it("passes over what Kubernetes says of services called natscope", () => {
    const links = {
      NATSCOPE_SERVICE_HOST: "10.0.0.1",
      NATSCOPE_SERVICE_PORT: "7777",
      NATSCOPE_SERVICE_PORT_METRICS: "7777",
      NATSCOPE_PORT: "tcp://10.0.0.1:7777",
      NATSCOPE_PORT_7777_TCP: "tcp://10.0.0.1:7777",
      NATSCOPE_PORT_7777_TCP_PROTO: "tcp",
      NATSCOPE_PORT_7777_TCP_PORT: "7777",
      NATSCOPE_PORT_7777_TCP_ADDR: "10.0.0.1",
      NATSCOPE_EAST_SERVICE_HOST: "10.0.0.2",
      NATSCOPE_EAST_PORT: "udp://10.0.0.2:7777",
    };
    expect(gatherEnvironment(links)).toEqual({ given: [], problems: [] });
  });
});
