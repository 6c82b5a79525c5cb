/**
 * Queue workers: each message goes to one subscription of a queue group.
 *
 *     node examples/queue-workers.ts
 */
import { setTimeout as sleep } from "node:timers/promises";
import { connectFromEnv, instrument } from "natscope/client";

const nc = instrument(await connectFromEnv());

// Three workers in one program. Usually you run several instances of a program, without further configuration.
async function work(name: string): Promise<void> {
  const handled: string[] = [];
  for await (const message of nc.subscribe("jobs.resize", { queue: "resizers" })) {
    await sleep(1); // The loop processes one job at a time.
    handled.push(message.string());
  }
  console.log(`${name} finished ${handled.length} jobs`);
}

const workers = ["ann", "bob", "cyd"].map(work);

// A subscriber outside of the group gets every message.
let seen = 0;
nc.subscribe("jobs.>", {
  callback() {
    seen++;
  },
});

for (let job = 1; job <= 12; job++) nc.publish("jobs.resize", `picture ${job}`);

// Core NATS does not store jobs: without a listening worker a job is lost. See pull-consumer.ts.
await nc.drain();
await Promise.all(workers);
console.log(`the auditor saw ${seen} jobs`);
