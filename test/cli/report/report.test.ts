/** The command as a child process: its output, its files and its exit codes. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FORMATS, type FormatName, render } from "../../../src/bench/report/formats.ts";
import { loadResult } from "../../../src/bench/result/load-result.ts";
import type { Result } from "../../../src/bench/result/schema.ts";
import { parseThreshold, type Threshold } from "../../../src/bench/result/threshold.ts";
import { runNatsServer } from "../../../tools/nats-server/run.ts";
import { faultyScenario, resultOf, scenarioOf, scenarioResultOf } from "../../bench/report/results.ts";
import { temporaryDirectory } from "../../exporter/server/fixture.ts";
import { describeEachServer } from "../../outside-programs.ts";
import { MAIN, runNatscope, startNatscope } from "../natscope.ts";

const good = resultOf([scenarioResultOf(2)]);
const untrusted = resultOf([faultyScenario()]);
const two = resultOf([
  scenarioResultOf(1, 1000, { scenario: scenarioOf(1, { name: "quiet" }) }),
  scenarioResultOf(6, 1000, {
    ...faultyScenario(),
    verdict: { verdict: "suspect", reasons: [] },
    scenario: scenarioOf(6, { name: "busy\u001b[31m" }),
  }),
]);

/** Path of a file with the result. */
function saved(result: Result, name = "result.json"): string {
  const file = join(temporaryDirectory(), name);
  writeFileSync(file, render(result, "json"));
  return file;
}

/** The page without its script and the script's hash, which differ between tests and the command. */
const withoutScript = (text: string) =>
  text.replace(/<script>.*?<\/script>/gs, "").replace(/'sha256-[^']+'/g, "");

/** Thresholds as flags. */
const withThresholds = (...texts: string[]) => texts.flatMap((text) => ["--threshold", text]);

describe("natscope report", () => {
  it.each(Object.keys(FORMATS) as FormatName[])("prints the report of the run: %s", async (format) => {
    const ran = await runNatscope(["report", saved(good), "--format", format]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(withoutScript(ran.stdout)).toBe(withoutScript(render(good, format)));
  });

  it("shows judged thresholds, and exits with 0 if all are met", async () => {
    const texts = ["response.p99<5ms", "lost==0"];
    const ran = await runNatscope(["report", saved(good), ...withThresholds(...texts)]);
    const thresholds = texts.map((text) => parseThreshold(text) as Threshold);
    expect(ran).toEqual({ code: 0, stdout: render(good, "text", thresholds), stderr: "" });
    expect(ran.stdout).toContain("All thresholds are met.");
  });

  it("writes into a file, in the form of its name, and prints nothing", async () => {
    const out = join(temporaryDirectory(), "report.html");
    writeFileSync(out, "an older one, which is longer ".repeat(100_000));
    const ran = await runNatscope(["report", "--out", out, saved(good)]);
    expect(ran).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(withoutScript(readFileSync(out, "utf8"))).toBe(withoutScript(render(good, "html")));
  });

  it("reads standard input, with the byte order mark that some shells write", () => {
    for (const mark of ["", "\ufeff"]) {
      const input = mark + render(good, "json");
      const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, "report", "-"], {
        input,
        encoding: "utf8",
      });
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: render(good, "text"), stderr: "" });
    }
  });

  it("prints several results under their names", async () => {
    const files = [saved(good, "one.json"), saved(two, "two.json")] as const;
    const ran = await runNatscope(["report", ...files]);
    expect(ran.stdout).toBe(
      `==> ${files[0]} <==\n\n${render(good, "text")}\n==> ${files[1]} <==\n\n${render(two, "text")}`,
    );
    const markdown = await runNatscope(["report", ...files, "--format", "md"]);
    expect(markdown.stdout).toBe(`${render(good, "md")}\n${render(two, "md")}`);
  });

  it("prints its help", async () => {
    const { code, stdout } = await runNatscope(["report", "--help"]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining("Usage: natscope report FILE..."),
    });
    expect((await runNatscope(["help", "report"])).stdout).toBe(stdout);
    expect((await runNatscope(["--help"])).stdout).toMatch(
      /^ {2}report +Create a report from a saved result/m,
    );
  });
});

describe("natscope report exits", () => {
  it("with 3 if a threshold is not met, and names the result, the scenario and the threshold", async () => {
    const files = [saved(good), saved(two, "two.json")] as const;
    const ran = await runNatscope([
      "report",
      ...files,
      ...withThresholds("response.p99<5ms", "quiet/lost==0"),
    ]);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toBe(`natscope: ${files[1]}, busy\\u{1b}[31m: response.p99<5ms is not met: 118 ms\n`);
    expect(ran.stdout).toContain("NOT MET: 1 of 1 thresholds.");
  });

  it("with 3 also if the report went into a file, or its reader closed the pipe", async () => {
    const file = saved(good);
    const argv = ["report", file, ...withThresholds("rate>=1_000_000")];
    const out = join(temporaryDirectory(), "report.md");
    expect(await runNatscope([...argv, "--out", out])).toEqual({
      code: 3,
      stdout: "",
      stderr: `natscope: ${file}: rate>=1_000_000 is not met: 1,000/s\n`,
    });
    expect(readFileSync(out, "utf8")).toContain("NOT MET");
    const left = startNatscope(argv);
    left.stopReading();
    expect(await left.exit()).toBe(3);
  });

  it("with 3 if there are too few samples for a percentile", async () => {
    const few = saved(resultOf([scenarioResultOf(1, 50)]));
    const ran = await runNatscope(["report", few, ...withThresholds("response.p99<5s")]);
    expect(ran).toMatchObject({ code: 3, stderr: expect.stringContaining("is not met: not measured\n") });
  });

  it("with 5 if a threshold applies to an INVALID result, and with 0 without a threshold", async () => {
    const file = saved(untrusted);
    const ran = await runNatscope(["report", file, ...withThresholds("rate>=1")]);
    expect(ran.code).toBe(5);
    expect(ran.stderr).toBe(`natscope: ${file} meets no threshold: its verdict is INVALID\n`);
    expect(ran.stdout).toContain("INVALID: these numbers do not measure what was asked for.");
    expect(await runNatscope(["report", file])).toMatchObject({ code: 0, stderr: "" });
  });

  it("with 5 if a threshold applies to an interrupted run", async () => {
    const file = saved({ ...good, interrupted: "SIGINT" });
    const ran = await runNatscope(["report", file, ...withThresholds("rate>=1")]);
    expect(ran).toMatchObject({ code: 5, stderr: expect.stringContaining(": its run was interrupted\n") });
  });

  it("with 2 if no scenario has the figure of a threshold, before anything is written", async () => {
    const out = join(temporaryDirectory(), "report.txt");
    const argv = ["report", saved(good), "--out", out];
    const ran = await runNatscope([...argv, ...withThresholds("settled.p99<1s", "other/lost==0")]);
    expect(ran).toEqual({
      code: 2,
      stdout: "",
      stderr:
        'natscope: --threshold "settled.p99<1s": request (open loop) has no settled.p99\n' +
        'natscope: --threshold "other/lost==0": there is no scenario other\n',
    });
    expect(existsSync(out)).toBe(false);
  });

  it("with 2 if the report cannot be written, or would overwrite the result", async () => {
    const file = saved(good);
    const nowhere = join(temporaryDirectory(), "missing", "report.txt");
    expect(await runNatscope(["report", file, "--out", nowhere])).toEqual({
      code: 2,
      stdout: "",
      stderr: `natscope: --out names ${nowhere}, which is in a directory that does not exist\n`,
    });
    const before = readFileSync(file, "utf8");
    expect(await runNatscope(["report", file, "--out", file, "--format", "text"])).toEqual({
      code: 2,
      stdout: "",
      stderr: `natscope: --out names ${file}, which is the result file: expected another file\n`,
    });
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  it("with 2 and every problem if the command line is wrong", async () => {
    const ran = await runNatscope(["report", saved(good), "--format", "htm", "--threshold"]);
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    expect(ran.stderr.trimEnd().split("\n")).toEqual([
      "natscope: --threshold has no value: expected CONDITION",
      expect.stringMatching(/^natscope: --format is "htm": expected .*; did you mean html\?$/),
    ]);
  });

  it("with 1, a sentence for each file that is not a result, and no output", async () => {
    const cut = saved(good, "cut.json");
    truncateSync(cut, 1000);
    const newer = join(temporaryDirectory(), "newer.json");
    writeFileSync(newer, JSON.stringify({ natscope: { result: 2, version: "9.0.0" } }));
    const binary = join(temporaryDirectory(), "binary.json");
    writeFileSync(binary, Buffer.from([0x7b, 0xff, 0xfe]));
    const files = [saved(good), cut, "missing.json", temporaryDirectory(), newer, binary, MAIN] as const;
    expect(await runNatscope(["report", ...files])).toEqual({
      code: 1,
      stdout: "",
      stderr: [
        `${cut} ends in the middle of a result: it was not written or copied completely`,
        "missing.json does not exist",
        `${files[3]} is a directory, not a file`,
        `${newer} was written by natscope 9.0.0, result version 2; this natscope reads 1`,
        `${binary} is not text in UTF-8: expected a result of natscope bench`,
        `${MAIN} is not JSON: expected a result of natscope bench`,
      ]
        .map((sentence) => `natscope: ${sentence}\n`)
        .join(""),
    });
  });

  it("with 1 if standard input is empty", async () => {
    expect(await runNatscope(["report", "-"])).toEqual({
      code: 1,
      stdout: "",
      stderr: "natscope: standard input is empty\n",
    });
  });

  it("with 1, without reading it, if a file is too large", async () => {
    const file = join(temporaryDirectory(), "huge.json");
    writeFileSync(file, "{");
    truncateSync(file, 2 ** 40);
    expect(await runNatscope(["report", file])).toEqual({
      code: 1,
      stdout: "",
      stderr: `natscope: ${file} is larger than 536 MB, the maximum for a result\n`,
    });
  });
});

describe("a saved result", () => {
  it("is read up to a maximum, also if the size of the file is unknown", async () => {
    expect(await loadResult(saved(good), 1000)).toMatchObject({
      why: expect.stringMatching(/^is larger than/),
    });
    // Its size is reported as 0.
    expect(await loadResult("/proc/self/maps", 100)).toMatchObject({
      why: expect.stringMatching(/^is larger than/),
    });
    expect(await loadResult("/proc/self/maps")).toMatchObject({ why: expect.stringMatching(/^is not JSON/) });
  });

  it("reports a file that is truncated within a character as truncated", async () => {
    const file = saved({ ...good, interrupted: "ä".repeat(10) });
    const text = readFileSync(file);
    truncateSync(file, text.indexOf("ä") + 1);
    expect(await loadResult(file)).toMatchObject({ why: expect.stringMatching(/^ends in the middle/) });
  });
});

describeEachServer("natscope report on a result of natscope bench", ({ binary }) => {
  it("prints the report of the run, and judges by the same thresholds", async () => {
    await using server = await runNatsServer({ binary });
    const out = join(temporaryDirectory(), "result.json");
    const bench = ["bench", "request", "--msgs", "200", "-s", server.clientUrl, "--out", out];
    const ran = await runNatscope([...bench, "--threshold", "lost==0"], { CI: "true" });
    const again = await runNatscope(["report", out, "--threshold", "lost==0"]);
    expect(ran.code).toBe(again.code);
    expect(again.stdout).toBe(ran.stdout);
    expect((await runNatscope(["report", out, "--format", "json"])).stdout).toBe(readFileSync(out, "utf8"));
    expect(again.stdout).toContain("NATS Core NATS service requester stats: ");
  });
});
