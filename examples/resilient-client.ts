/**
 * A resilient client: retries with backoff and a deadline, for servers that restart and responders that start late.
 *
 *     node examples/resilient-client.ts        (nats-server --jetstream)
 */
import { attemptsOf, connectFromEnv, instrument, publishWithRetry, requestWithRetry } from "natscope/client";

const nc = instrument(await connectFromEnv(process.env, { maxReconnectAttempts: -1 }));
const manager = await nc.jetstreamManager();
await manager.streams.add({ name: "EXAMPLE_PAYMENTS", subjects: ["example.payments.*"] });

// A responder that starts late.
setTimeout(() => {
  nc.subscribe("rates.eur", {
    callback(_, message) {
      message.respond("1.08");
    },
  });
}, 200);

// The responder may get the same request more than once, because a reply may be lost.
const rate = await requestWithRetry(nc, "rates.eur", "", {
  timeout: 500, // Milliseconds for each attempt.
  attempts: 20,
  maxPauseMs: 100, // Maximum pause. Pauses have random lengths, so that clients do not retry in step.
  deadlineMs: 10_000, // Milliseconds for all attempts together.
  onRetry: ({ attempt }) => attempt === 1 && console.log("no responder yet, trying again"),
});
console.log(`rate: ${rate.string()}`);

// To a stream: all attempts have the same message id, so the stream stores one message.
const ack = await publishWithRetry(nc.jetstream(), "example.payments.made", "10 EUR", { attempts: 10 });
console.log(`payment stored as message ${ack.seq}`);

// To a subject: resolves when the server has the message. It may arrive twice if the connection was lost.
await publishWithRetry(nc, "audit.payment", "10 EUR");
console.log("audit message published");

// Errors that will not go away are not retried: this payload is too large every time.
try {
  await publishWithRetry(nc, "audit.payment", new Uint8Array((nc.info?.max_payload ?? 0) + 1));
} catch (error) {
  console.log(`failed after ${attemptsOf(error)} attempt: ${(error as Error).message}`);
}

// Other errors are retried until the deadline, the maximum number of attempts, or an abort signal.
try {
  await requestWithRetry(nc, "rates.usd", "", { attempts: 3, signal: AbortSignal.timeout(5000) });
} catch (error) {
  console.log(`failed after ${attemptsOf(error)} attempts: ${(error as Error).message}`);
}

await manager.streams.delete("EXAMPLE_PAYMENTS");
await nc.drain();
