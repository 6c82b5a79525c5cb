/**
 * API objects: what an application of `@nats-io/*` 3.x creates from a connection, that is JetStream clients and
 * managers, `Kvm`, `Objm` and `Svcm`. Their wrappers work over the client's own connection, so that requests to
 * `$JS.API` and inboxes are not counted as the application's messages.
 */
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import { wrapJetStream, wrapJetStreamManager } from "../jetstream/jetstream.ts";
import type { JetStreamManagerShape, JetStreamShape } from "../jetstream/shapes.ts";
import { wrapKvm } from "../kv/key-value.ts";
import { wrapObjm } from "../object-store/object-store.ts";
import { wrapServices } from "../services/services.ts";
import { hasMethod, isConnection } from "../shapes/connection.ts";
import { rawOf } from "../wrapping/registrations.ts";
import {
  type ApiClient,
  type BucketFactory,
  rawApiClient,
  rawBucketFactory,
  rawServiceFactory,
  type ServiceFactory,
} from "./raw-equivalents.ts";

/** Wraps each kind of API object, whether it was created from a wrapper or from the client's own connection. */
export const WRAP = {
  client: (instrumentation: Instrumentation, client: ApiClient) =>
    wrapJetStream(instrumentation, rawApiClient(client) as ApiClient & JetStreamShape),
  manager: (instrumentation: Instrumentation, manager: ApiClient) =>
    wrapJetStreamManager(instrumentation, rawApiClient(manager) as ApiClient & JetStreamManagerShape),
  keyValues: (instrumentation: Instrumentation, factory: BucketFactory) =>
    wrapKvm(instrumentation, rawBucketFactory(factory)),
  objects: (instrumentation: Instrumentation, factory: BucketFactory) =>
    wrapObjm(instrumentation, rawBucketFactory(factory)),
  services: (instrumentation: Instrumentation, factory: ServiceFactory) =>
    wrapServices(instrumentation, rawServiceFactory(factory)),
};

/** Recognises API objects by their members: a bundler may have renamed their classes. */
const KINDS: readonly {
  is(object: object): boolean;
  connectionOf(object: never): object | undefined;
  wrap(instrumentation: Instrumentation, object: never): object;
}[] = [
  {
    is: (one) => hasMethod(one, "publish") && hasMethod(one, "getOptions") && "consumers" in one,
    connectionOf: ({ nc }: ApiClient) => nc,
    wrap: WRAP.client,
  },
  {
    is: (one) => hasMethod(one, "getAccountInfo") && hasMethod(one, "getOptions"),
    connectionOf: ({ nc }: ApiClient) => nc,
    wrap: WRAP.manager,
  },
  {
    is: (one) => opensBuckets(one) && opensKeyValues(one),
    connectionOf: ({ js }: Partial<BucketFactory>) => js?.nc,
    wrap: WRAP.keyValues,
  },
  {
    is: opensBuckets,
    connectionOf: ({ js }: Partial<BucketFactory>) => js?.nc,
    wrap: WRAP.objects,
  },
  {
    is: (one) => hasMethod(one, "add") && hasMethod(one, "client") && "nc" in one,
    connectionOf: ({ nc }: ServiceFactory) => nc,
    wrap: WRAP.services,
  },
];

function opensBuckets(object: object): boolean {
  return ["create", "open", "list"].every((name) => hasMethod(object, name)) && "js" in object;
}

/** `Kvm` and `Objm` have the same members. If the class was renamed, `Kvm` is the one that opens by `bindOnly`. */
function opensKeyValues(object: object): boolean {
  const { name } = object.constructor;
  if (name === "Kvm" || name === "Objm") return name === "Kvm";
  return String((object as { readonly open: unknown }).open).includes("bindOnly");
}

/**
 * Returns the wrapper of an API object; undefined for any other object.
 * @param instrument instruments the object's connection, unless it is instrumented already
 */
export function wrapApiObject(
  object: object,
  instrument: (connection: object) => Instrumentation,
): object | undefined {
  if (rawOf(object) !== object) return object;
  const kind = KINDS.find(({ is }) => is(object));
  const connection = kind?.connectionOf(object as never);
  if (!kind || !connection || !isConnection(connection)) return undefined;
  return kind.wrap(instrument(connection), object as never);
}
