/**
 * A connection: options, status events, instrumentation, drain.
 *
 *     node examples/connection.ts
 */
import { connect } from "nats";
import { instrument } from "natscope/client";

const connection = await connect({
  servers: (process.env.NATS_URL ?? process.env.NATS_SERVERS ?? "localhost:4222").split(","),
  name: "example-connection", // Shown by `nats server report connections`.
  timeout: 5000, // Milliseconds; applies to the first connection only.
  maxReconnectAttempts: -1, // Retry forever. By default the client closes after ten attempts.
  reconnectTimeWait: 2000,
  pingInterval: 20_000, // The client notices a silent server after two intervals.
});

// The same connection, instrumented. Nothing else in the program changes.
const nc = instrument(connection, {
  // natscope replaces ids in subjects by *, to keep labels few. Give templates for parts that do not look like ids.
  subjects: { templates: ["greetings.*"] },
  hooks: { publish: ({ subject, bytes }) => console.log(`published ${bytes} bytes to ${subject}`) },
});

// Disconnects, reconnects and errors such as denied publishes appear only here. In `nats` 2.x the loop does not end with
// the connection, so do not await it.
(async () => {
  for await (const status of nc.status()) console.log(`status: ${status.type}`);
})();

console.log(`connected to ${nc.getServer()}, nats-server ${nc.info?.version}`);
console.log(`largest payload: ${nc.info?.max_payload} bytes`);

nc.publish("greetings.ada", "hello");
nc.publish("greetings.grace", "hello");
await nc.flush(); // Resolves when the server has both messages.

// Drain instead of close: messages in flight are processed first.
await nc.drain();
console.log(`closed: ${nc.isClosed()}`);
