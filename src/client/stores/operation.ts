/**
 * One operation on a bucket, from call to end: its span, and its duration by outcome. The client runs it with
 * JetStream over the raw connection, so that its requests are not recorded as well.
 *
 * Stored data carries no trace context: neither generation accepts headers for the value of a key, and those
 * of an object are part of its metadata, which the application reads.
 */
import type { Span } from "@opentelemetry/api";
import { errorType, type Outcome, outcomeOf } from "../errors/failure.ts";
import type { OpenOperation } from "../instrumentation/instrumentation.ts";
import { now, observe } from "../metrics/timing.ts";
import type { SpanShape } from "../tracing/span-kinds.ts";
import { attempt } from "../wrapping/settling.ts";
import type { Bucket } from "./bucket.ts";

/** The failure of an operation that the client leaves pending after the connection closed. */
export const CONNECTION_CLOSED = { code: "CONNECTION_CLOSED" };

/**
 * `conflict`: the revision is not the expected one. A compare-and-set reports this as a result, not as a
 * failure.
 */
type BucketOutcome = Outcome | "conflict";

/** Wrong last sequence, with and without the actual one. */
const CONFLICTS: ReadonlySet<string> = new Set(["jetstream_10071", "jetstream_10164"]);

/** Measures one operation. Has to be ended; further calls of `end` have no effect. */
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

  /**
   * Adds to the span.
   * @param add called only if the span is recorded; may throw
   */
  describe(add: (span: Span) => void): void {
    const span = this.#span;
    if (!span) return;
    this.#bucket.instrumentation.problems.guard("tracer", () => {
      if (span.isRecording()) add(span);
    });
  }

  /** The caller takes over: it ends the operation, also when the connection closes. */
  handOver(): void {
    this.#bucket.openOperations.delete(this);
  }

  /** Waits a moment, because the client may be about to settle the operation. */
  connectionClosed(): void {
    setImmediate(() => this.end(CONNECTION_CLOSED));
  }

  end(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    const { instrumentation, name, durations, openOperations } = this.#bucket;
    openOperations.delete(this);
    const isConflict = error !== undefined && CONFLICTS.has(errorType(error));
    const outcome: BucketOutcome = isConflict ? "conflict" : outcomeOf(error);
    observe(durations.of(name, this.#name, outcome), now() - this.#started, this.#span);
    // A conflict is expected: the span has its type, and is not marked as failed.
    if (isConflict) this.describe((span) => span.setAttribute("error.type", errorType(error)));
    instrumentation.closeSpan(this.#span, isConflict ? undefined : error);
  }
}

/** Calls the client. The operation ends if the call fails; otherwise `succeed` has to end it. */
export function within<Result, Given>(
  operation: Operation,
  call: () => Promise<Result>,
  succeed: (result: Result) => Given,
): Promise<Given> {
  return attempt(call, (failure) => operation.end(failure), succeed);
}

/**
 * Runs an operation that ends with the call.
 * @param note adds the result to the span
 */
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
