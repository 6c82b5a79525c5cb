import { expect, it } from "vitest";
import { Commands } from "../../../src/bench/faults/commands.ts";
import { clockSince, zeroNow } from "../../../src/time/clock.ts";
import { until } from "../../rig/until.ts";

/** Runs a command at once, and ends the run as soon as it has started. */
async function outcomeOf(command: string) {
  const begun: string[] = [];
  const commands = new Commands([{ second: 0, command }], (what) => begun.push(what));
  commands.begin(clockSince(zeroNow()));
  await until("the command to begin", () => begun[0]);
  const [outcome] = await commands.finish();
  return { outcome, begun };
}

it("runs a command in a shell and keeps its output without secrets", async () => {
  const { outcome, begun } = await outcomeOf(
    "echo one; echo two >&2; TOKEN=hunter2; echo TOKEN=$TOKEN; exit 3",
  );
  expect(outcome?.end).toBe("exit code 3");
  expect(outcome?.output.split("\n").sort()).toEqual(["TOKEN=***", "one", "two"]);
  expect(outcome?.startedAtMs).toEqual(expect.any(Number));
  expect(begun).toEqual(["echo one; echo two >&2; TOKEN=*** echo TOKEN=*** exit 3"]);
});

it("keeps the end of a long output", async () => {
  const { outcome } = await outcomeOf("i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done");
  expect(outcome?.output.length).toBeLessThanOrEqual(2000);
  expect(outcome?.output.endsWith("line 1999")).toBe(true);
});

it("does not wait for processes that the command left behind", async () => {
  const { outcome } = await outcomeOf("sleep 300 & echo $!");
  process.kill(Number(outcome?.output));
  expect(outcome?.end).toBe("exit code 0");
});

it("reports a command that was not run", async () => {
  const commands = new Commands([{ second: 3600, command: "echo" }], () => {});
  commands.begin(clockSince(zeroNow()));
  const [outcome] = await commands.finish();
  expect(outcome).toMatchObject({
    startedAtMs: undefined,
    end: "not run: the benchmark ended before its time",
  });
});

it("kills a running command with all its child processes", async () => {
  const { outcome } = await outcomeOf("sleep 300 & echo $!; wait");
  expect(outcome?.end).toBe("killed: still running at the end of the run");
  const child = Number(outcome?.output);
  await until("the shell's child to end", () => {
    try {
      process.kill(child, 0);
      return undefined;
    } catch {
      return true;
    }
  });
});
