/**
 * A core publish that says whether the server has taken the message. NATS answers no publish; but a server
 * handles what a connection sends in order, so the answer to a ping that was sent after the message comes after
 * the message was handled, and after the refusal if it was refused.
 *
 * It says nothing of subscribers: there may be none.
 */
import { hearAtTheSource } from "../instrumentation/connection-watch.ts";
import type { ConnectionShape, Payload, PublishOptionsShape, StatusShape } from "../shapes/connection.ts";
import { rawOf } from "../wrapping/delegate.ts";

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
  const unconfirmed: Unconfirmed = { subject, fail };
  const waiting = waitingOn(raw);
  waiting.add(unconfirmed);
  const timer =
    timeoutMs === Infinity ? undefined : setTimeout(() => fail(new PublishTimeout(timeoutMs)), timeoutMs);
  try {
    connection.publish(subject, data, options);
    await Promise.race([raw.flush(), failed]);
  } finally {
    clearTimeout(timer);
    waiting.delete(unconfirmed);
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

/** A message that was sent, or is about to be, and of which nothing was heard yet. */
interface Unconfirmed {
  readonly subject: string;
  fail(error: unknown): void;
}

/** Of each connection; it is listened to once. */
const WAITING = new WeakMap<ConnectionShape, Set<Unconfirmed>>();

function waitingOn(raw: ConnectionShape): Set<Unconfirmed> {
  const known = WAITING.get(raw);
  if (known) return known;
  const waiting = new Set<Unconfirmed>();
  WAITING.set(raw, waiting);
  hearAtTheSource(raw, (status) => {
    const refusal = refusalIn(status);
    if (!refusal) return;
    for (const { subject, fail } of waiting) if (subject === refusal.subject) fail(refusal.error);
  });
  // Flushes that wait when the client closes never end; one that begins then fails as it should.
  const closed = () => {
    for (const { fail } of waiting) raw.flush().catch(fail);
  };
  raw.closed().then(closed, closed);
  return waiting;
}

/** v2 says what was denied beside the status, v3 in its error. */
function refusalIn({ type, permissionContext, error }: StatusShape) {
  if (type !== "error") return undefined;
  const { operation, subject } = permissionContext ?? (error as StatusShape["permissionContext"]) ?? {};
  if (operation !== "publish" || subject === undefined) return undefined;
  return { subject, error: error ?? new PublishRefused(subject) };
}
