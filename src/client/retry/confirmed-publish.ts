/**
 * A core publish that says whether the server has taken the message. NATS answers no publish; but a server
 * handles what a connection sends in order, so the answer to a ping that was sent after the message comes after
 * the message was handled, and after the refusal if it was refused.
 *
 * It says nothing of subscribers: there may be none.
 */
import { interceptStatus } from "../instrumentation/connection-watch.ts";
import type { ConnectionShape, Payload, PublishOptionsShape, StatusShape } from "../shapes/connection.ts";
import { rawOf, type UnconfirmedPublish, unconfirmedPublishes } from "../wrapping/registrations.ts";

/**
 * Publishes, and resolves when the server has handled the message.
 *
 * Rejects with what `publish` throws; as a flush does where the connection is lost or closed meanwhile (the
 * message may have been handled, or not); with a permissions violation where the server refused the message; with
 * a timeout after `timeoutMs`.
 * @param connection the client's own, or the observed one: its `publish` is called
 */
export async function publishConfirmed(
  connection: ConnectionShape,
  subject: string,
  data: Payload | undefined,
  options: PublishOptionsShape,
  timeoutMs: number,
): Promise<void> {
  const raw = rawOf(connection);
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  failed.catch(() => {}); // It may fail when nobody waits any more.
  const unconfirmed = unconfirmedPublishes(raw, (publishes) => failRefused(raw, publishes));
  const publish: UnconfirmedPublish = { subject, fail };
  unconfirmed.add(publish);
  const timer =
    timeoutMs === Infinity ? undefined : setTimeout(() => fail(new PublishTimeout(timeoutMs)), timeoutMs);
  try {
    connection.publish(subject, data, options);
    await Promise.race([raw.flush(), failed]);
  } finally {
    clearTimeout(timer);
    unconfirmed.delete(publish);
  }
}

/** Nothing was heard of a message in time. Has `name` and `code` of both generations' timeouts. */
class PublishTimeout extends Error {
  override readonly name = "TimeoutError";
  readonly code = "TIMEOUT";

  constructor(timeoutMs: number) {
    super(`the server did not confirm the message within ${timeoutMs} ms`);
  }
}

/** v2 has no error for a message that was refused: it only tells of it. Has `code` of its other violations. */
class PublishRefused extends Error {
  override readonly name = "PermissionViolationError";
  readonly code = "PERMISSIONS_VIOLATION";

  constructor(subject: string) {
    super(`no permission to publish to "${subject}"`);
  }
}

function failRefused(raw: ConnectionShape, unconfirmed: Iterable<UnconfirmedPublish>): void {
  interceptStatus(raw, (status) => {
    const refusal = refusalIn(status);
    if (!refusal) return;
    for (const { subject, fail } of unconfirmed) if (subject === refusal.subject) fail(refusal.error);
  });
  // Flushes that wait when the client closes never end; one that begins then fails as it should.
  const closed = () => {
    for (const { fail } of unconfirmed) raw.flush().catch(fail);
  };
  raw.closed().then(closed, closed);
}

/** v2 says what was denied beside the status, v3 in its error. */
function refusalIn({ type, permissionContext, error }: StatusShape) {
  if (type !== "error") return undefined;
  const { operation, subject } = permissionContext ?? (error as StatusShape["permissionContext"]) ?? {};
  if (operation !== "publish" || subject === undefined) return undefined;
  return { subject, error: error ?? new PublishRefused(subject) };
}
