/** Object stores: who puts and who gets. An object is many messages; the client waits for them without an end. */
import { LinkError, type ObjectLink } from "../driver/driver.ts";
import { AnswerSender } from "../worker/answer-sender.ts";
import type { Client, ClientContext } from "../worker/thread.ts";
import { messagesOf, nothing, surroundings } from "./core.ts";
import { bucketOf, keysOf } from "./keys.ts";

/** Puts. */
export async function openObjectPutter(around: ClientContext): Promise<Client> {
  const { objects, within } = await openStore(around);
  const messages = messagesOf(around);
  const nameOf = keysOf(around);
  const sender = new AnswerSender(surroundings(around), async (n) => {
    const content = messages.content();
    const name = nameOf(n);
    await within(`put ${name}`, objects.put(name, content));
    return { bytesSent: content.length, bytesReceived: 0 };
  });
  return { sender, close: nothing };
}

/** Gets. */
export async function openObjectGetter(around: ClientContext): Promise<Client> {
  const { store, objects, within } = await openStore(around);
  const nameOf = keysOf(around);
  const sender = new AnswerSender(surroundings(around), async (n) => {
    const name = nameOf(n);
    const content = await within(`get ${name}`, objects.get(name));
    if (!content) throw new LinkError("not_found", `object store ${store} has no object ${name}`);
    return { bytesSent: 0, bytesReceived: content.length };
  });
  return { sender, close: nothing };
}

/** Ends the wait for an operation, not the operation. */
type Within = <Value>(attempt: string, operation: Promise<Value>) => Promise<Value>;

async function openStore({ link, task }: ClientContext) {
  const { workload, bucket, timeoutMs } = task.scenario;
  const { name: store } = bucketOf(workload, bucket);
  const objects: ObjectLink = await link.buckets.objects(store);
  const within: Within = (attempt, operation) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new LinkError("timeout", `${attempt}, object store ${store}: no answer in time`)),
        timeoutMs,
      );
      operation.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  return { store, objects, within };
}
