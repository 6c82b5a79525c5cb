/** Which client a thread opens, by the workload and its role: the only place that knows all of them. */

import type { WorkloadName } from "../scenario/workload.ts";
import type { Role } from "../worker/plan.ts";
import type { OpenClient } from "../worker/thread.ts";
import { openBucketGetter, openBucketPutter, openWatcher } from "./buckets.ts";
import { openConsumer, openFetcher, openOrderedConsumer, openSettlingConsumer } from "./consumers.ts";
import { openPublisher, openRequester, openResponder, openSubscriber } from "./core.ts";
import { openObjectGetter, openObjectPutter } from "./objects.ts";
import { openStreamPublisher } from "./stream-publisher.ts";

/** By role; a role that a workload does not have is missing. */
export const CLIENTS: Readonly<Record<WorkloadName, Readonly<Partial<Record<Role, OpenClient>>>>> = {
  pub: { sender: openPublisher },
  sub: { receiver: openSubscriber },
  pubsub: { sender: openPublisher, receiver: openSubscriber },
  request: { sender: openRequester, responder: openResponder },
  serve: { responder: openResponder },
  "js pub sync": { sender: openStreamPublisher },
  "js pub async": { sender: openStreamPublisher },
  "js consume": { receiver: openConsumer },
  "js fetch": { receiver: openFetcher },
  "js ordered": { receiver: openOrderedConsumer },
  "js e2e": { sender: openStreamPublisher, receiver: openSettlingConsumer },
  "kv put": { sender: openBucketPutter },
  "kv get": { sender: openBucketGetter },
  "kv watch": { sender: openBucketPutter, receiver: openWatcher },
  "obj put": { sender: openObjectPutter },
  "obj get": { sender: openObjectGetter },
};
