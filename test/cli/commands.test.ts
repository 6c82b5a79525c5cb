import { describe, expect, it } from "vitest";
import { COMMANDS, chooseCommand } from "../../src/cli/commands.ts";

const choose = (...argv: string[]) => chooseCommand(argv, "1.2.3");

function textOf(...argv: string[]): string {
  const chosen = choose(...argv);
  if (!("text" in chosen)) throw new Error(`no text: ${JSON.stringify(chosen)}`);
  return chosen.text;
}

describe("the command line", () => {
  it("gives a command with its arguments", () => {
    expect(choose("serve", "--listen", ":1")).toEqual({ command: "serve", argv: ["--listen", ":1"] });
    expect(choose("help", "bench")).toEqual({ command: "bench", argv: ["--help"] });
  });

  it("prints the version", () => {
    expect([textOf("--version"), textOf("-V")]).toEqual(["natscope 1.2.3\n", "natscope 1.2.3\n"]);
  });

  it("prints help with every command in at most 80 columns, also without arguments", () => {
    for (const argv of [[], ["--help"], ["-h"], ["help"]]) {
      const help = textOf(...argv);
      for (const [name, summary] of Object.entries(COMMANDS)) {
        expect(help).toContain(`  ${name} `);
        expect(help.replace(/\s+/g, " ")).toContain(summary);
      }
      expect(help.split("\n").filter((line) => line.length > 80)).toEqual([]);
    }
  });

  it.each([
    [["serv"], '"serv" is not a command; did you mean serve?'],
    [["xyzzy"], '"xyzzy" is not a command: expected serve, bench, report, config, metrics or healthcheck'],
    [
      ["--listen", ":1"],
      "natscope has a flag before its command: expected serve, bench, report, config, metrics or healthcheck first",
    ],
  ])("reports %j", (argv, problem) => {
    expect(choose(...argv)).toEqual({ problem });
  });
});
