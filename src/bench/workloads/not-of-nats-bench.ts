/** Workloads of `nats bench` that natscope bench does not have, each with what to use instead. */

const ABSENT: Readonly<Record<string, string>> = {
  "js pub atomic": "js pub async publishes with many messages in flight",
  "js pub batch": "js pub async publishes with many messages in flight",
  "js pub fast": "js pub async publishes with many messages in flight",
  "js get": "js consume, js fetch and js ordered read a stream",
  oldjs: "js consume, js fetch and js ordered read a stream",
  service: "request sends requests and serve responds to them",
};

/** A sentence, if the words begin with one of those workloads. */
export function absentWorkload(words: string): string | undefined {
  const name = Object.keys(ABSENT).find((one) => words === one || words.startsWith(`${one} `));
  return name && `natscope bench does not have ${name} of nats bench: ${ABSENT[name]}`;
}
