import { describe, expect, it } from "vitest";
import { readEnvironment } from "../../src/input/environment.ts";
import { file, text } from "../../src/input/kinds.ts";
import { option } from "../../src/input/option.ts";

const ROWS = {
  metricsPath: option(text("PATH"), { group: "Group", help: "Path." }),
  webConfig: option(file, { group: "Group", help: "File." }),
  onlyFlag: option(file, { group: "Group", help: "File.", sources: ["flag"] }),
};

const read = (environment: Readonly<Record<string, string>>) => readEnvironment(environment, ROWS);

describe("the environment", () => {
  it("gives options by their variables", () => {
    expect(read({ NATSCOPE_METRICS_PATH: "/m", PATH: "/bin", NATSCOPE_WEB_CONFIG: "" })).toEqual({
      problems: [],
      given: [
        {
          option: "metricsPath",
          text: "/m",
          origin: { source: "environment", place: "NATSCOPE_METRICS_PATH" },
        },
      ],
    });
  });

  it.each([
    ["NATSCOPE_METRIC_PATH", "NATSCOPE_METRIC_PATH is not a setting; did you mean NATSCOPE_METRICS_PATH?"],
    [
      "NATSCOPE_ONLY_FLAG",
      "NATSCOPE_ONLY_FLAG is not a setting: expected NATSCOPE_METRICS_PATH or NATSCOPE_WEB_CONFIG",
    ],
  ])("reports the unknown variable %s", (variable, problem) => {
    expect(read({ [variable]: "x" }).problems).toEqual([problem]);
  });

  it("ignores the variables that Kubernetes sets for services called natscope", () => {
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
    expect(read(links)).toEqual({ given: [], problems: [] });
  });
});
