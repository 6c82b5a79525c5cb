/**
 * One operation on a bucket, from its call to its end: its span, and its time by outcome. The client does it
 * with JetStream over the raw connection, so that nothing else of it is seen.
 *
 * No trace context goes into what is stored. Neither generation lets headers be given to a key's value; those
 * of an object are kept in its metadata, where an application would find ours among its own.
 */
import type { Span } from "@opentelemetry/api";
import { errorType, type Outcome, outcomeOf } from "../errors/failure.ts";
import type { OpenOperation } from "../instrumentation/instrumentation.ts";
import { now, observe } from "../metrics/timing.ts";
import type { SpanShape } from "../tracing/span-kinds.ts";
import { attempt } from "../wrapping/settling.ts";
import type { Bucket } from "./bucket.ts";

/** What an operation fails with that the client never ends. */
export const CONNECTION_CLOSED = { code: "CONNECTION_CLOSED" };

/** `conflict`: another revision was there first. That is how a compare-and-set says no, and no failure. */
export type BucketOutcome = Outcome | "conflict";

/** A wrong last sequence, with and without the right one. */
const CONFLICTS: ReadonlySet<string> = new Set(["jetstream_10071", "jetstream_10164"]);

/** See the file's comment. Has to be ended; further ends do nothing. */
export class Operation implements OpenOperation {
  readonly #bucket: Bucket;
  readonly #name: string;
  readonly #span: Span | undefined;
  readonly #started = now();
  #ended = false;

  constructor(bucket: Bucket, shape: SpanShape) {
    const { instrumentation, destination, attributes, openOperations } = bucket;
    this.#bucket = bucket;
    this.#name = shape.operation;
    this.#span = instrumentation.openSpan(shape, destination, destination.label, { attributes });
    openOperations.add(this);
  }

  /** Says more of itself. @param say called only for a span that is recorded; may throw */
  describe(say: (span: Span) => void): void {
    const span = this.#span;
    if (!span) return;
    this.#bucket.instrumentation.problems.guard("tracer", () => {
      if (span.isRecording()) say(span);
    });
  }

  /** Whoever calls this ends it, also with the connection. */
  handOver(): void {
    this.#bucket.openOperations.delete(this);
  }

  /** The client may be about to say how it ended. */
  connectionClosed(): void {
    setImmediate(() => this.end(CONNECTION_CLOSED));
  }

  end(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    const { instrumentation, name, durations, openOperations } = this.#bucket;
    openOperations.delete(this);
    const isConflict = error !== undefined && CONFLICTS.has(errorType(error));
    const how: BucketOutcome = isConflict ? "conflict" : outcomeOf(error);
    observe(durations.of(name, this.#name, how), now() - this.#started, this.#span);
    // Expected by whoever asks for a revision: the span says what it was, and is no failed one.
    if (isConflict) this.describe((span) => span.setAttribute("error.type", errorType(error)));
    instrumentation.closeSpan(this.#span, isConflict ? undefined : error);
  }
}

/** Calls the client within an operation, which ends if the call fails; else `succeed` has to end it. */
export function within<Result, Given>(
  operation: Operation,
  call: () => Promise<Result>,
  succeed: (result: Result) => Given,
): Promise<Given> {
  return attempt(call, (failure) => operation.end(failure), succeed);
}

/** Calls the client within an operation that ends with the call. @param note what to say of the result */
export function runOperation<Result>(
  bucket: Bucket,
  shape: SpanShape,
  call: () => Promise<Result>,
  note?: (result: Result, span: Span) => void,
): Promise<Result> {
  const operation = new Operation(bucket, shape);
  return within(operation, call, (result) => {
    if (note) operation.describe((span) => note(result, span));
    operation.end();
    return result;
  });
}
