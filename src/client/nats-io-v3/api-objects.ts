/**
 * What an application makes of a connection, observed: JetStream clients, key-value and object buckets,
 * services. `instrument` gives it back for those that the application made itself.
 */

import type { Observer } from "../instrumentation/instrumentation.ts";
import { observedJetStream, observedJetStreamManager } from "../jetstream/jetstream.ts";
import type { JetStreamManagerShape, JetStreamShape } from "../jetstream/shapes.ts";
import { observedServices } from "../services/services.ts";
import { hasMethod, isConnection } from "../shapes/connection.ts";
import { observedKvm, observedObjm } from "../stores/openers.ts";
import { rawOf } from "../wrapping/delegate.ts";
import {
  type ApiClient,
  type BucketFactory,
  rawApiClient,
  rawBucketFactory,
  rawServiceFactory,
  type ServiceFactory,
} from "./raw-equivalents.ts";

/** Facilities, observed: each works over the client's own connection, whichever it was made of. */
export const OBSERVED = {
  client: (observer: Observer, client: ApiClient) =>
    observedJetStream(observer, rawApiClient(client) as ApiClient & JetStreamShape),
  manager: (observer: Observer, manager: ApiClient) =>
    observedJetStreamManager(observer, rawApiClient(manager) as ApiClient & JetStreamManagerShape),
  keyValues: (observer: Observer, factory: BucketFactory) => observedKvm(observer, rawBucketFactory(factory)),
  objects: (observer: Observer, factory: BucketFactory) => observedObjm(observer, rawBucketFactory(factory)),
  services: (observer: Observer, factory: ServiceFactory) =>
    observedServices(observer, rawServiceFactory(factory)),
};

/** What a facility is, by its members; a bundler may have renamed its class. */
const KINDS: readonly {
  is(facility: object): boolean;
  connectionOf(facility: never): object | undefined;
  observed(observer: Observer, facility: never): object;
}[] = [
  {
    is: (one) => hasMethod(one, "publish") && hasMethod(one, "getOptions") && "consumers" in one,
    connectionOf: ({ nc }: ApiClient) => nc,
    observed: OBSERVED.client,
  },
  {
    is: (one) => hasMethod(one, "getAccountInfo") && hasMethod(one, "getOptions"),
    connectionOf: ({ nc }: ApiClient) => nc,
    observed: OBSERVED.manager,
  },
  {
    is: (one) => makesBuckets(one) && makesKeyValues(one),
    connectionOf: ({ js }: Partial<BucketFactory>) => js?.nc,
    observed: OBSERVED.keyValues,
  },
  {
    is: makesBuckets,
    connectionOf: ({ js }: Partial<BucketFactory>) => js?.nc,
    observed: OBSERVED.objects,
  },
  {
    is: (one) => hasMethod(one, "add") && hasMethod(one, "client") && "nc" in one,
    connectionOf: ({ nc }: ServiceFactory) => nc,
    observed: OBSERVED.services,
  },
];

function makesBuckets(facility: object): boolean {
  return ["create", "open", "list"].every((name) => hasMethod(facility, name)) && "js" in facility;
}

/** `Kvm` and `Objm` have the same members: the one opens a bucket by binding to it. */
function makesKeyValues(facility: object): boolean {
  const { name } = facility.constructor;
  if (name === "Kvm" || name === "Objm") return name === "Kvm";
  return String((facility as { readonly open: unknown }).open).includes("bindOnly");
}

/**
 * A facility that the application made of a connection, observed: `jetstream(nc)`, `jetstreamManager(nc)`, `Kvm`,
 * `Objm`, `Svcm`. Undefined for anything else.
 * @param observe observes the facility's connection, if it is not observed yet
 */
export function observedFacility(
  facility: object,
  observe: (connection: object) => Observer,
): object | undefined {
  if (rawOf(facility) !== facility) return facility;
  const kind = KINDS.find(({ is }) => is(facility));
  const connection = kind?.connectionOf(facility as never);
  if (!kind || !connection || !isConnection(connection)) return undefined;
  return kind.observed(observe(connection), facility as never);
}
