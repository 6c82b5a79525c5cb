/**
 * Requests of the `@nats-io` packages themselves, which are never counted. They reach an instrumented
 * connection only if a package could not be patched (in a bundled application), and are passed to the client
 * unchanged. Then consumers and buckets are not instrumented, nor requests that the application itself sends
 * to `$JS.API`.
 */
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import { isInbox } from "../labels/subject-folding.ts";
import type { ConnectionShape } from "../shapes/connection.ts";
import { patchLoadedPackages } from "./patches.ts";

/** The members that take a subject. */
type Members = Pick<ConnectionShape, "publish" | "subscribe" | "request" | "requestMany">;

const DOLLAR = 36;
/** The JetStream API, with and without a domain, and the discovery of services. */
const OWN = /^\$(?:JS\.(?:[^.]+\.)?API|SRV)\./;

/** Returns these members with the packages' own traffic excluded. */
export function passingOwnTraffic(instrumentation: Instrumentation, members: Members): Members {
  const { connection } = instrumentation;
  let isUnpatched = false;
  const isOwn = (subject: unknown): boolean => {
    if (typeof subject !== "string" || subject.charCodeAt(0) !== DOLLAR || !OWN.test(subject)) return false;
    if (!isUnpatched) instrumentation.problems.guard("client", patchLoadedPackages);
    isUnpatched = true;
    return true;
  };
  /** Inbox of a consumer whose package could not be patched. */
  const isOwnInbox = (subject: unknown): boolean =>
    isUnpatched && typeof subject === "string" && isInbox(subject, connection.options?.inboxPrefix);
  return {
    publish(subject, data, options) {
      if (isOwn(subject)) connection.publish(subject, data, options);
      else members.publish(subject, data, options);
    },
    subscribe: (subject, options) =>
      isOwn(subject) || isOwnInbox(subject)
        ? connection.subscribe(subject, options)
        : members.subscribe(subject, options),
    request: (subject, data, options) =>
      (isOwn(subject) ? connection : members).request(subject, data, options),
    requestMany: (subject, data, options) =>
      (isOwn(subject) ? connection : members).requestMany(subject, data, options),
  };
}
