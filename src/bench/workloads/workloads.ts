/** Which client a thread opens, by the workload and its role: the only place that knows all of them. */
import type { Role } from "../run/plan.ts";
import type { OpenClient } from "../run/thread.ts";
import type { WorkloadName } from "../scenario/workload.ts";
import { openPublisher, openRequester, openResponder, openSubscriber } from "./core.ts";

/** By role; a role that a workload does not have is missing. */
export const CLIENTS: Readonly<Partial<Record<WorkloadName, Readonly<Partial<Record<Role, OpenClient>>>>>> = {
  pub: { sender: openPublisher },
  sub: { receiver: openSubscriber },
  pubsub: { sender: openPublisher, receiver: openSubscriber },
  request: { sender: openRequester, responder: openResponder },
  serve: { responder: openResponder },
};
