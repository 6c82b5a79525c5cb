/**
 * What the test of the examples puts into each of them with `--import`: `natscope/client` is these sources, as
 * if they had been installed, and when the example is done its metrics go, as JSON, to file descriptor 3. The
 * example knows nothing of it.
 */
import { writeSync } from "node:fs";
import { registerHooks } from "node:module";
import { register } from "prom-client";

const CLIENT = new URL("../../src/client.ts", import.meta.url).href;

registerHooks({
  resolve: (specifier, context, nextResolve) =>
    nextResolve(specifier === "natscope/client" ? CLIENT : specifier, context),
});

// Not "exit": collecting takes its time. One that ends itself by process.exit() tells nothing, and fails.
process.once("beforeExit", async () => {
  writeSync(3, JSON.stringify(await register.getMetricsAsJSON()));
});
