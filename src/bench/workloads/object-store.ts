/** Workloads on object stores. An object is many messages, and the client waits for them without a deadline. */
import { LinkError } from "../driver/driver.ts";
import { AnswerSender } from "../worker/answer-sender.ts";
import { type Client, type ClientContext, messagesOf, nothingToClose } from "../worker/client.ts";
import { bucketOf, fillKeys, keysOf, requireKeys } from "./keys.ts";
import { type PrepareContext, type Workload, workload } from "./workload.ts";
import { IN_FLIGHT, KEYS, PAYLOAD, SCHEDULE } from "./workload-options.ts";

/** One chunk of the clients. */
const SIZE = 131_072;
const MESSAGES = 1000;
const OBJECTS = 100;
const STAGES = ["response", "service", "delay"] as const;
const OPTIONS = [...SCHEDULE, ...IN_FLIGHT, ...PAYLOAD, ...KEYS] as const;

/** In the order of the help. */
export const OBJECT_STORE: readonly Workload[] = [
  workload({
    name: "obj put",
    help: "put objects into an object store",
    label: "JetStream object putter",
    on: "objects",
    roles: { sender: openPutter },
    endsBy: "answer",
    stages: STAGES,
    stamp: "none",
    size: SIZE,
    messages: MESSAGES,
    keys: OBJECTS,
    writes: true,
    options: OPTIONS,
  }),
  workload({
    name: "obj get",
    help: "get objects from an object store",
    label: "JetStream object getter",
    on: "objects",
    roles: { sender: openGetter },
    endsBy: "answer",
    stages: STAGES,
    stamp: "none",
    size: SIZE,
    messages: MESSAGES,
    keys: OBJECTS,
    prepare: prepareGetter,
    writes: false,
    options: OPTIONS,
  }),
];

async function openPutter(context: ClientContext): Promise<Client> {
  const { objects, inTime } = await openStore(context);
  const messages = messagesOf(context);
  const nameOf = keysOf(context);
  const sender = new AnswerSender(context, async (n) => {
    const content = messages.content();
    const name = nameOf(n);
    await inTime(`put ${name}`, objects.put(name, content));
    return { bytesSent: content.length, bytesReceived: 0 };
  });
  return { sender, close: nothingToClose };
}

async function prepareGetter(context: PrepareContext): Promise<void> {
  const { link, scenario } = context;
  const { name, create } = bucketOf(scenario);
  const store = await link.buckets.objects(name);
  if (create) await fillKeys(context, store, { inParallel: 8 });
  else await requireKeys(scenario, store, { item: "object", filledBy: "obj put" });
}

async function openGetter(context: ClientContext): Promise<Client> {
  const { store, objects, inTime } = await openStore(context);
  const nameOf = keysOf(context);
  const sender = new AnswerSender(context, async (n) => {
    const name = nameOf(n);
    const content = await inTime(`get ${name}`, objects.get(name));
    if (!content) throw new LinkError("not_found", `object store ${store} has no object ${name}`);
    return { bytesSent: 0, bytesReceived: content.length };
  });
  return { sender, close: nothingToClose };
}

/** Ends the wait for an operation after the scenario's timeout; the operation itself goes on. */
type InTime = <Value>(attempt: string, operation: Promise<Value>) => Promise<Value>;

async function openStore({ link, task }: ClientContext) {
  const { timeoutMs } = task.scenario;
  const { name: store } = bucketOf(task.scenario);
  const objects = await link.buckets.objects(store);
  const inTime: InTime = (attempt, operation) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new LinkError("timeout", `${attempt}, object store ${store}: no answer in time`)),
        timeoutMs,
      );
      operation.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  return { store, objects, inTime };
}
