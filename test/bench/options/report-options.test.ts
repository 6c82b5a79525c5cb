import { describe, expect, it } from "vitest";
import { readReportArguments } from "../../../src/bench/options/report-options.ts";
import { FORMATS } from "../../../src/bench/report/formats.ts";

const read = (...argv: string[]) => readReportArguments(argv);

function problemsOf(...argv: string[]): readonly string[] {
  const outcome = read(...argv);
  if (!("problems" in outcome)) throw new Error(`no problems: ${JSON.stringify(outcome)}`);
  return outcome.problems;
}

function requestOf(...argv: string[]) {
  const outcome = read(...argv);
  if (!("request" in outcome)) throw new Error(`no request: ${JSON.stringify(outcome)}`);
  return outcome.request;
}

describe("the command line of natscope report", () => {
  it("gives text on standard output by default", () => {
    expect(requestOf("a.json")).toEqual({
      files: ["a.json"],
      format: "text",
      out: undefined,
      thresholds: [],
    });
  });

  it("takes flags before, between and after files, in both spellings", () => {
    const flags = ["--threshold=lost==0", "a", "--format", "md", "b", "--threshold", "x/rate>=10"];
    expect(requestOf(...flags)).toMatchObject({
      files: ["a", "b"],
      format: "md",
      thresholds: [
        { figure: "lost", comparison: "==", limit: 0 },
        { scenario: "x", figure: "rate", limit: 10 },
      ],
    });
  });

  it("takes the format from the name of --out, unless --format is given", () => {
    for (const [name, { extension }] of Object.entries(FORMATS)) {
      expect(requestOf("a", "--out", `x${extension}`)).toMatchObject({ format: name, out: `x${extension}` });
    }
    const asJson = requestOf("a", "--out", "x.html", "--format", "json");
    expect(asJson).toMatchObject({ format: "json", out: "x.html" });
    expect(requestOf("a", "--out", "x", "--format", "csv")).toMatchObject({ format: "csv", out: "x" });
  });

  it("takes - for standard streams, and files whose names begin with a dash after --", () => {
    expect(requestOf("-", "--out", "-")).toMatchObject({ files: ["-"], out: undefined, format: "text" });
    expect(requestOf("--", "--format")).toMatchObject({ files: ["--format"] });
  });

  it("prints help in at most 80 columns without arguments, and with --help anywhere", () => {
    for (const argv of [[], ["--help"], ["-h"], ["a", "--wrong", "--help"]]) {
      const outcome = read(...argv);
      const help = "help" in outcome ? outcome.help : "";
      expect(help).toMatch(/^Usage: natscope report FILE\.\.\. \[flags\]\n/);
      for (const one of Object.values(FORMATS)) expect(help.replace(/\s+/g, " ")).toContain(one.help);
      expect(help.split("\n").filter((line) => line.length > 80)).toEqual([]);
    }
  });

  it.each([
    [
      ["--format", "md"],
      "natscope report has no FILE: expected a file from natscope bench --out, or - for standard input",
    ],
    [["a", "--frmat", "md"], "--frmat is not a flag of natscope report; did you mean --format?"],
    [["a", "-x"], "-x is not a flag of natscope report; see natscope report --help"],
    [["a", "--format"], "--format has no value: expected FORMAT"],
    [["a", "--format", "htm"], /^--format is "htm": expected text, md, .*; did you mean html\?$/],
    [["a", "--format", "md", "--format", "csv"], "--format is given 2 times: expected once"],
    [["a", "--out", "x.pdf"], /^--out is "x\.pdf": expected a name that ends with one of \.txt, \.md, /],
    [
      ["a", "--threshold", "response.p98<1ms"],
      /^--threshold .*no figure response\.p98; did you mean response\.p9/,
    ],
    [["a", "--threshold", "lost"], /^--threshold "lost" is no threshold: expected /],
    [["-", "-"], "standard input (-) is given 2 times: expected once"],
    [
      ["a", "b", "--format", "html"],
      "--format html takes one result file, got 2; text and md accept several",
    ],
  ])("reports %j", (argv, problem) => {
    expect(problemsOf(...argv)).toEqual([
      typeof problem === "string" ? problem : expect.stringMatching(problem),
    ]);
  });

  it("reports all problems together", () => {
    const argv = ["--threshold", "x", "--out", "y", "--format", "z", "--threshold", "1", "--wrng"];
    expect(problemsOf(...argv)).toHaveLength(4);
  });
});
