import { describe, expect, it } from "vitest";
import { readArguments } from "../../src/input/argv.ts";

const ROWS = [
  { flags: ["--server", "-s"], placeholder: "URL" },
  { flags: ["--rate"], placeholder: "RATE" },
  { flags: ["--create"], placeholder: "true|false", isSwitch: true },
];

function read(...argv: string[]) {
  const { given, ...rest } = readArguments(argv, ROWS);
  return { ...rest, given: given.map(({ given: { origin, text } }) => [origin.place, text]) };
}

describe("a command line", () => {
  it("takes a value after = or as the next argument, in order", () => {
    expect(read("--rate=1=2", "a", "--rate", "3", "b")).toEqual({
      given: [
        ["--rate", "1=2"],
        ["--rate", "3"],
      ],
      positionals: ["a", "b"],
      unknown: [],
      wantsHelp: false,
      problems: [],
    });
  });

  it("takes a value attached to a flag with one letter", () => {
    expect(read("-shost", "-s", "other").given).toEqual([
      ["-s", "host"],
      ["-s", "other"],
    ]);
  });

  it("reads switches, their negation and their explicit value", () => {
    expect(read("--create", "--no-create", "--create=false", "x")).toMatchObject({
      given: [
        ["--create", "true"],
        ["--no-create", "false"],
        ["--create", "false"],
      ],
      positionals: ["x"],
    });
  });

  it("does not take a flag for the value of the flag before it", () => {
    expect(read("--rate", "--create", "--rate")).toMatchObject({
      given: [["--create", "true"]],
      problems: ["--rate has no value: expected RATE", "--rate has no value: expected RATE"],
    });
  });

  it("takes the argument after an unknown flag for its value, and reads on", () => {
    expect(read("--reate", "5", "--x=1", "a", "--rate", "2", "-y")).toMatchObject({
      given: [["--rate", "2"]],
      positionals: ["a"],
      unknown: ["--reate", "--x=1", "-y"],
    });
  });

  it("takes a lone dash and everything after -- for positionals", () => {
    expect(read("-", "--", "--rate", "-h")).toMatchObject({
      positionals: ["-", "--rate", "-h"],
      wantsHelp: false,
    });
  });

  it("finds --help anywhere", () => {
    expect(read("a", "--wrong", "-h").wantsHelp).toBe(true);
    expect(read("--help").wantsHelp).toBe(true);
  });
});
