/**
 * Publish and subscribe: whoever listens at that moment gets a message, and nobody gets it later.
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

// A loop takes them one after the other. What arrives while it is busy waits in the client's memory.
const weather = nc.subscribe("news.weather");
const reading = (async () => {
  for await (const message of weather) console.log(`loop: ${message.json<{ sky: string }>().sky}`);
})();

// A payload is bytes; what they mean is between you and the receiver.
nc.publish("news.sports", "2:1");
nc.publish("news.sports", "3:1");
nc.publish("news.weather", JSON.stringify({ sky: "blue" }));
nc.publish("news.politics", "nobody listens"); // No error: a publisher does not know its subscribers.

await nc.drain(); // What has arrived is still handled; then the loop ends.
await reading;
