import { describe, expect, it } from "vitest";
import { COMMANDS, readArguments } from "../../src/cli/arguments.ts";
import { flagOf, SETTING_NAMES, settingOf, variableOf } from "../../src/exporter/settings/settings.ts";

const read = (...argv: string[]) => readArguments(argv, "1.2.3");

function textOf(...argv: string[]): string {
  const invocation = read(...argv);
  if (invocation.command !== "print") throw new Error(`nothing is printed: ${JSON.stringify(invocation)}`);
  return invocation.text;
}

function problemsOf(...argv: string[]): readonly string[] {
  const invocation = read(...argv);
  return "problems" in invocation ? invocation.problems : [];
}

describe("the command line", () => {
  it("gives settings in both spellings, in order", () => {
    expect(read("serve", "--listen", ":1", "--collect=varz", "--collect", "jsz")).toEqual({
      command: "serve",
      problems: [],
      given: [
        { setting: "listen", text: ":1", origin: { source: "flag", place: "--listen" } },
        { setting: "collect", text: "varz", origin: { source: "flag", place: "--collect" } },
        { setting: "collect", text: "jsz", origin: { source: "flag", place: "--collect" } },
      ],
    });
  });

  it("says the version", () => {
    expect([textOf("--version"), textOf("-V")]).toEqual(["natscope 1.2.3\n", "natscope 1.2.3\n"]);
  });

  it("helps with every command, and where nothing is asked", () => {
    for (const argv of [[], ["--help"], ["-h"], ["help"]]) {
      for (const name of Object.keys(COMMANDS)) expect(textOf(...argv)).toContain(`  ${name} `);
    }
  });

  it.each(["serve", "config"])("helps with every setting of %s", (command) => {
    const help = textOf(command, "--listen", "--help").replace(/\s+/g, " ");
    expect(help).toContain(`Usage: natscope ${command} [flags]`);
    expect(textOf("help", command)).toBe(textOf(command, "-h"));
    for (const name of SETTING_NAMES) {
      expect(help).toContain(`${flagOf(name)} ${settingOf(name).placeholder} `);
      expect(help).toContain(`${variableOf(name)})`);
    }
  });

  it.each([
    [["serv"], '"serv" is not a command; did you mean serve?'],
    [
      ["xyzzy"],
      '"xyzzy" is not a command: natscope has serve, bench, report, config, metrics or healthcheck',
    ],
    [
      ["--listen", ":1"],
      "natscope needs a command before its flags: serve, bench, report, config, metrics or healthcheck",
    ],
    [["serve", "--xyzzy=1"], "--xyzzy is not a flag of natscope serve; see --help"],
    [["serve", "-x"], "-x is not a flag of natscope serve; see --help"],
    [["serve", "more"], 'natscope serve takes flags only, not "more"; see --help'],
    [["serve", "http://u:p@h"], 'natscope serve takes flags only, not "***@h": write --monitor before a URL'],
    [["metrics", "--listen", ":1"], "--listen is not a flag of natscope metrics; see --help"],
    [["serve", "--listen"], "--listen needs a value: --listen [HOST]:PORT"],
  ])("%j is refused", (argv, problem) => {
    expect(problemsOf(...argv)).toEqual([problem]);
  });

  it("takes the word after an unknown flag for its value, and reads on", () => {
    const invocation = read("serve", "--montor", "http://a", "--listen", ":1", "--colect", "varz");
    expect(invocation).toMatchObject({
      given: [{ setting: "listen", text: ":1" }],
      problems: [
        "--montor is not a flag of natscope serve; did you mean --monitor?",
        "--colect is not a flag of natscope serve; did you mean --collect?",
      ],
    });
  });

  it("knows the arguments of prometheus-nats-exporter", () => {
    expect(read("-port=1", "-varz", "http://localhost:8222")).toMatchObject({
      command: "serve-as-exporter",
      exporter: { listen: { port: 1 }, collect: ["varz"] },
    });
    expect(problemsOf("-prt=1", "-varz", "http://localhost:8222")).toHaveLength(1);
    expect(textOf("-varz", "-help")).toContain("-jsz_stream_meta_keys");
  });
});
