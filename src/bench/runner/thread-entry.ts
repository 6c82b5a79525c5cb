/** Entry of a worker thread of a run: the worker `load` of `threads/workers.ts`. */
import { parentPort, workerData } from "node:worker_threads";
import { driverNamed } from "../drivers.ts";
import type { ThreadCommand, ThreadTask } from "../worker/protocol.ts";
import { type MainThread, runThread } from "../worker/thread.ts";
import { workloadOf } from "../workloads/workloads.ts";

if (!parentPort) throw new Error("this file runs in a worker thread only");
const port = parentPort;

/** Keeps commands until they are read. */
async function* commands(): AsyncGenerator<ThreadCommand> {
  const waiting: ThreadCommand[] = [];
  let wake = () => {};
  port.on("message", (command: ThreadCommand) => {
    waiting.push(command);
    wake();
  });
  for (;;) {
    while (waiting.length > 0) yield waiting.shift() as ThreadCommand;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}

const main: MainThread = { report: (report) => port.postMessage(report), commands };
const task = workerData as ThreadTask;

try {
  const open = workloadOf(task.scenario.workload).roles[task.assignment.role];
  if (!open) throw new Error(`${task.scenario.workload} has no ${task.assignment.role}`);
  await runThread(task, driverNamed(task.driver), open, main);
} catch (error) {
  const { message, type = "internal" } = error as { message: string; type?: string };
  main.report({ report: "broken", sentence: message, type });
}
port.close();
