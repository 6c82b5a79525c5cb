/**
 * Which delivery of its message a delivery is. The clients read all that a reply subject says, which costs more
 * than everything else that is observed of a message; this one number is all that metrics need.
 */

const DOT = ".";

/**
 * 1 for the first delivery. Throws where the subject is none that JetStream gave a message (NATS ADR-15):
 * `$JS.ACK.<stream>.<consumer>.<count>.…` of nine tokens, or with domain and account before the stream.
 */
export function deliveryCountOf(reply: string): number {
  const short = afterDots(reply, 4);
  const long = afterDots(reply, 2, short);
  const isLong = afterDots(reply, 4, long) > 0;
  const count = Number.parseInt(reply.slice(isLong ? long : short), 10);
  if (!reply.startsWith("$JS.ACK.") || !(count > 0)) throw new Error("no message of JetStream's");
  return count;
}

/** Where the text begins that follows this many dots, from a position on; 0 if there are not so many. */
function afterDots(text: string, dots: number, from = 0): number {
  let at = from;
  for (let i = 0; i < dots; i++) {
    at = text.indexOf(DOT, at) + 1;
    if (at === 0) return 0;
  }
  return at;
}
