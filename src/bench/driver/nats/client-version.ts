/** Version of the installed `nats` client. The bundler evaluates it: a bundle has no packages. */
import { createRequire } from "node:module";

export function clientVersion(): string {
  return (createRequire(import.meta.url)("nats/package.json") as { readonly version: string }).version;
}
