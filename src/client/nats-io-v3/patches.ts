/**
 * Teaches the classes of `@nats-io/*` 3.x to know an observed connection. In 2.x a connection makes its own
 * JetStream client; in 3.x the application makes it, of whatever connection it has, and all that an observed
 * connection could see of it would be requests to `$JS.API`. So some members of these classes are taught, once:
 * if their object was made of an observed connection, an observed counterpart is asked instead, which works over
 * the client's own connection. For any other object they do what they did.
 */

import type { Observer } from "../instrumentation/instrumentation.ts";
import { rawOf } from "../wrapping/delegate.ts";
import { observedConnection, observerFor } from "../wrapping/registrations.ts";
import { OBSERVED } from "./api-objects.ts";
import { type ApiClient, type BucketFactory, rawApiClient, type ServiceFactory } from "./raw-equivalents.ts";

/** Classes by name, of one copy of a package. */
type Classes = Map<string, new (...made: never[]) => object>;

/** What members of a class are to do. */
interface Lesson {
  readonly members: readonly string[];
  /** Whose object it is; undefined if not of an observed connection. */
  connectionOf(self: object): object | undefined;
  /** Asked instead of an object of an observed connection; made once for each. */
  standIn(observer: Observer, self: object, classes: Classes): object;
}

/** A member of a lesson's class. `self` is of that class: the types of a class we do not import. */
function lesson<Self>(
  members: readonly string[],
  connectionOf: (self: Self) => object | undefined,
  standIn: (observer: Observer, self: Self, classes: Classes) => object,
): Lesson {
  return { members, connectionOf, standIn } as unknown as Lesson;
}

const ofClient = (client: ApiClient) => client.nc;
const ofConsumers = ({ api }: Consumers) => api.nc;
/** The application may have given it a client that is observed, which has the client's own connection. */
const ofBuckets = ({ js }: BucketFactory) => (rawOf(js) === js ? js.nc : observedConnection(js.nc)?.front);
const ofServices = ({ nc }: ServiceFactory) => nc;

/** `ConsumersImpl`: what a JetStream client's and a stream's consumers come from. */
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

const LESSONS: Readonly<Record<string, Lesson>> = {
  // Everything that is asked of JetStream's API, but what is asked of a stream directly.
  BaseApiClientImpl: lesson(["_request"], ofClient, unobserved),
  DirectStreamAPIImpl: lesson(["getMessage", "getBatch", "getLastMessagesFor"], ofClient, unobserved),
  JetStreamManagerImpl: lesson(["advisories"], ofClient, unobserved),
  JetStreamClientImpl: lesson(["publish", "startBatch"], ofClient, OBSERVED.client),
  ConsumersImpl: lesson(CONSUMER_MEMBERS, ofConsumers, observedConsumers),
  Kvm: lesson(["create", "open", "list"], ofBuckets, OBSERVED.keyValues),
  Objm: lesson(["create", "open", "list"], ofBuckets, OBSERVED.objects),
  Svcm: lesson(["add", "client"], ofServices, OBSERVED.services),
};

/** What is asked of the API itself is nobody's message. */
function unobserved(_: Observer, client: ApiClient): ApiClient {
  return rawApiClient(client);
}

/** By the folder of the package's files: an application may have several copies. */
const CLASSES_BY_FOLDER = new Map<string, Classes>();
const TAUGHT = new WeakSet<object>();

/**
 * Teaches the classes among a file's exports that there are lessons for.
 * @param folder that the file is in, with the rest of its package
 */
export function teach(folder: string, exports: unknown): void {
  if (typeof exports !== "object" || exports === null) return;
  let classes = CLASSES_BY_FOLDER.get(folder);
  if (!classes) {
    classes = new Map();
    CLASSES_BY_FOLDER.set(folder, classes);
  }
  for (const [name, one] of Object.entries(LESSONS)) {
    const taught = (exports as Record<string, unknown>)[name];
    if (typeof taught !== "function" || TAUGHT.has(taught)) continue;
    TAUGHT.add(taught);
    classes.set(name, taught as never);
    for (const member of one.members) teachMember(taught.prototype, member, one, classes);
  }
}

function teachMember(prototype: object, member: string, one: Lesson, classes: Classes): void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, member);
  const original = descriptor?.value;
  if (typeof original !== "function") return;
  const taught = {
    [member](this: object, ...given: unknown[]): unknown {
      const standIn = standInFor(this, one, classes) as Record<string, (...given: unknown[]) => unknown>;
      return standIn ? standIn[member]?.(...given) : original.apply(this, given);
    },
  }[member];
  Object.defineProperty(prototype, member, { ...descriptor, value: taught });
}

/** By object and lesson: a class that inherits a member may have lessons of its own. */
const STAND_INS = new WeakMap<object, Map<Lesson, object>>();

function standInFor(self: object, one: Lesson, classes: Classes): object | undefined {
  let made = STAND_INS.get(self);
  const known = made?.get(one);
  if (known) return known;
  const connection = one.connectionOf(self);
  const observer = connection && observerFor(connection);
  const standIn = observer?.problems.guard("client", () => one.standIn(observer, self, classes));
  if (!standIn) return undefined;
  if (!made) {
    made = new Map();
    STAND_INS.set(self, made);
  }
  made.set(one, standIn);
  return standIn;
}

/** Upon a client of its own: consumers do not know the one that they were got from. */
function observedConsumers(observer: Observer, { api }: Consumers, classes: Classes): object {
  const Client = classes.get("JetStreamClientImpl") as
    | (new (
        connection: object,
        options: object,
      ) => ApiClient)
    | undefined;
  if (!Client) throw new Error("no JetStreamClientImpl beside ConsumersImpl in @nats-io/jetstream");
  const client = new Client(observer.connection, api.getOptions());
  return OBSERVED.client(observer, client).consumers;
}
