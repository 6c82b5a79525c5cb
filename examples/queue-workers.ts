/**
 * Queue workers: of all subscriptions in a queue group, one gets each message.
 *
 *     node examples/queue-workers.ts
 */
import { setTimeout as sleep } from "node:timers/promises";
import { connectFromEnv, instrument } from "natscope/client";

const nc = instrument(await connectFromEnv());

// In one program here; usually the same program runs several times, and needs no configuration for it.
async function work(name: string): Promise<void> {
  const handled: string[] = [];
  for await (const message of nc.subscribe("jobs.resize", { queue: "resizers" })) {
    await sleep(1); // A loop does one job at a time.
    handled.push(message.string());
  }
  console.log(`${name} did ${handled.length} jobs`);
}

const workers = ["ann", "bob", "cyd"].map(work);

// Subscribers outside of the group get every message as well.
let seen = 0;
nc.subscribe("jobs.>", {
  callback() {
    seen++;
  },
});

for (let job = 1; job <= 12; job++) nc.publish("jobs.resize", `picture ${job}`);

// Core NATS keeps no jobs: one that arrives while no worker listens is lost. See pull-consumer.ts.
await nc.drain();
await Promise.all(workers);
console.log(`the auditor saw ${seen} jobs`);
