/**
 * JetStream's own traffic is never counted. It comes to an observed connection only where a package could not be
 * taught (a bundled application): then it is passed on as it is. What is lost there is the observation of
 * consumers and buckets, and what the application asks of `$JS.API` by hand.
 */
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import { isInbox } from "../labels/subject-folding.ts";
import type { ConnectionShape } from "../shapes/connection.ts";
import { patchLoadedPackages } from "./patches.ts";

/** The members that speak to subjects. */
type Members = Pick<ConnectionShape, "publish" | "subscribe" | "request" | "requestMany">;

const DOLLAR = 36;
/** JetStream's API, also that of a domain, and what services say of themselves. */
const OWN = /^\$(?:JS\.(?:[^.]+\.)?API|SRV)\./;

/** These members, for all but the packages' own traffic. */
export function passingOwnTraffic(instrumentation: Instrumentation, members: Members): Members {
  const { connection } = instrumentation;
  let isUntaught = false;
  const isOwn = (subject: unknown): boolean => {
    if (typeof subject !== "string" || subject.charCodeAt(0) !== DOLLAR || !OWN.test(subject)) return false;
    if (!isUntaught) instrumentation.problems.guard("client", patchLoadedPackages);
    isUntaught = true;
    return true;
  };
  /** A consumer that could not be taught has its messages sent there. */
  const isOwnInbox = (subject: unknown): boolean =>
    isUntaught && typeof subject === "string" && isInbox(subject, connection.options?.inboxPrefix);
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
