/**
 * Raw equivalents of objects of `@nats-io/*` 3.x: the same object, created over the client's own connection
 * instead of its wrapper.
 *
 *     jetstream(wrapper)  ──rawApiClient──>  jetstream(client's own connection)
 *
 * The equivalent is created by the object's own class, because some classes have private members that a copy
 * or a delegate would not have. The application's object is left unchanged.
 */
import type { ConnectionShape } from "../shapes/connection.ts";
import { instrumentationOf, rawOf } from "../wrapping/registrations.ts";

/** `BaseApiClientImpl`: a JetStream client, a manager, or a part of either. */
export interface ApiClient {
  readonly nc: ConnectionShape;
  getOptions(): object;
}

/** `Kvm` and `Objm`, which open buckets over a JetStream client. */
export interface BucketFactory {
  readonly js: ApiClient;
}

/** `Svcm`, which adds services to a connection. */
export interface ServiceFactory {
  readonly nc: ConnectionShape;
}

type ClassOf<T> = new (...input: readonly never[]) => T;

/** An API client over the client's own connection; the same object if it already is. */
export function rawApiClient<Client extends ApiClient>(client: Client): Client {
  const own = rawOf(client);
  return instrumentationOf(own.nc) ? create(own, rawOf(own.nc), own.getOptions()) : own;
}

/** A `Kvm` or `Objm` over the client's own connection; the same object if it already is. */
export function rawBucketFactory<Factory extends BucketFactory>(factory: Factory): Factory {
  const js = rawApiClient(factory.js);
  return js === factory.js ? factory : create(factory, js);
}

/** A `Svcm` over the client's own connection; the same object if it already is. */
export function rawServiceFactory<Factory extends ServiceFactory>(factory: Factory): Factory {
  return instrumentationOf(factory.nc) ? create(factory, rawOf(factory.nc)) : factory;
}

function create<T extends object>(like: T, ...input: readonly unknown[]): T {
  return new (like.constructor as ClassOf<T>)(...(input as readonly never[]));
}
