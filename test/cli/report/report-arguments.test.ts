import { describe, expect, it } from "vitest";
import { FORMATS } from "../../../src/bench/report/formats.ts";
import { readReportArguments } from "../../../src/cli/report/report-arguments.ts";

const read = (...argv: string[]) => readReportArguments(argv);

function problemsOf(...argv: string[]): readonly string[] {
  const asked = read(...argv);
  if (asked.asked !== "nothing") throw new Error(`it was accepted: ${JSON.stringify(asked)}`);
  return asked.problems;
}

describe("the command line of natscope report", () => {
  it("asks for text on standard output where nothing else is said", () => {
    expect(read("a.json")).toEqual({
      asked: "report",
      files: ["a.json"],
      format: "text",
      out: undefined,
      thresholds: [],
    });
  });

  it("takes flags before, between and after files, in both spellings", () => {
    const flags = ["--threshold=lost==0", "a", "--format", "md", "b", "--threshold", "x/rate>=10"];
    expect(read(...flags)).toMatchObject({
      files: ["a", "b"],
      format: "md",
      thresholds: [
        { figure: "lost", comparison: "==", limit: 0 },
        { scenario: "x", figure: "rate", limit: 10 },
      ],
    });
  });

  it("takes the form from the name of the file that is written, if it is not said", () => {
    for (const [name, { extension }] of Object.entries(FORMATS)) {
      expect(read("a", "--out", `x${extension}`)).toMatchObject({ format: name, out: `x${extension}` });
    }
    expect(read("a", "--out", "x.html", "--format", "json")).toMatchObject({ format: "json", out: "x.html" });
    expect(read("a", "--out", "x", "--format", "csv")).toMatchObject({ format: "csv", out: "x" });
  });

  it("knows standard streams, and files whose names begin with a dash", () => {
    expect(read("-", "--out", "-")).toMatchObject({ files: ["-"], out: undefined, format: "text" });
    expect(read("--", "--format")).toMatchObject({ files: ["--format"] });
  });

  it("helps where nothing is asked, and wherever help is", () => {
    for (const argv of [[], ["--help"], ["-h"], ["a", "--wrong", "--help"]]) {
      const asked = read(...argv);
      expect(asked.asked).toBe("help");
      const text = asked.asked === "help" ? asked.text : "";
      expect(text).toMatch(/^Usage: natscope report FILE\.\.\. \[flags\]\n/);
      for (const { help } of Object.values(FORMATS)) expect(text).toContain(help);
      expect(text.split("\n").filter((line) => line.length > 120)).toEqual([]);
    }
  });

  it.each([
    [["--format", "md"], /^natscope report needs the FILE of a result, or - for standard input/],
    [["a", "--frmat", "md"], /^--frmat is not a flag of natscope report; did you mean --format\?$/],
    [["a", "-x"], /^-x is not a flag of natscope report; see --help$/],
    [["a", "--format"], /^--format needs a value: --format text\|md\|/],
    [["a", "--format", "htm"], /^--format is "htm", but must be text, md, .*; did you mean html\?$/],
    [["a", "--format", "md", "--format", "csv"], /^--format is given more than once, "md" and "csv"/],
    [["a", "--out", "x.pdf"], /^--out is "x\.pdf", but must end with one of \.txt, \.md, /],
    [
      ["a", "--threshold", "response.p98<1ms"],
      /^--threshold .*no figure response\.p98; did you mean response\.p9/,
    ],
    [["a", "--threshold", "lost"], /^--threshold "lost" is no threshold: expected /],
    [["-", "-"], /^standard input can be read once only$/],
    [
      ["a", "b", "--format", "html"],
      /^a report as html is of one result, not of 2; of several there is text and md$/,
    ],
  ])("%j is refused", (argv, problem) => {
    expect(problemsOf(...argv)).toEqual([expect.stringMatching(problem)]);
  });

  it("tells every problem at once", () => {
    const argv = ["--threshold", "x", "--out", "y", "--format", "z", "--threshold", "1", "--wrng"];
    expect(problemsOf(...argv)).toHaveLength(4);
  });
});
