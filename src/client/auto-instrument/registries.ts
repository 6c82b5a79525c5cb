/**
 * Which registry an application scrapes: it may have a copy of prom-client of its own, or its successor, and
 * would never see what is in natscope's.
 */
import { createRequire } from "node:module";
import { register as ownRegistry } from "prom-client";
import type { ClientRegistry } from "../metrics/registry.ts";
import type { ServedRegistry } from "../metrics-server.ts";

const ENTRY = /[\\/](?:prom-client|@prometheus-io[\\/]client)[\\/]index\.js$/;

/** The default registry of what the application has loaded, else that of natscope's own prom-client. */
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
