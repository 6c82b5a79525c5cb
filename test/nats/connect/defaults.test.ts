/** Defaults in the table of connection settings, compared with those of the client that applies them. */
import { createRequire } from "node:module";
import { expect, it } from "vitest";
import { CONNECTION_DEFAULTS } from "../../../src/bench/driver/driver.ts";
import { ROW_NAMES, rowOf } from "../../../src/nats/connect/table.ts";
import { runNatscope } from "../../cli/natscope.ts";

const require = createRequire(import.meta.url);

it("states the defaults of the client", () => {
  const { defaultOptions } = require("nats/lib/nats-base-client/options.js");
  const clients: Readonly<Record<string, unknown>> = defaultOptions();
  const compared = ROW_NAMES.filter((name) => clients[name] !== undefined);
  expect(compared).toEqual([
    "reconnect",
    "maxReconnectAttempts",
    "reconnectTimeWait",
    "pingInterval",
    "maxPingOut",
  ]);
  for (const name of compared) expect([name, rowOf(name).default]).toEqual([name, clients[name]]);
  const { DEFAULT_MAX_RECONNECT_ATTEMPTS } = require("nats/lib/nats-base-client/options.js");
  expect(DEFAULT_MAX_RECONNECT_ATTEMPTS).toBe(rowOf("maxReconnectAttempts").default);
});

it("shows the defaults of natscope bench in its help", async () => {
  const { stdout } = await runNatscope(["bench", "pub", "--help"]);
  const help = stdout.replaceAll(/\s+/g, " ");
  expect(help).toContain(`(default: ${rowOf("servers").default}; NATS_SERVERS)`);
  expect(help).toContain(`(default: ${CONNECTION_DEFAULTS.name}; NATS_CONNECTION_NAME)`);
  expect(help).toContain(`(default: ${rowOf("inboxPrefix").default}; NATS_INBOX_PREFIX)`);
});
