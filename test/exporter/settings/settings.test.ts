import { describe, expect, it } from "vitest";
import { COLLECTOR_NAMES } from "../../../src/exporter/collect/collector.ts";
import { readSettingFlags, settingHelp } from "../../../src/exporter/settings/command-line.ts";
import {
  chosenCollectors,
  SETTING_NAMES,
  SETTINGS,
  seriesLimitOf,
} from "../../../src/exporter/settings/settings.ts";
import {
  defaultsOf,
  defaultText,
  flagsOf,
  keyOf,
  type Option,
  variableOf,
} from "../../../src/input/option.ts";
import { settingReference } from "../../../tools/docs/setting-reference.ts";
import { problemsOf, type Sources, settingsFrom } from "./settings-from.ts";

const rows = SETTING_NAMES.map((name): readonly [typeof name, Option<unknown>] => [name, SETTINGS[name]]);

describe("the command line of natscope serve", () => {
  it("gives settings in both spellings, in order", () => {
    expect(
      readSettingFlags("natscope serve", ["--listen", ":1", "--collect=varz", "--collect", "jsz"]),
    ).toEqual({
      wantsHelp: false,
      problems: [],
      given: [
        { option: "listen", text: ":1", origin: { source: "flag", place: "--listen" } },
        { option: "collect", text: "varz", origin: { source: "flag", place: "--collect" } },
        { option: "collect", text: "jsz", origin: { source: "flag", place: "--collect" } },
      ],
    });
  });

  it.each([
    [["--xyzzy=1"], "--xyzzy is not a flag of natscope serve; see natscope serve --help"],
    [["-x"], "-x is not a flag of natscope serve; see natscope serve --help"],
    [["more"], 'natscope serve has the argument "more": expected flags only; see natscope serve --help'],
    [["http://u:p@h"], 'natscope serve has the argument "***@h": expected --monitor before a URL'],
    [["--listen"], "--listen has no value: expected [HOST]:PORT"],
  ])("reports %j", (argv, problem) => {
    expect(readSettingFlags("natscope serve", argv).problems).toEqual([problem]);
  });

  it("takes the argument after an unknown flag for its value, and reads on", () => {
    const argv = ["--montor", "http://a", "--listen", ":1", "--colect", "varz"];
    expect(readSettingFlags("natscope serve", argv)).toMatchObject({
      given: [{ option: "listen", text: ":1" }],
      problems: [
        "--montor is not a flag of natscope serve; did you mean --monitor?",
        "--colect is not a flag of natscope serve; did you mean --collect?",
      ],
    });
  });

  it("takes the flags of Prometheus and its exporter-toolkit", () => {
    const { settings, problems } = settingsFrom({
      flags: [
        ...["--web.listen-address", ":1", "--web.listen-address=[::1]:2", "--web.config.file=web.yml"],
        ...["--web.telemetry-path", "/m", "--log.level=debug", "--log.format=logfmt"],
      ],
    });
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      listen: [{ port: 1 }, { host: "::1", port: 2 }],
      webConfig: "web.yml",
      metricsPath: "/m",
      logLevel: "debug",
      logFormat: "logfmt",
    });
  });
});

describe("a default", () => {
  it.each(rows)("is a value that its own text gives: %s", (_, row) => {
    const values = defaultsOf(row);
    const texts = values.map((value) => row.kind.format(value));
    const origin = { source: "default", place: "default" } as const;
    expect(texts.map((text) => row.kind.parse({ text, origin }))).toEqual(values);
  });

  it.each(rows)("is the value that natscope uses without any source: %s", (name, row) => {
    const { values, effective } = settingsFrom({});
    expect(values[name]).toEqual(row.repeats ? defaultsOf(row) : row.default);
    expect(effective[name].map(({ text }) => text)).toEqual(
      defaultsOf(row).map((value) => row.kind.format(value)),
    );
  });

  it("is printed in help and reference", () => {
    const help = settingHelp("natscope serve", "Summary.").replace(/\s+/g, " ");
    const reference = settingReference();
    for (const [name, row] of rows) {
      const text = defaultText(row);
      if (text !== undefined) expect(help).toContain(`${row.help} (default: ${text}`);
      const line = reference.split("\n").find((one) => one.includes(`\`${variableOf(name)}\``));
      for (const value of defaultsOf(row)) expect(line).toContain(`\`${row.kind.format(value)}\``);
    }
  });
});

describe("help and reference", () => {
  it("show every setting, in at most 80 columns", () => {
    const help = settingHelp("natscope config", "Summary.");
    expect(help).toContain("Usage: natscope config [flags]\n");
    for (const [name, row] of rows) {
      expect(help).toContain(`  ${flagsOf(name, row).join(", ")} ${row.kind.placeholder}`);
    }
    expect(help.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it("show every setting in all of its spellings", () => {
    const reference = settingReference();
    for (const [name, row] of rows) {
      for (const flag of flagsOf(name, row)) expect(reference).toContain(`\`${flag} `);
      expect(reference).toContain(`\`${variableOf(name)}\``);
      if (name !== "config") expect(reference).toContain(`\`${keyOf(name)}\``);
    }
  });
});

describe("precedence", () => {
  const everywhere: Required<Sources> = {
    flags: ["--listen", ":1"],
    environment: { NATSCOPE_LISTEN: ":2" },
    file: 'listen: ":3"',
  };

  it("is flag, environment, file, default", () => {
    const { flags, environment, file } = everywhere;
    const ports = [everywhere, { environment, file }, { file }, {}, { flags, file }].map(
      (sources) => settingsFrom(sources).settings.listen,
    );
    expect(ports).toEqual([[{ port: 1 }], [{ port: 2 }], [{ port: 3 }], [{ port: 7777 }], [{ port: 1 }]]);
  });

  it("takes all values of a list from one source", () => {
    const { settings } = settingsFrom({
      flags: ["--monitor", "http://a", "--monitor", "http://b"],
      file: "monitor: [http://c]",
    });
    expect(settings.monitor.map(({ name }) => name)).toEqual(["a:80", "b:80"]);
  });

  it("counts an empty variable as not set", () => {
    expect(settingsFrom({ environment: { NATSCOPE_LISTEN: "" } }).settings.listen).toEqual([{ port: 7777 }]);
  });

  it("puts decided settings before every source", () => {
    const { settings } = settingsFrom({ flags: ["--listen", ":1"] }, { listen: [{ port: 9 }] });
    expect(settings.listen).toEqual([{ port: 9 }]);
  });
});

describe("defaults", () => {
  it("are valid and collect everything from the server of this machine", () => {
    const { settings, problems } = settingsFrom({});
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      listen: [{ port: 7777 }],
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
  it("are reported together, from every source", () => {
    expect(
      problemsOf({
        flags: ["--lisen", ":1", "--max-body", "huge", "--raft-groups"],
        environment: { NATSCOPE_LOG_LEVL: "info", NATSCOPE_LOG_FORMAT: "xml" },
        file: "\nscrape_timeout: soon\ncolect: varz\n",
      }),
    ).toEqual([
      "--raft-groups has no value: expected meta|all",
      "--lisen is not a flag of natscope serve; did you mean --listen?",
      "NATSCOPE_LOG_LEVL is not a setting; did you mean NATSCOPE_LOG_LEVEL?",
      'natscope.yaml:3 "colect" is not a setting; did you mean collect?',
      'natscope.yaml:2 scrape_timeout is "soon": expected a duration with its unit, such as 500ms or 10s, from 100ms to 1h',
      '--max-body is "huge": expected a size such as 65536, 500kB or 64MiB, from 1KiB to 1GiB',
      'NATSCOPE_LOG_FORMAT is "xml": expected json, logfmt or text',
    ]);
  });

  it("are reported for a source that another source overrides", () => {
    expect(problemsOf({ flags: ["--listen", ":1"], environment: { NATSCOPE_LISTEN: "x" } })).toEqual([
      expect.stringMatching(/^NATSCOPE_LISTEN is "x": expected host:port/),
    ]);
  });

  it.each([
    [["--metrics-path", "/a", "--metrics-path", "/b"], "--metrics-path is given 2 times: expected once"],
    [["--collect", "varz,jzs"], /^--collect is "jzs": expected .*; did you mean jsz\?$/],
    [["--collect", "varzz"], /^--collect is "varzz": expected .*; did you mean varz\?$/],
    [["--collect", "varz,jzs", "--no-collect", "varz"], /^--collect is "jzs": expected /],
    [["--no-collect", "all"], /^--no-collect is "all": expected varz, /],
    [
      ["--no-collect", COLLECTOR_NAMES.join()],
      "--no-collect excludes every collector: expected one or more to remain",
    ],
    [["--timeout-margin", "10s"], "--timeout-margin is 10s: expected less than --scrape-timeout, 10s"],
    [["--prefix", "nats"], "--prefix needs --names prometheus-nats-exporter or --names both"],
    [["--monitor", "https://h", "--monitor-key", "k"], "--monitor-key needs --monitor-cert"],
    [["--monitor-ca", "ca.pem"], "--monitor-ca needs a monitor with https://"],
    [["--include-streams", "["], /^--include-streams is "\[": expected a regular expression/],
  ])("are reported for %j", (flags, problem) => {
    expect(problemsOf({ flags })).toEqual([
      typeof problem === "string" ? problem : expect.stringMatching(problem),
    ]);
  });
});

describe("collectors", () => {
  const chosen = (...flags: string[]) => chosenCollectors(settingsFrom({ flags }).settings);

  it("are those of --collect without those of --no-collect, in the order of their table", () => {
    expect(chosen("--collect", "jsz, varz", "--collect", "connz")).toEqual(["varz", "connz", "jsz"]);
    expect(chosen("--collect", "all", "--no-collect", "jsz")).toEqual(
      COLLECTOR_NAMES.filter((name) => name !== "jsz"),
    );
    expect(chosen("--collect", "default,raftz")).toContain("raftz");
  });

  it("have their own series limit, else the general one, else the default", () => {
    const seriesLimits = (...flags: string[]) => {
      const { settings } = settingsFrom({ flags });
      return [seriesLimitOf(settings, "jsz"), seriesLimitOf(settings, "varz")];
    };
    expect(seriesLimits()).toEqual([200_000, 200_000]);
    expect(seriesLimits("--series-limit", "jsz=5")).toEqual([5, 200_000]);
    expect(seriesLimits("--series-limit", "jsz=5,7", "--series-limit", "jsz=6")).toEqual([6, 7]);
  });
});
