/**
 * Reads the ack subject of a stream's message, which contains stream, consumer and numbers of the delivery:
 *
 *     $JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<nanoseconds>.<pending>
 *     $JS.ACK.<domain>.<account>.<stream>.<consumer>.<the same five>[.<random>]
 *
 * Source: nats-server's `ackReplySubject` and ADR-15. The client's own parser creates an array and an object for each
 * message, and rounds nanoseconds to 256.
 */

/** The facts that a run needs. One object is reused for all messages. */
export interface AckFacts {
  streamSequence: number;
  deliveryCount: number;
  /** Milliseconds since 1970, with a fraction. */
  storedAtMs: number;
}

const PREFIX = "$JS.ACK.";
const TOKENS_OF_OLD_FORM = 9;
const MIN_TOKENS_OF_NEW_FORM = 11;
const NANOSECOND_DIGITS_OF_A_MILLISECOND = 6;

/** Start of each token that may be read. */
const starts = new Int32Array(MIN_TOKENS_OF_NEW_FORM + 1);

/** Returns false, and leaves `into` unchanged, if the subject is not an ack subject. */
export function readAckSubject(subject: string, into: AckFacts): boolean {
  if (!subject.startsWith(PREFIX)) return false;
  const tokens = findTokens(subject);
  const isOld = tokens === TOKENS_OF_OLD_FORM;
  if (!isOld && tokens < MIN_TOKENS_OF_NEW_FORM) return false;
  const first = isOld ? 4 : 6;
  const deliveries = numberAt(subject, first);
  const sequence = numberAt(subject, first + 1);
  const stored = millisecondsAt(subject, first + 3);
  if (Number.isNaN(deliveries + sequence + stored)) return false;
  into.deliveryCount = deliveries;
  into.streamSequence = sequence;
  into.storedAtMs = stored;
  return true;
}

/** Returns the number of tokens. */
function findTokens(subject: string): number {
  let tokens = 0;
  for (let at = 0; at >= 0; at = subject.indexOf(".", at) + 1 || -1) {
    if (tokens < starts.length) starts[tokens] = at;
    tokens++;
  }
  // The end of the last token, as if a dot followed.
  if (tokens < starts.length) starts[tokens] = subject.length + 1;
  return tokens;
}

function numberAt(subject: string, token: number): number {
  return digits(subject, starts[token] as number, (starts[token + 1] as number) - 1);
}

/** A number cannot hold the nanoseconds since 1970 exactly, so they are read in two parts. */
function millisecondsAt(subject: string, token: number): number {
  const from = starts[token] as number;
  const to = (starts[token + 1] as number) - 1;
  const middle = Math.max(from, to - NANOSECOND_DIGITS_OF_A_MILLISECOND);
  const whole = middle === from ? 0 : digits(subject, from, middle);
  return whole + digits(subject, middle, to) / 1e6;
}

/** NaN if the range is empty or contains anything but digits. */
function digits(subject: string, from: number, to: number): number {
  if (from >= to) return Number.NaN;
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = subject.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
