/**
 * Wildcards: `*` stands for one token of a subject, `>` for one or more at its end.
 *
 *     node examples/wildcards.ts
 */
import { connectFromEnv, instrument } from "natscope/client";

const nc = instrument(await connectFromEnv());

function count(pattern: string) {
  const subjects: string[] = [];
  nc.subscribe(pattern, {
    callback(_, message) {
      subjects.push(message.subject);
    },
  });
  return { pattern, subjects };
}

const counts = [
  count("sensors.*.temperature"), // One token, any.
  count("sensors.kitchen.>"), // Everything of the kitchen, but not `sensors.kitchen` itself.
  count("sensors.>"),
];

for (const room of ["kitchen", "cellar"]) {
  nc.publish(`sensors.${room}.temperature`, "21");
  nc.publish(`sensors.${room}.humidity.relative`, "40");
}
// Ids in subjects: in metrics all of these are one series, `sensors.*.battery`.
for (let id = 1000; id < 1005; id++) nc.publish(`sensors.${id}.battery`, "97");

// A message goes to each subscription that its subject matches: the kitchen's temperature to all three.
await nc.drain();
for (const { pattern, subjects } of counts) console.log(`${pattern}: ${subjects.length} messages`);
