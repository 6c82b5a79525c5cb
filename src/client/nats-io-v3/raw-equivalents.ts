/**
 * Objects that `@nats-io/*` 3.x packages make of a connection (`jetstream(nc)`, `new Kvm(nc)` and the like), and
 * what they would be upon the client's own connection: their raw counterpart. It is made by their own class, as
 * the application made the object: some have private members, which no copy has. The object itself is left as
 * it is.
 */

import type { ConnectionShape } from "../shapes/connection.ts";
import { rawOf } from "../wrapping/delegate.ts";
import { observerFor } from "../wrapping/registrations.ts";

/** `BaseApiClientImpl`: a JetStream client, a manager, or a part of either. */
export interface ApiClient {
  readonly nc: ConnectionShape;
  getOptions(): object;
}

/** `Kvm` and `Objm`: what makes buckets upon a JetStream client. */
export interface BucketFactory {
  readonly js: ApiClient;
}

/** `Svcm`: what adds services to a connection. */
export interface ServiceFactory {
  readonly nc: ConnectionShape;
}

type ClassOf<T> = new (...made: readonly never[]) => T;

/** An API client upon the client's own connection; itself if it is that already. */
export function rawApiClient<Client extends ApiClient>(client: Client): Client {
  const own = rawOf(client);
  return observerFor(own.nc) ? make(own, rawOf(own.nc), own.getOptions()) : own;
}

/** As `rawApiClient`, of what makes buckets. */
export function rawBucketFactory<Factory extends BucketFactory>(factory: Factory): Factory {
  const js = rawApiClient(factory.js);
  return js === factory.js ? factory : make(factory, js);
}

/** As `rawApiClient`, of what adds services. */
export function rawServiceFactory<Factory extends ServiceFactory>(factory: Factory): Factory {
  return observerFor(factory.nc) ? make(factory, rawOf(factory.nc)) : factory;
}

function make<T extends object>(like: T, ...made: readonly unknown[]): T {
  return new (like.constructor as ClassOf<T>)(...(made as readonly never[]));
}
