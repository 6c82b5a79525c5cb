import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

test.each(["keepHeapSmall", "giveThreadsRoom"])("%s sets flags that V8 knows", (name) => {
  const heap = new URL("../../src/cli/heap.ts", import.meta.url);
  const script = `(await import(${JSON.stringify(heap.href)})).${name}()`;
  // V8 prints a warning about an unknown flag, and continues.
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script]);
  expect({ status, output: `${stdout}${stderr}` }).toEqual({ status: 0, output: "" });
});
