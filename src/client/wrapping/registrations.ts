/** Which connections are observed, and by whom. */

import type { Observer } from "../instrumentation/instrumentation.ts";
import { rawOf } from "./delegate.ts";

/** An observed connection. */
export interface Observed {
  /** What the application has. */
  readonly front: object;
  readonly observer: Observer;
}

/** By the client's own connection. */
const OBSERVED = new WeakMap<object, Observed>();

/** Remembers it, for as long as the connection is there. */
export function remember(observed: Observed): void {
  OBSERVED.set(observed.observer.connection, observed);
}

/** What is known of a connection, whether it is the client's own or the one in front of it. */
export function observedConnection(connection: object): Observed | undefined {
  return OBSERVED.get(rawOf(connection));
}

/** What observes a connection that `instrument` gave back; undefined for the client's own. */
export function observerFor(connection: object): Observer | undefined {
  const known = observedConnection(connection);
  return known?.front === connection ? known.observer : undefined;
}
