/**
 * Patches of the classes of `@nats-io/*` 3.x, so that they recognise an instrumented connection.
 *
 * In 2.x a connection creates its own JetStream client. In 3.x the application does, from any connection it
 * has, and an instrumented connection would see only requests to `$JS.API`. So some methods of these classes are
 * replaced, once for each copy of a package:
 *
 *     js = jetstream(wrapper)           the application's object, of the unmodified class
 *     js.publish("orders", …)
 *       └─ patched publish              is js.nc a wrapper?
 *            ├─ no   ──> original.apply(js)
 *            └─ yes  ──> equivalent.publish(…)          created once for each object and patch:
 *                          wrapJetStream(…)             metrics, spans, headers
 *                            └─ jetstream(raw nc)       raw equivalent; its `nc` is no wrapper, so the patched
 *                                                       methods that it reaches call the originals
 *
 * To debug: `JetStreamClientImpl.prototype.publish.toString()` shows whether a class is patched. If it is not,
 * the package was bundled, or its file does not match FILES; then `instrument(jetstream(nc))` works. If it is and
 * nothing is recorded, `instrumentationOf(js.nc)` is undefined: the object was created from the client's own
 * connection. A failure inside is counted in nats_client_instrumentation_problems_total{part="client"}, and
 * the original is called.
 */
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import { visitLater, visitLoaded } from "../wrapping/loaded-files.ts";
import {
  equivalentsOf,
  instrumentationOf,
  instrumentedConnection,
  rawOf,
  registerEquivalent,
  registerPatched,
} from "../wrapping/registrations.ts";
import { WRAP } from "./api-objects.ts";
import { type ApiClient, type BucketFactory, rawApiClient, type ServiceFactory } from "./raw-equivalents.ts";

/** Classes by name, of one copy of a package. */
type Classes = Map<string, new (...input: never[]) => object>;

/** A patch of some methods of one class. */
interface ClassPatch {
  readonly members: readonly string[];
  /** The connection that an object was created from; undefined if it was not created from a wrapper. */
  connectionOf(self: object): object | undefined;
  /** Creates the object whose methods are called instead. Called once for each object. */
  equivalent(instrumentation: Instrumentation, self: object, classes: Classes): object;
}

/** Declares a patch. `Self` describes the patched class, which is not imported. */
function patch<Self>(
  members: readonly string[],
  connectionOf: (self: Self) => object | undefined,
  equivalent: (instrumentation: Instrumentation, self: Self, classes: Classes) => object,
): ClassPatch {
  return { members, connectionOf, equivalent } as unknown as ClassPatch;
}

const ofClient = (client: ApiClient) => client.nc;
const ofConsumers = ({ api }: Consumers) => api.nc;
/** If the application passed an instrumented JetStream client, `js.nc` is the client's own connection. */
const ofBuckets = ({ js }: BucketFactory) =>
  rawOf(js) === js ? js.nc : instrumentedConnection(js.nc)?.front;
const ofServices = ({ nc }: ServiceFactory) => nc;

/** `ConsumersImpl`: the `consumers` of a JetStream client and of a stream. */
interface Consumers {
  readonly api: ApiClient;
}

const CONSUMER_MEMBERS = [
  "get",
  "ordered",
  "getConsumerFromInfo",
  "getPushConsumer",
  "getOrderedPushConsumer",
  "getBoundPushConsumer",
];

const PATCHES: Readonly<Record<string, ClassPatch>> = {
  // All requests to the JetStream API, except those that DirectStreamAPIImpl sends to a stream.
  BaseApiClientImpl: patch(["_request"], ofClient, uninstrumented),
  DirectStreamAPIImpl: patch(["getMessage", "getBatch", "getLastMessagesFor"], ofClient, uninstrumented),
  JetStreamManagerImpl: patch(["advisories"], ofClient, uninstrumented),
  JetStreamClientImpl: patch(["publish", "startBatch"], ofClient, WRAP.client),
  ConsumersImpl: patch(CONSUMER_MEMBERS, ofConsumers, consumersOfOwnClient),
  Kvm: patch(["create", "open", "list"], ofBuckets, WRAP.keyValues),
  Objm: patch(["create", "open", "list"], ofBuckets, WRAP.objects),
  Svcm: patch(["add", "client"], ofServices, WRAP.services),
};

/** Requests to the API are not messages of the application. */
function uninstrumented(_: Instrumentation, client: ApiClient): ApiClient {
  return rawApiClient(client);
}

/** Wrapped consumers of a new JetStream client: consumers do not know the client that they came from. */
function consumersOfOwnClient(
  instrumentation: Instrumentation,
  { api }: Consumers,
  classes: Classes,
): object {
  const Client = classes.get("JetStreamClientImpl") as
    | (new (
        connection: object,
        options: object,
      ) => ApiClient)
    | undefined;
  if (!Client) throw new Error("@nats-io/jetstream exports ConsumersImpl and no JetStreamClientImpl");
  const client = new Client(instrumentation.connection, api.getOptions());
  return WRAP.client(instrumentation, client).consumers;
}

/** Files of the packages that have a class to patch. */
const FILES = /[\\/]@nats-io[\\/](?:jetstream|kv|obj|services)[\\/]lib[\\/][^\\/]+$/;

let isWatching = false;

/**
 * Patches the packages that are loaded, and those that will be. A bundled application has no such files: there
 * the API objects have to be passed to `instrument`.
 */
export function patchPackages(): void {
  patchLoadedPackages();
  if (isWatching) return;
  isWatching = true;
  visitLater(FILES, patchExports);
}

/** Patches the packages that are loaded now. */
export function patchLoadedPackages(): void {
  visitLoaded(FILES, patchExports);
}

/** By the folder of the package's files: an application may have several copies of a package. */
const CLASSES_BY_FOLDER = new Map<string, Classes>();

/**
 * Patches the classes among the exports of a file.
 * @param folder of the file and of the rest of its package
 */
function patchExports(folder: string, exports: unknown): void {
  if (typeof exports !== "object" || exports === null) return;
  let classes = CLASSES_BY_FOLDER.get(folder);
  if (!classes) {
    classes = new Map();
    CLASSES_BY_FOLDER.set(folder, classes);
  }
  for (const [name, classPatch] of Object.entries(PATCHES)) {
    const found = (exports as Record<string, unknown>)[name];
    if (typeof found !== "function" || !registerPatched(found)) continue;
    classes.set(name, found as never);
    for (const member of classPatch.members) patchMember(found.prototype, member, classPatch, classes);
  }
}

function patchMember(prototype: object, member: string, classPatch: ClassPatch, classes: Classes): void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, member);
  const original = descriptor?.value;
  if (typeof original !== "function") return;
  const patched = {
    [member](this: object, ...input: unknown[]): unknown {
      const equivalent = equivalentFor(this, classPatch, classes) as Record<
        string,
        (...input: unknown[]) => unknown
      >;
      return equivalent ? equivalent[member]?.(...input) : original.apply(this, input);
    },
  }[member];
  Object.defineProperty(prototype, member, { ...descriptor, value: patched });
}

/** One for each object and patch: a class that inherits a patched method may have a patch of its own. */
function equivalentFor(self: object, classPatch: ClassPatch, classes: Classes): object | undefined {
  const known = equivalentsOf(self)?.get(classPatch);
  if (known) return known;
  const connection = classPatch.connectionOf(self);
  const instrumentation = connection && instrumentationOf(connection);
  const equivalent = instrumentation?.problems.guard("client", () =>
    classPatch.equivalent(instrumentation, self, classes),
  );
  if (equivalent) registerEquivalent(self, classPatch, equivalent);
  return equivalent;
}
