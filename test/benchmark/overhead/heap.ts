/** Detects leaks: compares the heap after many messages with the heap after few. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "./clients.ts";
import { PAYLOAD_BYTES } from "./workloads.ts";

/** Bytes in use after a garbage collection, when this many messages have been published and delivered. */
export interface HeapMark {
  readonly messages: number;
  readonly bytes: number;
}

const MARKS = [1_000_000, 4_000_000, 7_000_000, 10_000_000];

/** Maximum number of messages in flight. */
const IN_A_TURN = 500;

/** Each message has its own subject, as in an application with ids in its subjects. */
export async function heapMarks(client: Client): Promise<HeapMark[]> {
  const payload = new Uint8Array(PAYLOAD_BYTES);
  const marks: HeapMark[] = [];
  let published = 0;
  let delivered = 0;
  let resume = (): void => {};
  // Another process does the same on the same server.
  const own = `process-${process.pid}`;
  client.subscribe(`${own}.*.created`, {
    callback: () => {
      if (++delivered === published) resume();
    },
  });
  for (const messages of MARKS) {
    while (published < messages) {
      const all = new Promise<void>((resolve) => {
        resume = resolve;
      });
      for (let i = 0; i < IN_A_TURN; i++) client.publish(`${own}.${published++}.created`, payload);
      await all;
    }
    marks.push({ messages, bytes: await settledHeapBytes() });
  }
  return marks;
}

/** Finalizers and weak maps need more than one collection. */
async function settledHeapBytes(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.();
    await sleep(20);
  }
  return process.memoryUsage().heapUsed;
}
