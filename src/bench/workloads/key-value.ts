/** Workloads on key-value buckets. */
import { type KeyValueLink, LinkError } from "../driver/driver.ts";
import { AnswerSender } from "../worker/answer-sender.ts";
import { type Client, type ClientContext, messagesOf, nothingToClose, receiverOf } from "../worker/client.ts";
import { bucketOf, fillKeys, keysOf, requireKeys } from "./keys.ts";
import { type PrepareContext, type Workload, workload } from "./workload.ts";
import { HISTORY, IN_FLIGHT, KEYS, PAYLOAD, RECEIVERS, SCHEDULE } from "./workload-options.ts";

const FILL_IN_PARALLEL = 256;
const STAGES = ["response", "service", "delay"] as const;
const OPTIONS = [...SCHEDULE, ...IN_FLIGHT, ...PAYLOAD, ...KEYS, ...HISTORY] as const;

/** In the order of the help. */
export const KEY_VALUE: readonly Workload[] = [
  workload({
    name: "kv put",
    help: "put values into a key-value bucket",
    label: "JetStream KV putter",
    on: "bucket",
    roles: { sender: openPutter },
    endsBy: "answer",
    stages: STAGES,
    stamp: "none",
    writes: true,
    options: OPTIONS,
  }),
  workload({
    name: "kv get",
    help: "get values from a key-value bucket",
    label: "JetStream KV getter",
    on: "bucket",
    roles: { sender: openGetter },
    endsBy: "answer",
    stages: STAGES,
    stamp: "none",
    prepare: prepareGetter,
    writes: false,
    options: OPTIONS,
  }),
  workload({
    name: "kv delete",
    help: "delete keys of a key-value bucket; each deletion stores a marker",
    label: "JetStream KV deleter",
    on: "bucket",
    roles: { sender: openDeleter },
    endsBy: "answer",
    stages: STAGES,
    stamp: "none",
    prepare: prepareDeleter,
    writes: true,
    options: OPTIONS,
  }),
  workload({
    name: "kv watch",
    help: "put values and watch them arrive",
    label: "JetStream KV watcher",
    on: "bucket",
    roles: { sender: openWatchedPutter, receiver: openWatcher },
    delivery: () => "everyone",
    endsBy: "answer",
    stages: STAGES,
    stamp: "payload",
    writes: true,
    options: [...RECEIVERS, ...OPTIONS],
  }),
];

async function openPutter(context: ClientContext): Promise<Client> {
  const { bucket } = await openBucket(context);
  const messages = messagesOf(context);
  const keyOf = keysOf(context);
  const sender = new AnswerSender(
    context,
    async (n) => {
      const value = messages.content();
      await bucket.put(keyOf(n), value);
      return { bytesSent: value.length, bytesReceived: 0 };
    },
    { remembers: true },
  );
  return { sender, close: nothingToClose };
}

/** Puts values with stamps; the watchers time them. */
async function openWatchedPutter(context: ClientContext): Promise<Client> {
  const { bucket } = await openBucket(context);
  const messages = messagesOf(context);
  const keyOf = keysOf(context);
  const sender = new AnswerSender(
    context,
    async (n, intended, sent) => {
      const { payload } = messages.next(n, intended, sent);
      await bucket.put(keyOf(n), payload);
      return { bytesSent: payload.length, bytesReceived: 0 };
    },
    { remembers: true, onAnswer: () => {} },
  );
  return { sender, close: nothingToClose };
}

async function prepareGetter(context: PrepareContext): Promise<void> {
  const { link, scenario } = context;
  const { name, create } = bucketOf(scenario);
  const bucket = await link.buckets.keyValue(name);
  if (create) await fillKeys(context, bucket, { inParallel: FILL_IN_PARALLEL });
  else await requireKeys(scenario, bucket, { item: "key", filledBy: "kv put" });
}

async function openGetter(context: ClientContext): Promise<Client> {
  const { name, bucket } = await openBucket(context);
  const keyOf = keysOf(context);
  const sender = new AnswerSender(context, async (n) => {
    const key = keyOf(n);
    const value = await bucket.get(key);
    if (!value) throw new LinkError("not_found", `bucket ${name} has no key ${key}`);
    return { bytesSent: 0, bytesReceived: value.length };
  });
  return { sender, close: nothingToClose };
}

/** Keys that are missing in a bucket of the user can be deleted, too: the bucket stores a marker all the same. */
async function prepareDeleter(context: PrepareContext): Promise<void> {
  const { name, create } = bucketOf(context.scenario);
  if (!create) return;
  await fillKeys(context, await context.link.buckets.keyValue(name), { inParallel: FILL_IN_PARALLEL });
}

/** An operation ends when the bucket has stored the marker, so that the revisions of the bucket count deletions. */
async function openDeleter(context: ClientContext): Promise<Client> {
  const { bucket } = await openBucket(context);
  const keyOf = keysOf(context);
  const sender = new AnswerSender(
    context,
    async (n) => {
      await bucket.delete(keyOf(n));
      return { bytesSent: 0, bytesReceived: 0 };
    },
    { remembers: true },
  );
  return { sender, close: nothingToClose };
}

/**
 * Watches all keys. If a key is put again before the watcher has seen its value, a bucket with a history of 1
 * delivers only the newer value; the older one counts as lost.
 */
async function openWatcher(context: ClientContext): Promise<Client> {
  const { bucket } = await openBucket(context);
  const receiver = receiverOf(context, "own");
  const watch = await bucket.watch((subject, data) => {
    receiver.time({ subject, data, header: () => undefined, respond: () => false });
  });
  return { receiver, close: () => watch.close() };
}

async function openBucket({
  link,
  task,
}: ClientContext): Promise<{ readonly name: string; readonly bucket: KeyValueLink }> {
  const { name } = bucketOf(task.scenario);
  return { name, bucket: await link.buckets.keyValue(name) };
}
