import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

test.each(["keepHeapSmall", "giveThreadsRoom"])("V8 knows the flags that it is given: %s", (name) => {
  const heap = new URL("../../src/cli/heap.ts", import.meta.url);
  const script = `(await import(${JSON.stringify(heap.href)})).${name}()`;
  // V8 complains about an unknown flag on standard output or error, and goes on.
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script]);
  expect({ status, output: `${stdout}${stderr}` }).toEqual({ status: 0, output: "" });
});
