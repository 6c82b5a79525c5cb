import { describe, expect, it } from "vitest";
import { readBenchArguments } from "../../../src/bench/options/bench-arguments.ts";
import { flagOf, OPTION_NAMES, optionOf } from "../../../src/bench/options/options.ts";
import { WORKLOAD_NAMES, WORKLOADS } from "../../../src/bench/workloads/workloads.ts";

const read = (line: string) => readBenchArguments(line.split(" ").filter((word) => word !== ""));

function problemsOf(line: string): readonly string[] {
  const asked = read(line);
  return asked.asked === "help" ? [] : asked.problems;
}

describe("words", () => {
  it.each(WORKLOAD_NAMES)("name the workload %s", (workload) => {
    expect(read(`${workload} --msgs 10`)).toMatchObject({ asked: "workload", workload, problems: [] });
  });

  it("are nats bench's, too, and stand anywhere among the flags", () => {
    expect(read("-s host service request foo --clients 2")).toMatchObject({
      asked: "workload",
      workload: "request",
      problems: [],
      connection: { servers: { place: "-s", text: "host" } },
      given: [
        { setting: "clients", text: "2" },
        { setting: "subject", text: "foo" },
      ],
    });
  });

  it("name a file", () => {
    expect(read("run a.yaml --rate 5")).toMatchObject({ asked: "file", path: "a.yaml", problems: [] });
  });

  it.each([
    ["--rate 5", "natscope bench needs a workload: pub, sub"],
    ["pup", '"pup" is not a workload; did you mean pub?'],
    ["js", "natscope bench js is incomplete: js pub sync, js pub async, js consume"],
    ["js get sync", "natscope bench does not have js get of nats bench: js consume"],
    ["run", "natscope bench run takes one file of scenarios"],
    ["run a b", "natscope bench run takes one file of scenarios"],
    ["pub a b", 'natscope bench pub takes one subject, not "b"'],
    ["kv put a", 'natscope bench kv put takes no argument, not "a"'],
  ])("that are wrong are told: %s", (line, problem) => {
    expect(problemsOf(line)).toEqual([expect.stringContaining(problem)]);
  });
});

describe("flags", () => {
  it("that are wrong are told, all of them", () => {
    expect(problemsOf("pub --ratee 5 --sleep 1s --clients --msgs=3")).toEqual([
      "--clients needs a value: --clients N",
      "--ratee is not a flag of natscope bench; did you mean --rate?",
      expect.stringContaining(
        "--sleep is nats bench's, and natscope bench does not have it: say with --rate",
      ),
    ]);
  });

  it("do not say again what a file alone has", () => {
    expect(problemsOf("pub --subject a --workload pub --order together")).toEqual([
      "--subject is not a flag: the subject follows the workload, as in pub orders.new",
      "--workload is not a flag of natscope bench; see natscope bench --help",
      "--order is not a flag of natscope bench; see natscope bench --help",
    ]);
  });

  it("do not show what may be a secret", () => {
    expect(problemsOf("pub nats://user:hunter2@host x:hunter2@y").join()).not.toContain("hunter2");
  });

  it.each([
    ["--throughput", "rate"],
    ["--maxbytes", "maxBytes"],
    ["--dedupwindow", "dedupWindow"],
    ["--multisubjectmax", "multisubjectmax"],
  ])("are nats bench's: %s", (flag, setting) => {
    expect(read(`pub ${flag} 5`)).toMatchObject({ given: [{ setting, text: "5" }] });
  });

  it.each([
    ["--no-progress", "progress", "false"],
    ["--doubleack", "doubleAck", "true"],
    ["--no-create", "create", "false"],
    ["--multisubject", "multisubject", "true"],
  ])("without a value say yes or no: %s", (flag, setting, text) => {
    expect(read(`js consume ${flag}`)).toMatchObject({ given: [{ setting, text }], problems: [] });
  });
});

describe("help", () => {
  it.each(["", "--help", "-h"])("lists all workloads: %j", (line) => {
    const asked = read(line);
    if (asked.asked !== "help") throw new Error("no help");
    for (const { name: workload, help } of WORKLOADS) {
      expect(asked.text).toMatch(new RegExp(`^ {2}${workload} +${help.slice(0, 10)}`, "m"));
    }
  });

  it("of a workload has its own flags and no others", () => {
    const asked = read("js pub async --help");
    if (asked.asked !== "help") throw new Error("no help");
    for (const flag of ["--dedup-window", "--in-flight", "--tlsca", "--stream"])
      expect(asked.text).toContain(flag);
    for (const flag of ["--queue", "--bucket", "--external"]) expect(asked.text).not.toContain(flag);
  });

  it("is there for every option that can be a flag", () => {
    const texts = WORKLOAD_NAMES.map((workload) => {
      const asked = read(`${workload} --help`);
      return asked.asked === "help" ? asked.text : "";
    });
    for (const name of OPTION_NAMES.filter((one) => optionOf(one).only !== "file")) {
      expect(texts.some((text) => text.includes(flagOf(name)))).toBe(true);
    }
  });
});
