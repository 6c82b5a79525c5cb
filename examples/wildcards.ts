/**
 * Wildcards: `*` matches one token of a subject, `>` matches one or more tokens at its end.
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
  count("sensors.*.temperature"), // Any single token.
  count("sensors.kitchen.>"), // Everything below `sensors.kitchen`, but not `sensors.kitchen` itself.
  count("sensors.>"),
];

for (const room of ["kitchen", "cellar"]) {
  nc.publish(`sensors.${room}.temperature`, "21");
  nc.publish(`sensors.${room}.humidity.relative`, "40");
}
// Subjects with ids: in metrics they are all one series, `sensors.*.battery`.
for (let id = 1000; id < 1005; id++) nc.publish(`sensors.${id}.battery`, "97");

// Each matching subscription gets a message: all three get the temperature of the kitchen.
await nc.drain();
for (const { pattern, subjects } of counts) console.log(`${pattern}: ${subjects.length} messages`);
