/**
 * A connection: its options, what may happen to it, and what it leaves when it is observed.
 *
 *     node examples/connection.ts
 */
import { connect } from "nats";
import { instrument } from "natscope/client";

const connection = await connect({
  servers: (process.env.NATS_URL ?? process.env.NATS_SERVERS ?? "localhost:4222").split(","),
  name: "example-connection", // What `nats server report connections` shows.
  timeout: 5000, // Milliseconds, for the first connection only.
  maxReconnectAttempts: -1, // The client gives up after ten attempts, and closes, unless it is told not to.
  reconnectTimeWait: 2000,
  pingInterval: 20_000, // A server that is gone without a word is missed after two of these.
});

// The same connection, observed. Nothing else in the program changes.
const nc = instrument(connection, {
  // Ids in subjects are found and folded, so that there are few labels; what cannot be guessed is said here.
  subjects: { templates: ["greetings.*"] },
  hooks: { publish: ({ subject, bytes }) => console.log(`published ${bytes} bytes to ${subject}`) },
});

// Disconnects, reconnects and errors such as denied publishes are told here, and nowhere else. In `nats` 2.x the
// loop does not end with the connection: do not wait for it.
(async () => {
  for await (const status of nc.status()) console.log(`status: ${status.type}`);
})();

console.log(`connected to ${nc.getServer()}, nats-server ${nc.info?.version}`);
console.log(`largest payload: ${nc.info?.max_payload} bytes`);

nc.publish("greetings.ada", "hello");
nc.publish("greetings.grace", "hello");
await nc.flush(); // The server has both.

// Drain, not close: what is under way is finished first.
await nc.drain();
console.log(`closed: ${nc.isClosed()}`);
