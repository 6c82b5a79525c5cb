/**
 * Teaches what an application has loaded of `@nats-io/*` 3.x, and what it loads later. A bundled application
 * has none of their files: there the explicit way is left, `instrument(jetstream(connection))`.
 */
import { visitLater, visitLoaded } from "../wrapping/loaded-files.ts";
import { teach } from "./patches.ts";

const FILES = /[\\/]@nats-io[\\/](?:jetstream|kv|obj|services)[\\/]lib[\\/][^\\/]+$/;

let isTeaching = false;

/** Teaches what is loaded, now and from now on. */
export function teachPackages(): void {
  teachLoaded();
  if (isTeaching) return;
  isTeaching = true;
  visitLater(FILES, teach);
}

/** Teaches what is loaded now. */
export function teachLoaded(): void {
  visitLoaded(FILES, teach);
}
