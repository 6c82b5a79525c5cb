/**
 * Finds the registry that an application serves. It may have its own copy of prom-client, or its successor
 * `@prometheus-io/client`, and would never see metrics in natscope's copy.
 */
import { createRequire } from "node:module";
import { register as ownRegistry } from "prom-client";
import type { ClientRegistry } from "../metrics/registry.ts";
import type { ServedRegistry } from "../metrics-server.ts";

const ENTRY = /[\\/](?:prom-client|@prometheus-io[\\/]client)[\\/]index\.js$/;

/**
 * The default registry of the package that the application has loaded, else that of natscope's prom-client.
 */
export function registryOfApplication(): ClientRegistry & ServedRegistry {
  const { cache, resolve } = createRequire(import.meta.url);
  const own = resolve("prom-client");
  for (const file of Object.keys(cache)) {
    if (file === own || !ENTRY.test(file)) continue;
    const { register } = (cache[file]?.exports ?? {}) as {
      readonly register?: ClientRegistry & ServedRegistry;
    };
    if (typeof register?.registerMetric === "function") return register;
  }
  return ownRegistry;
}
