import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { gatherConfigFile } from "../../../src/exporter/settings/config-file.ts";
import { resolve } from "../../../src/exporter/settings/resolve.ts";
import { temporaryDirectory } from "../server/fixture.ts";
import { problemsOf, settingsFrom } from "./settings-from.ts";

describe("a configuration file", () => {
  it("gives values and lists, with anchors, each with its line", () => {
    const { settings, effective, problems } = settingsFrom({
      file: `# a comment
listen: "[::1]:80"
series_limit: &limits
  - 1000
  - jsz=0x10
no_collect: [raftz, connz]
exclude_accounts: \\$SYS
`.replace("jsz=0x10", "jsz=16"),
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
    ["- listen\n", 'natscope.yaml:1 must be a mapping of settings, such as listen: ":7777"'],
    ["listen:\n", "natscope.yaml:1 listen has no value, but must be one value"],
    ["monitor: [[http://a]]\n", "natscope.yaml:1 monitor is a list, but must be one value"],
    ["monitor: &a\n  url: *a\n", "natscope.yaml:2 monitor.url is a mapping, but must be one value"],
    ["listen: &a [*a]\n", "natscope.yaml:1 listen is a list, but must be one value"],
    ["config: x\n", /^natscope\.yaml:1 "config" is not a setting/],
    ["metrics-path: /m\n", 'natscope.yaml:1 "metrics-path" is not a setting; did you mean metrics_path?'],
    ["listen: *nowhere\n", /natscope\.yaml:1/],
    ["? [a]\n: b\n", /^natscope\.yaml:1 "" is not a setting/],
  ])("%j is refused", (file, problem) => {
    expect(problemsOf({ file })).toEqual([
      typeof problem === "string" ? problem : expect.stringMatching(problem),
    ]);
  });

  it("is not quoted where it is no YAML: the text may be a password", () => {
    const problems = problemsOf({
      file: "monitor:\n  - url: http://a\n    password: *QQSECRET\n  x QQSECRET: [\n",
    });
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join()).not.toContain("QQSECRET");
  });

  it("names files as seen from where it is", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "natscope.yaml");
    writeFileSync(
      path,
      "web_config: web.yml\nmonitor: {url: https://a, ca: /ca.pem, key: k/key.pem, certificate: c}\n",
    );
    const { settings } = resolve((await gatherConfigFile(path, "--config")).given);
    expect(settings.webConfig).toBe(join(directory, "web.yml"));
    expect(settings.monitor[0]?.tls).toEqual({
      ca: "/ca.pem",
      key: join(directory, "k/key.pem"),
      certificate: join(directory, "c"),
    });
  });

  it("must be there", async () => {
    const directory = temporaryDirectory();
    const missing = join(directory, "none.yaml");
    expect((await gatherConfigFile(missing, "--config")).problems).toEqual([
      `--config names ${missing}, which does not exist`,
    ]);
    expect((await gatherConfigFile(directory, "NATSCOPE_CONFIG")).problems).toEqual([
      `NATSCOPE_CONFIG names ${directory}, which is a directory, not a file`,
    ]);
  });
});
