/**
 * Reads the subject that acks a stream's message: stream, consumer and numbers of a delivery are in it.
 *
 *     $JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<nanoseconds>.<pending>
 *     $JS.ACK.<domain>.<account>.<stream>.<consumer>.<the same five>[.<random>]
 *
 * nats-server's `ackReplySubject` and ADR-15. The client's own reader makes an array and an object of each, and
 * its nanoseconds are rounded to 256.
 */

/** What a run needs of it. Written anew for each message. */
export interface AckFacts {
  streamSequence: number;
  deliveryCount: number;
  /** Milliseconds since 1970, with a fraction. */
  storedAtMs: number;
}

const PREFIX = "$JS.ACK.";
const TOKENS_OF_OLD_FORM = 9;
const LEAST_TOKENS_OF_NEW_FORM = 11;
const NANOSECOND_DIGITS_OF_A_MILLISECOND = 6;

/** Where tokens begin; as many as one may want to read. */
const starts = new Int32Array(LEAST_TOKENS_OF_NEW_FORM + 1);

/** @returns false, and leaves `into` as it is, if it is no such subject */
export function readAckSubject(subject: string, into: AckFacts): boolean {
  if (!subject.startsWith(PREFIX)) return false;
  const tokens = findTokens(subject);
  const isOld = tokens === TOKENS_OF_OLD_FORM;
  if (!isOld && tokens < LEAST_TOKENS_OF_NEW_FORM) return false;
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

/** @returns how many there are */
function findTokens(subject: string): number {
  let tokens = 0;
  for (let at = 0; at >= 0; at = subject.indexOf(".", at) + 1 || -1) {
    if (tokens < starts.length) starts[tokens] = at;
    tokens++;
  }
  // Past the end, as if another dot came there.
  if (tokens < starts.length) starts[tokens] = subject.length + 1;
  return tokens;
}

function numberAt(subject: string, token: number): number {
  return digits(subject, starts[token] as number, (starts[token + 1] as number) - 1);
}

/** Nanoseconds of our time are more than a number holds exactly: read in two parts. */
function millisecondsAt(subject: string, token: number): number {
  const from = starts[token] as number;
  const to = (starts[token + 1] as number) - 1;
  const middle = Math.max(from, to - NANOSECOND_DIGITS_OF_A_MILLISECOND);
  const whole = middle === from ? 0 : digits(subject, from, middle);
  return whole + digits(subject, middle, to) / 1e6;
}

/** NaN if there is anything else, or nothing. */
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
