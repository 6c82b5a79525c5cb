import { describe, expect, it } from "vitest";
import { describeSettings } from "../../../src/exporter/settings/effective.ts";
import { type Sources, settingsFrom } from "./settings-from.ts";

const shown = (sources: Sources): string => describeSettings(settingsFrom(sources));

describe("natscope config", () => {
  it("prints each value with its source", () => {
    const lines = shown({
      flags: ["--listen", ":1"],
      environment: { NATSCOPE_NO_COLLECT: "raftz,expvarz" },
      file: "# mine\nmax_body: 1MiB\n",
    })
      .split("\n")
      .map((line) => line.replace(/ {2,}#/, " #"));
    expect(lines).toEqual(
      expect.arrayContaining([
        '  - ":1" # --listen',
        "  - raftz # NATSCOPE_NO_COLLECT",
        "  - expvarz # NATSCOPE_NO_COLLECT",
        "max_body: 1MiB # natscope.yaml:2 max_body",
        "metrics_path: /metrics # default",
        "# web_config: # not set",
      ]),
    );
  });

  it("prints a configuration file that gives the same settings", () => {
    const sources: Sources = {
      flags: [
        ...["--monitor", "ä 'b=https://h:1/base", "--monitor", "http://i", "--monitor-ca", "/c a.pem"],
        ...["--include-streams", 'a|"b"#: \\$', "--include-streams", "null", "--series-limit", "5,jsz=6"],
        ...["--names", "both", "--prefix", "nats", "--stream-metadata", "a,b", "--scrape-timeout", "1m"],
      ],
      file: 'monitor_server_name: "no: yes # 1"',
    };
    const before = settingsFrom(sources);
    const after = settingsFrom({ file: describeSettings(before) });
    expect(before.problems).toEqual([]);
    expect(after.problems).toEqual([]);
    const comparable = ({ settings }: typeof before) => ({
      ...settings,
      monitor: settings.monitor.map(({ place: _, ...monitor }) => monitor),
    });
    expect(comparable(after)).toEqual(comparable(before));
  });

  it("hides users and passwords", () => {
    const text = shown({
      file: "monitor:\n  - http://QQUSER:QQSECRET@h\n  - {name: b, url: http://i, user: QQUSER, password: QQSECRET}\n",
    });
    expect(text).not.toMatch(/QQ/);
    expect(text.match(/password: "<hidden>"/g)).toHaveLength(2);
  });
});
