/** What `nats bench` has and natscope has not, each with a sentence that says what to do instead. */

const FLAGS: Readonly<Record<string, string>> = {
  "--sleep":
    "say with --rate how often: a sleep after each answer slows the load down when the server is slow",
  "--persistasync": "the nats client for Node.js cannot ask for it",
  "--max-outstanding-acks": "of js pub async --in-flight says how many are out at a time",
  "--multisubjectformat": "subjects are SUBJECT.0, SUBJECT.1 ...",
  "--trace": "--out keeps everything that was recorded",
};

const WORKLOADS: Readonly<Record<string, string>> = {
  "js pub atomic": "js pub async publishes with many messages in flight",
  "js pub batch": "js pub async publishes with many messages in flight",
  "js pub fast": "js pub async publishes with many messages in flight",
  "js get": "js consume, js fetch and js ordered read a stream",
  oldjs: "js consume, js fetch and js ordered read a stream",
  service: "request asks and serve answers",
};

/** A sentence, if the flag is one of those. */
export function absentFlag(flag: string): string | undefined {
  const instead = FLAGS[flag.replace(/^--no-/, "--")];
  return instead && `${flag} is nats bench's, and natscope bench does not have it: ${instead}`;
}

/** A sentence, if the words begin with one of those. */
export function absentWorkload(words: string): string | undefined {
  const name = Object.keys(WORKLOADS).find((one) => words === one || words.startsWith(`${one} `));
  return name && `${name} is nats bench's, and natscope bench does not have it: ${WORKLOADS[name]}`;
}
