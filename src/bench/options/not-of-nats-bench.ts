/** Flags of `nats bench` that natscope bench does not have, each with what to use instead. */

const FLAGS: Readonly<Record<string, string>> = {
  "--sleep":
    "say with --rate how often: a sleep after each answer slows the load down when the server is slow",
  "--persistasync": "the nats client for Node.js cannot ask for it",
  "--max-outstanding-acks": "--in-flight limits the publishes that are not acknowledged yet",
  "--multisubjectformat": "subjects are SUBJECT.0, SUBJECT.1 ...",
  "--trace": "--out keeps everything that was recorded",
};

/** A sentence, if the flag is one of those. */
export function absentFlag(flag: string): string | undefined {
  const instead = FLAGS[flag.replace(/^--no-/, "--")];
  return instead && `${flag} is nats bench's, and natscope bench does not have it: ${instead}`;
}
