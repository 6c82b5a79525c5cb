/** Where a thread of a run begins: `new Worker(...)` loads this file. */
import { parentPort, workerData } from "node:worker_threads";
import { DEFAULT_DRIVER, driverNamed } from "../drivers.ts";
import type { Order, Report, ThreadTask } from "../worker/protocol.ts";
import { runThread, type Wire } from "../worker/thread.ts";
import { workloadOf } from "../workloads/workloads.ts";

if (!parentPort) throw new Error("this file is a thread's");
const port = parentPort;

/** Orders wait until they are read. */
async function* orders(): AsyncGenerator<Order> {
  const waiting: Order[] = [];
  let wake = () => {};
  port.on("message", (order: Order) => {
    waiting.push(order);
    wake();
  });
  for (;;) {
    while (waiting.length > 0) yield waiting.shift() as Order;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}

const wire: Wire = { tell: (report: Report) => port.postMessage(report), orders };
const task = workerData as ThreadTask;

try {
  const openClient = workloadOf(task.scenario.workload).roles[task.assignment.role];
  if (!openClient) throw new Error(`${task.scenario.workload} has no ${task.assignment.role}`);
  await runThread(task, driverNamed(DEFAULT_DRIVER), openClient, wire);
} catch (error) {
  const { message, type = "internal" } = error as { message: string; type?: string };
  wire.tell({ report: "broken", sentence: message, type });
}
port.close();
