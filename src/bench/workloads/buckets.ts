/** Key-value buckets: who puts, who gets, who watches. */
import { LinkError } from "../driver/driver.ts";
import { AnswerLane } from "../worker/answer-sender.ts";
import type { Client, ClientSurroundings } from "../worker/thread.ts";
import { messagesOf, nothing, receiverOf, surroundings } from "./core.ts";
import { bucketOf, keysOf } from "./keys.ts";

/** Puts; of `kv watch` with stamps, timed by those who watch. */
export async function openBucketPutter(around: ClientSurroundings): Promise<Client> {
  const { bucket, messages, keyOf } = await openBucket(around);
  const isWatched = around.task.scenario.workload === "kv watch";
  const lane = new AnswerLane(
    surroundings(around),
    async (n, intended, sent) => {
      const value = isWatched ? messages.next(n, intended, sent).payload : messages.content();
      await bucket.put(keyOf(n), value);
      return { bytesSent: value.length, bytesReceived: 0 };
    },
    isWatched ? { remembers: true, onAnswer: () => {} } : { remembers: true },
  );
  return { lane, close: nothing };
}

/** Gets. */
export async function openBucketGetter(around: ClientSurroundings): Promise<Client> {
  const { name, bucket, keyOf } = await openBucket(around);
  const lane = new AnswerLane(surroundings(around), async (n) => {
    const key = keyOf(n);
    const value = await bucket.get(key);
    if (!value) throw new LinkError("not_found", `bucket ${name} has no key ${key}`);
    return { bytesSent: 0, bytesReceived: value.length };
  });
  return { lane, close: nothing };
}

/**
 * Watches all keys. Of a key that is put again before the watcher has seen it, a bucket that keeps one value
 * delivers only the last: the others are lost to it.
 */
export async function openWatcher(around: ClientSurroundings): Promise<Client> {
  const { bucket } = await openBucket(around);
  const receiver = receiverOf(around, "own");
  const open = await bucket.watch((subject, data) => {
    receiver.time({ subject, data, header: () => undefined, respond: () => false });
  });
  return { receiver, close: () => open.close() };
}

async function openBucket(around: ClientSurroundings) {
  const { workload, bucket } = around.task.scenario;
  const { name } = bucketOf(workload, bucket);
  return {
    name,
    bucket: await around.link.buckets.keyValue(name),
    messages: messagesOf(around),
    keyOf: keysOf(around),
  };
}
