import { describe, expect, it } from "vitest";
import { COLLECTOR_NAMES } from "../../../src/exporter/collect/collector.ts";
import { resolve } from "../../../src/exporter/settings/resolve.ts";
import { chosenCollectors, seriesLimitOf } from "../../../src/exporter/settings/settings.ts";
import { problemsOf, type Sources, settingsFrom } from "./settings-from.ts";

describe("precedence", () => {
  const everywhere: Required<Sources> = {
    flags: ["--listen", ":1"],
    environment: { NATSCOPE_LISTEN: ":2" },
    file: 'listen: ":3"',
  };

  it("is flag, environment, file, default", () => {
    const { flags, environment, file } = everywhere;
    const ports = [everywhere, { environment, file }, { file }, {}, { flags, file }].map(
      (sources) => settingsFrom(sources).settings.listen.port,
    );
    expect(ports).toEqual([1, 2, 3, 7777, 1]);
  });

  it("gives all values of a list to one source", () => {
    const { settings } = settingsFrom({
      flags: ["--monitor", "http://a", "--monitor", "http://b"],
      file: "monitor: [http://c]",
    });
    expect(settings.monitor.map(({ name }) => name)).toEqual(["a:80", "b:80"]);
  });

  it("takes an empty variable for none", () => {
    expect(settingsFrom({ environment: { NATSCOPE_LISTEN: "" } }).settings.listen).toEqual({ port: 7777 });
  });

  it("puts what is decided elsewhere before everything", () => {
    const given = [{ setting: "listen", text: ":1", origin: { source: "flag" as const, place: "--listen" } }];
    expect(resolve(given, { listen: { port: 9 } }).settings.listen).toEqual({ port: 9 });
  });
});

describe("defaults", () => {
  it("watch the server of this machine and are without problems", () => {
    const { settings, problems } = settingsFrom({});
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      listen: { port: 7777 },
      metricsPath: "/metrics",
      scrapeTimeout: 10_000,
      timeoutMargin: 500,
      maxBody: 64 * 2 ** 20,
      names: "natscope",
      ephemeralConsumers: "fold",
    });
    expect(settings.monitor.map(({ url }) => url.href)).toEqual(["http://127.0.0.1:8222/"]);
    expect(chosenCollectors(settings)).toEqual(COLLECTOR_NAMES);
  });
});

describe("problems", () => {
  it("are all told at once, from every source", () => {
    expect(
      problemsOf({
        flags: ["--lisen", ":1", "--max-body", "huge", "--raft-groups"],
        environment: { NATSCOPE_LOG_LEVL: "info", NATSCOPE_LOG_FORMAT: "xml" },
        file: "\nscrape_timeout: soon\ncolect: varz\n",
      }).map((problem) => problem.replace(/, but must be.*/, "")),
    ).toEqual([
      "--raft-groups needs a value: --raft-groups meta|all",
      "--lisen is not a flag of natscope serve; did you mean --listen?",
      "NATSCOPE_LOG_LEVL is not a setting; did you mean NATSCOPE_LOG_LEVEL?",
      'natscope.yaml:3 "colect" is not a setting; did you mean collect?',
      'natscope.yaml:2 scrape_timeout is "soon"',
      '--max-body is "huge"',
      'NATSCOPE_LOG_FORMAT is "xml"',
    ]);
  });

  it("are told of a source that another one overrides", () => {
    expect(problemsOf({ flags: ["--listen", ":1"], environment: { NATSCOPE_LISTEN: "x" } })).toEqual([
      expect.stringMatching(/^NATSCOPE_LISTEN is "x", but must be host:port/),
    ]);
  });

  it.each([
    [
      ["--listen", ":1", "--listen", ":2"],
      '--listen is given more than once, ":1" and ":2", but takes one value',
    ],
    [["--collect", "varz,jzs"], /^--collect is "jzs", but must be .*; did you mean jsz\?$/],
    [["--collect", "varzz"], /^--collect is "varzz", but must be .*; did you mean varz\?$/],
    [["--collect", "varz,jzs", "--no-collect", "varz"], /^--collect is "jzs", but must be /],
    [["--no-collect", "all"], /^--no-collect is "all", but must be varz, /],
    [["--no-collect", COLLECTOR_NAMES.join()], "--no-collect leaves no collector to run"],
    [
      ["--timeout-margin", "10s"],
      "--timeout-margin must be less than --scrape-timeout, so that time is left to ask",
    ],
    [
      ["--prefix", "nats"],
      "--prefix is for other names, which takes --names prometheus-nats-exporter or --names both",
    ],
    [["--monitor", "https://h", "--monitor-key", "k"], "--monitor-key needs --monitor-cert with it"],
    [["--monitor-ca", "ca.pem"], "--monitor-ca is for https monitors, and there is none"],
    [["--include-streams", "["], /^--include-streams is "\[", but must be a regular expression/],
  ])("%j", (flags, problem) => {
    expect(problemsOf({ flags })).toEqual([
      typeof problem === "string" ? problem : expect.stringMatching(problem),
    ]);
  });
});

describe("collectors", () => {
  const chosen = (...flags: string[]) => chosenCollectors(settingsFrom({ flags }).settings);

  it("are exactly those asked for, without those refused, in their own order", () => {
    expect(chosen("--collect", "jsz, varz", "--collect", "connz")).toEqual(["varz", "connz", "jsz"]);
    expect(chosen("--collect", "all", "--no-collect", "jsz")).toEqual(
      COLLECTOR_NAMES.filter((name) => name !== "jsz"),
    );
    expect(chosen("--collect", "default,raftz")).toContain("raftz");
  });

  it("have the limit of their own, or the general one, or the default", () => {
    const limits = (...flags: string[]) => {
      const { settings } = settingsFrom({ flags });
      return [seriesLimitOf(settings, "jsz"), seriesLimitOf(settings, "varz")];
    };
    expect(limits()).toEqual([200_000, 200_000]);
    expect(limits("--series-limit", "jsz=5")).toEqual([5, 200_000]);
    expect(limits("--series-limit", "jsz=5,7", "--series-limit", "jsz=6")).toEqual([6, 7]);
  });
});
