import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { gatherSettings } from "../../../src/exporter/settings/gather.ts";
import { temporaryDirectory } from "../server/fixture.ts";
import { problemsOf, settingsFrom } from "./settings-from.ts";

const fromFile = (path: string) => gatherSettings({ given: [], problems: [] }, { NATSCOPE_CONFIG: path });

describe("a configuration file", () => {
  it("gives values and lists, with anchors, each with its line", () => {
    const { settings, effective, problems } = settingsFrom({
      file: `# a comment
listen: "[::1]:80"
series_limit: &limits
  - 1000
  - jsz=16
no_collect: [raftz, connz]
exclude_accounts: \\$SYS
`,
    });
    expect(problems).toEqual([]);
    expect(settings.seriesLimit).toEqual([{ series: 1000 }, { collector: "jsz", series: 16 }]);
    expect(settings.noCollect).toEqual(["raftz", "connz"]);
    expect(effective.seriesLimit.map(({ origin }) => origin.place)).toEqual([
      "natscope.yaml:4 series_limit",
      "natscope.yaml:5 series_limit",
    ]);
  });

  it.each(["", "# nothing\n", "---\n", "~"])("may be empty: %j", (file) => {
    expect(problemsOf({ file })).toEqual([]);
  });

  it.each([
    ["listen: [\n", /^natscope\.yaml:\d+:\d+ is not YAML: /],
    ["listen: a\nlisten: b\n", "natscope.yaml:2:1 is not YAML: Map keys must be unique"],
    ["a: b: c\n", /^natscope\.yaml:1:\d+ is not YAML: Nested mappings are not allowed/],
    ["- listen\n", 'natscope.yaml:1 is not a mapping: expected settings, such as listen: ":7777"'],
    ["listen:\n", "natscope.yaml:1 listen has no value: expected one value"],
    ["monitor: [[http://a]]\n", "natscope.yaml:1 monitor is a list: expected one value"],
    ["monitor: &a\n  url: *a\n", "natscope.yaml:2 monitor.url is a mapping: expected one value"],
    ["listen: &a [*a]\n", "natscope.yaml:1 listen is a list: expected one value"],
    ["config: x\n", /^natscope\.yaml:1 "config" is not a setting/],
    ["metrics-path: /m\n", 'natscope.yaml:1 "metrics-path" is not a setting; did you mean metrics_path?'],
    ["listen: *nowhere\n", /natscope\.yaml:1/],
    ["? [a]\n: b\n", /^natscope\.yaml:1 "" is not a setting: expected monitor, /],
  ])("with an error is reported: %j", (file, problem) => {
    expect(problemsOf({ file })).toEqual([
      typeof problem === "string" ? problem : expect.stringMatching(problem),
    ]);
  });

  it("is not quoted in an error, because the text may be a password", () => {
    const problems = problemsOf({
      file: "monitor:\n  - url: http://a\n    password: *QQSECRET\n  x QQSECRET: [\n",
    });
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join()).not.toContain("QQSECRET");
  });

  it("resolves paths against its own directory", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "natscope.yaml");
    writeFileSync(
      path,
      "web_config: web.yml\nmonitor: {url: https://a, ca: /ca.pem, key: k/key.pem, certificate: c}\n",
    );
    const { values } = await fromFile(path);
    expect(values.webConfig).toBe(join(directory, "web.yml"));
    expect(values.monitor[0]?.tls).toEqual({
      ca: "/ca.pem",
      key: join(directory, "k/key.pem"),
      certificate: join(directory, "c"),
    });
  });

  it("must be a file that exists", async () => {
    const directory = temporaryDirectory();
    const missing = join(directory, "none.yaml");
    expect((await fromFile(missing)).problems).toEqual([
      `NATSCOPE_CONFIG names ${missing}, which does not exist`,
    ]);
    expect((await fromFile(directory)).problems).toEqual([
      `NATSCOPE_CONFIG names ${directory}, which is a directory, not a file`,
    ]);
  });
});
