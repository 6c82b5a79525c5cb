/**
 * Configuration by environment variables: the same program on your machine and in production.
 *
 *     NATS_URL=nats://localhost:4222 NATS_CONNECT_TIMEOUT=2s node examples/environment.ts
 *
 * connectFromEnv() reads NATS_SERVERS, NATS_USER, NATS_PASSWORD, NATS_TOKEN and more, and the variables of the `nats`
 * command: NATS_URL, NATS_CREDS, NATS_NKEY, NATS_CONTEXT and its context files.
 */
import { ConnectionSettingsError, connectFromEnv, instrument } from "natscope/client";

// Options in the code take precedence over the environment.
const nc = instrument(await connectFromEnv(process.env, { name: "example-environment" }));
console.log(`connected to ${nc.getServer()}`);

nc.subscribe("environment.ping", {
  callback(_, message) {
    message.respond("pong");
  },
});
const reply = await nc.request("environment.ping", "", { timeout: 1000 });
console.log(`ping: ${reply.string()}`);

// An invalid value is an error before anything is sent. It lists all problems, and contains no secrets.
try {
  await connectFromEnv({ NATS_PING_INTERVAL: "soon", NATS_ALLOW_RECONNECT: "maybe" });
} catch (error) {
  if (!(error instanceof ConnectionSettingsError)) throw error;
  for (const problem of error.problems) console.log(`invalid: ${problem}`);
}

await nc.drain();
