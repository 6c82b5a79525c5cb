/**
 * Publish and subscribe: a message reaches the current subscribers, and is not stored.
 *
 *     node examples/publish-subscribe.ts
 */
import { connectFromEnv, instrument } from "natscope/client";

const nc = instrument(await connectFromEnv());

// A callback gets each message as it arrives.
nc.subscribe("news.sports", {
  callback(error, message) {
    if (error) console.error(error.message);
    else console.log(`callback: ${message.string()}`);
  },
});

// A loop processes one message at a time. Further messages wait in the client's memory.
const weather = nc.subscribe("news.weather");
const reading = (async () => {
  for await (const message of weather) console.log(`loop: ${message.json<{ sky: string }>().sky}`);
})();

// A payload is bytes; sender and receiver agree on the format.
nc.publish("news.sports", "2:1");
nc.publish("news.sports", "3:1");
nc.publish("news.weather", JSON.stringify({ sky: "blue" }));
nc.publish("news.politics", "not received"); // No error: a publisher does not know its subscribers.

await nc.drain(); // Processes messages that have arrived; then the loop ends.
await reading;
