/** Key-value buckets: who puts, who gets, who watches. */
import { LinkError } from "../driver/driver.ts";
import { AnswerSender } from "../worker/answer-sender.ts";
import type { Client, ClientContext } from "../worker/thread.ts";
import { messagesOf, nothing, receiverOf, surroundings } from "./core.ts";
import { bucketOf, keysOf } from "./keys.ts";

/** Puts; of `kv watch` with stamps, timed by those who watch. */
export async function openBucketPutter(around: ClientContext): Promise<Client> {
  const { bucket, messages, keyOf } = await openBucket(around);
  const isWatched = around.task.scenario.workload === "kv watch";
  const sender = new AnswerSender(
    surroundings(around),
    async (n, intended, sent) => {
      const value = isWatched ? messages.next(n, intended, sent).payload : messages.content();
      await bucket.put(keyOf(n), value);
      return { bytesSent: value.length, bytesReceived: 0 };
    },
    isWatched ? { remembers: true, onAnswer: () => {} } : { remembers: true },
  );
  return { sender, close: nothing };
}

/** Gets. */
export async function openBucketGetter(around: ClientContext): Promise<Client> {
  const { name, bucket, keyOf } = await openBucket(around);
  const sender = new AnswerSender(surroundings(around), async (n) => {
    const key = keyOf(n);
    const value = await bucket.get(key);
    if (!value) throw new LinkError("not_found", `bucket ${name} has no key ${key}`);
    return { bytesSent: 0, bytesReceived: value.length };
  });
  return { sender, close: nothing };
}

/**
 * Watches all keys. Of a key that is put again before the watcher has seen it, a bucket that keeps one value
 * delivers only the last: the others are lost to it.
 */
export async function openWatcher(around: ClientContext): Promise<Client> {
  const { bucket } = await openBucket(around);
  const receiver = receiverOf(around, "own");
  const open = await bucket.watch((subject, data) => {
    receiver.time({ subject, data, header: () => undefined, respond: () => false });
  });
  return { receiver, close: () => open.close() };
}

async function openBucket(around: ClientContext) {
  const { workload, bucket } = around.task.scenario;
  const { name } = bucketOf(workload, bucket);
  return {
    name,
    bucket: await around.link.buckets.keyValue(name),
    messages: messagesOf(around),
    keyOf: keysOf(around),
  };
}
