/**
 * Preloaded into each example by its test with `--import`: resolves `natscope/client` to the sources, and writes the
 * metrics as JSON to file descriptor 3 when the example exits.
 */
import { writeSync } from "node:fs";
import { registerHooks } from "node:module";
import { register } from "prom-client";

const CLIENT = new URL("../../src/client.ts", import.meta.url).href;

registerHooks({
  resolve: (specifier, context, nextResolve) =>
    nextResolve(specifier === "natscope/client" ? CLIENT : specifier, context),
});

// Not "exit", because collecting is asynchronous. An example that calls process.exit() writes nothing, and fails.
process.once("beforeExit", async () => {
  writeSync(3, JSON.stringify(await register.getMetricsAsJSON()));
});
