import { describe, expect, it } from "vitest";
import { readBenchArguments } from "../../../src/bench/options/command-line.ts";
import {
  appliesTo,
  FLAG_NAMES,
  OPTION_NAMES,
  optionOf,
  rowsOf,
  withDefaultFor,
} from "../../../src/bench/options/options.ts";
import { WORKLOAD_NAMES, WORKLOADS } from "../../../src/bench/workloads/workloads.ts";
import { defaultsOf, defaultText, flagOf, keyOf } from "../../../src/input/option.ts";
import { resolve } from "../../../src/input/resolve.ts";
import { benchReference } from "../../../tools/docs/bench-reference.ts";

const read = (line: string) => readBenchArguments(line.split(" ").filter((word) => word !== ""));

function problemsOf(line: string): readonly string[] {
  const asked = read(line);
  return asked.asked === "help" ? [] : asked.problems;
}

function helpOf(line: string): string {
  const asked = read(line);
  if (asked.asked !== "help") throw new Error(`no help: ${line}`);
  return asked.text;
}

const oneLine = (text: string) => text.replace(/\s+/g, " ");

describe("the words of a command line", () => {
  it.each(WORKLOAD_NAMES)("name the workload %s", (workload) => {
    expect(read(`${workload} --msgs 10`)).toMatchObject({ asked: "workload", workload, problems: [] });
  });

  it("include those of nats bench, and stand anywhere among the flags", () => {
    expect(read("-s host service request foo --clients 2")).toMatchObject({
      asked: "workload",
      workload: "request",
      problems: [],
      connection: { servers: { place: "-s", text: "host" } },
      given: [
        { option: "clients", text: "2" },
        { option: "subject", text: "foo" },
      ],
    });
  });

  it("name a file", () => {
    expect(read("run a.yaml --rate 5")).toMatchObject({ asked: "file", path: "a.yaml", problems: [] });
  });

  it.each([
    ["--rate 5", "natscope bench has no workload: expected pub, sub"],
    ["pup", '"pup" is not a workload; did you mean pub?'],
    ["js", "natscope bench js is incomplete: expected js pub sync, js pub async, js consume"],
    ["js get sync", "natscope bench does not have js get of nats bench: js consume"],
    ["run", "natscope bench run has 0 files: expected one, as in natscope bench run FILE.yaml"],
    ["run a b", "natscope bench run has 2 files: expected one, as in natscope bench run FILE.yaml"],
    ["pub a b", 'natscope bench pub has the argument "b": expected one subject'],
    ["kv put a", 'natscope bench kv put has the argument "a": expected none'],
  ])("are reported if they are wrong: %s", (line, problem) => {
    expect(problemsOf(line)).toEqual([expect.stringContaining(problem)]);
  });
});

describe("the flags of a command line", () => {
  it("are all reported if they are wrong", () => {
    expect(problemsOf("pub --ratee 5 --sleep 1s --clients --msgs=3")).toEqual([
      "--clients has no value: expected N",
      "--ratee is not a flag of natscope bench; did you mean --rate?",
      "natscope bench does not have --sleep of nats bench: set --rate. A pause after each answer would lower the load when the server is slow",
    ]);
  });

  it("do not include options that only a file has", () => {
    expect(problemsOf("pub --subject a --workload pub --order together")).toEqual([
      "--subject is not a flag of natscope bench: expected the subject after the workload, as in pub orders.new",
      "--workload is not a flag of natscope bench; see natscope bench --help",
      "--order is not a flag of natscope bench; see natscope bench --help",
    ]);
  });

  it("are reported without secrets", () => {
    expect(problemsOf("pub nats://user:hunter2@host x:hunter2@y").join()).not.toContain("hunter2");
  });

  it.each([
    ["--throughput", "rate"],
    ["--maxbytes", "maxBytes"],
    ["--dedupwindow", "dedupWindow"],
    ["--multisubjectmax", "multisubjectmax"],
  ])("include those of nats bench: %s", (flag, option) => {
    expect(read(`pub ${flag} 5`)).toMatchObject({ given: [{ option, text: "5" }] });
  });

  it.each([
    ["--no-progress", "progress", "false"],
    ["--doubleack", "doubleAck", "true"],
    ["--no-create", "create", "false"],
    ["--multisubject", "multisubject", "true"],
  ])("without a value are switches: %s", (flag, option, text) => {
    expect(read(`js consume ${flag}`)).toMatchObject({ given: [{ option, text }], problems: [] });
  });
});

describe("help", () => {
  it.each(["", "--help", "-h"])("lists all workloads: %j", (line) => {
    const text = helpOf(line);
    for (const { name, help } of WORKLOADS) {
      expect(text).toMatch(new RegExp(`^ {2}${name} +${help.slice(0, 10)}`, "im"));
    }
  });

  it.each(["", ...WORKLOAD_NAMES])("has at most 80 columns: %j", (workload) => {
    const lines = helpOf(`${workload} --help`).split("\n");
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it("lists the flags of the workload and no others", () => {
    const text = helpOf("js pub async --help");
    for (const flag of ["--dedup-window", "--in-flight", "--tlsca", "--stream"]) expect(text).toContain(flag);
    for (const flag of ["--queue", "--bucket", "--external"]) expect(text).not.toContain(flag);
  });

  it("shows every option that has a flag", () => {
    const texts = WORKLOAD_NAMES.map((workload) => helpOf(`${workload} --help`));
    for (const name of FLAG_NAMES) {
      expect(texts.some((text) => text.includes(flagOf(name)))).toBe(true);
    }
  });
});

describe("a default", () => {
  const defaults = WORKLOADS.flatMap((workload) =>
    OPTION_NAMES.filter((name) => appliesTo(name, workload.name)).map((name) => ({
      workload: workload.name,
      name,
      row: withDefaultFor(workload, optionOf(name)),
    })),
  );

  it("is a value that its own text gives", () => {
    const origin = { source: "default", place: "default" } as const;
    for (const { row } of defaults) {
      const values = defaultsOf(row);
      const texts = values.map((value) => row.kind.format(value));
      expect(texts.map((text) => row.kind.parse({ text, origin }))).toEqual(values);
    }
  });

  it("is the value that natscope uses without any source", () => {
    for (const { workload, name, row } of defaults) {
      const { values } = resolve(rowsOf(row.scope, workload), []);
      expect(values[name]).toEqual(row.repeats ? defaultsOf(row) : row.default);
    }
  });

  it("is printed in the help of the workload", () => {
    const texts = new Map(WORKLOAD_NAMES.map((name) => [name, oneLine(helpOf(`${name} --help`))]));
    for (const { workload, name, row } of defaults.filter(({ name: one }) => FLAG_NAMES.includes(one))) {
      const text = defaultText(row);
      if (text !== undefined) expect(texts.get(workload), name).toContain(`${row.help} (default: ${text}`);
    }
  });

  it("is printed in the reference", () => {
    const lines = benchReference().split("\n");
    for (const { name, row } of defaults) {
      const line = lines.find(
        (one) => one.includes(`| \`${keyOf(name, row)}\` |`) || one.includes(`\`${flagOf(name)}\``),
      );
      for (const value of defaultsOf(row)) expect(line, name).toContain(row.kind.format(value));
    }
  });
});
