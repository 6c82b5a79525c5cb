/** Expected spans of buckets, and ways to end their operations. */
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { InstrumentedFixture } from "../clients.ts";
import { type EndedSpan, endedSpans, operation } from "../ended-spans.ts";

/** Expected values of a bucket's span, besides those of all spans. */
export interface Expected {
  /** `KV_x` or `OBJ_x`. */
  readonly stream: string;
  readonly operation: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Default: it is the root of its trace. */
  readonly parent?: string;
  readonly links?: readonly string[];
  /** `error.type` of a failed span. */
  readonly error?: string;
  /** `error.type` of a span that is not failed. */
  readonly expectedError?: string;
}

const SENDS = ["put", "create", "update", "delete", "purge"];

/** A span of a bucket. */
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

/** All ended spans except those of the test. */
export function bucketSpans(fixture: Pick<InstrumentedFixture, "spans" | "connection">): EndedSpan[] {
  return endedSpans(fixture).filter(({ name }) => name !== "test");
}

/** Collects garbage. Finalization callbacks run in a later turn of the event loop. */
export const collectGarbage = (() => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
})();

/** Waits for some turns of the event loop. */
export async function someTurns(): Promise<void> {
  for (let i = 0; i < 5; i++) await turn();
}
