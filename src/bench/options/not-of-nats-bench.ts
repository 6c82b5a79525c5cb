/** Flags of `nats bench` that natscope bench does not have, each with what to use instead. */

const FLAGS: Readonly<Record<string, string>> = {
  "--sleep": "set --rate. A pause after each answer would lower the load when the server is slow",
  "--persistasync": "the nats client for Node.js does not support it",
  "--max-outstanding-acks": "set --in-flight, the maximum of publishes without an ack",
  "--multisubjectformat": "subjects are SUBJECT.0, SUBJECT.1 ...",
  "--trace": "set --out, which saves everything that was recorded",
};

/** A sentence if the flag is one of those. */
export function absentFlag(flag: string): string | undefined {
  const instead = FLAGS[flag.replace(/^--no-/, "--")];
  return instead && `natscope bench does not have ${flag} of nats bench: ${instead}`;
}
