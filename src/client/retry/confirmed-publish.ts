/**
 * A core publish that waits until the server has handled the message. NATS does not answer a publish, but a
 * server handles the protocol of a connection in order: the PONG to a ping sent after the message comes after
 * the message was handled, and after the error if it was refused.
 *
 * It does not tell whether there are subscribers.
 */
import { interceptStatus } from "../instrumentation/connection-watch.ts";
import type { ConnectionShape, Payload, PublishOptionsShape, StatusShape } from "../shapes/connection.ts";
import { rawOf, type UnconfirmedPublish, unconfirmedPublishes } from "../wrapping/registrations.ts";

/**
 * Publishes, and resolves when the server has handled the message.
 *
 * @param connection the client's own or the instrumented one; its `publish` is called
 * @throws what `publish` throws; what `flush` rejects with if the connection is lost or closed meanwhile,
 *   when the message may or may not have been handled; a permissions violation if the server refused it; a
 *   timeout after `timeoutMs`
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
  failed.catch(() => {}); // It may reject after the function has returned.
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

/** The server did not answer in time. Has the `name` and `code` of both generations' timeouts. */
class PublishTimeout extends Error {
  override readonly name = "TimeoutError";
  readonly code = "TIMEOUT";

  constructor(timeoutMs: number) {
    super(`the server did not confirm the message within ${timeoutMs} ms`);
  }
}

/**
 * The server refused the message. v2 reports this as a status without an error; the `code` is that of its
 * other violations.
 */
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
  // The client leaves its pending flushes unsettled when it closes; a flush started then fails as expected.
  const closed = () => {
    for (const { fail } of unconfirmed) raw.flush().catch(fail);
  };
  raw.closed().then(closed, closed);
}

/** v2 reports what was denied in the status, v3 in the status's error. */
function refusalIn({ type, permissionContext, error }: StatusShape) {
  if (type !== "error") return undefined;
  const { operation, subject } = permissionContext ?? (error as StatusShape["permissionContext"]) ?? {};
  if (operation !== "publish" || subject === undefined) return undefined;
  return { subject, error: error ?? new PublishRefused(subject) };
}
