/** What the spans of buckets should say, and how to bring about what ends them. */
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { InstrumentedFixture } from "../clients.ts";
import { type EndedSpan, endedSpans, operation } from "../ended-spans.ts";

/** What a span of a bucket says beside what all of them say. */
export interface Expected {
  /** `KV_x` or `OBJ_x`. */
  readonly stream: string;
  readonly operation: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Default: the root of its trace. */
  readonly parent?: string;
  readonly links?: readonly string[];
  /** `error.type` of a span that failed. */
  readonly error?: string;
  /** `error.type` of a span that did not fail. */
  readonly expectedError?: string;
}

const SENDS = ["put", "create", "update", "delete", "purge"];

/** A span of a bucket, by the span model. */
export function bucketSpan(expected: Expected): EndedSpan {
  const { stream, operation: name, attributes, parent, links, error, expectedError } = expected;
  const [, kind, bucket] = /^(KV|OBJ)_(.*)$/.exec(stream) as unknown as [string, string, string];
  const type = SENDS.includes(name) ? "send" : name === "process" ? "process" : "receive";
  return {
    name: `${name} ${stream}`,
    kind: name === "process" ? "CONSUMER" : "CLIENT",
    attributes: operation(name, type, stream, {
      [kind === "KV" ? "messaging.nats.kv.bucket" : "messaging.nats.object.bucket"]: bucket,
      ...attributes,
      ...(error !== undefined && { "error.type": error }),
      ...(expectedError !== undefined && { "error.type": expectedError }),
    }),
    ...(parent !== undefined && { parent }),
    ...(links && { links }),
    ...(error !== undefined && { failed: true }),
  };
}

/** All spans that have ended but the test's own. */
export function bucketSpans(fixture: Pick<InstrumentedFixture, "spans" | "connection">): EndedSpan[] {
  return endedSpans(fixture).filter(({ name }) => name !== "test");
}

/** Makes garbage of what nobody can reach; who asked to be told is told in a later turn. */
export const collectGarbage = (() => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
})();

/** Lets what was scheduled for the next turns of the event loop happen. */
export async function someTurns(): Promise<void> {
  for (let i = 0; i < 5; i++) await turn();
}
