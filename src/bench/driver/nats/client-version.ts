/** The version of the `nats` client that is installed. */
import { createRequire } from "node:module";

export function clientVersion(): string {
  return (createRequire(import.meta.url)("nats/package.json") as { readonly version: string }).version;
}
