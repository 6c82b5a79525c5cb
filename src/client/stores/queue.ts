/**
 * The iterators that buckets give: of keys and of history, which have an end, and of watches, which have none
 * of their own. Each is over when its loop is, when it is stopped, with its connection, or when it is garbage
 * that nobody looped over.
 */
import type { Attributes } from "@opentelemetry/api";
import type { OpenOperation } from "../instrumentation/instrumentation.ts";
import type { HeadersShape } from "../shapes/headers.ts";
import { SPANS, type SpanShape } from "../tracing/span-kinds.ts";
import { delegate } from "../wrapping/delegate.ts";
import {
  type Iteration,
  type LoopInstrumentation,
  type OpenItem,
  wrapIterator,
} from "../wrapping/iteration.ts";
import type { Bucket } from "./bucket.ts";
import { Operation, within } from "./operation.ts";
import type { QueueShape } from "./shapes.ts";

/** Reads what is there: one operation, until the last item was handed over. @param note told of each item */
export function wrapListing<Item>(
  bucket: Bucket,
  shape: SpanShape,
  call: () => Promise<QueueShape<Item>>,
  note: (item: Item, operation: Operation, count: number) => void,
): Promise<QueueShape<Item>> {
  const operation = new Operation(bucket, shape);
  return within(operation, call, (queue) => {
    operation.handOver();
    let count = 0;
    return wrapQueue(bucket, queue, {
      begin(item) {
        count++;
        note(item, operation, count);
        return undefined;
      },
      finish(error) {
        operation.describe((span) => span.setAttribute("messaging.batch.message_count", count));
        operation.end(error);
      },
      enter: undefined,
    });
  });
}

/** What is known of an item that a watch hands over. */
export interface Watched {
  readonly attributes: Attributes;
  readonly headers?: HeadersShape | undefined;
}

/**
 * Watches: an operation until the client watches, then a `process` span for each item, as long as the loop's
 * body has it. Whoever stored it may have done so long ago, so its trace is linked to and not gone on with.
 * @param look undefined for what is no item; may throw
 */
export function wrapWatch<Item>(
  bucket: Bucket,
  call: () => Promise<QueueShape<Item>>,
  look: (item: Item) => Watched | undefined,
): Promise<QueueShape<Item>> {
  const operation = new Operation(bucket, SPANS.watch);
  return within(operation, call, (queue) => {
    operation.end();
    const { destination, instrumentation } = bucket;
    const open = instrumentation.subscriptions.add({ destination, pending: () => queue.getPending() });
    return wrapQueue(bucket, queue, {
      begin: (item) => {
        const watched = instrumentation.problems.guard("message", () => look(item));
        return watched && beginItem(bucket, watched);
      },
      finish: () => open.close(),
      enter: instrumentation.tracing?.enter,
    });
  });
}

function beginItem(
  { instrumentation, destination, attributes }: Bucket,
  { attributes: own, headers }: Watched,
): OpenItem | undefined {
  const { tracing } = instrumentation;
  if (!tracing) return undefined;
  const message = { subject: destination.label, headers };
  const opened = instrumentation.problems.guard("tracer", () =>
    tracing.openProcess(SPANS.process, destination, message, { ...attributes, ...own }, true),
  );
  return opened && { context: opened.context, end: (error) => instrumentation.closeSpan(opened.span, error) };
}

/** Queues that became garbage before anybody looped over them. */
const UNREAD = new FinalizationRegistry<Reading<unknown>>((reading) => reading.over());

function wrapQueue<Item>(
  bucket: Bucket,
  queue: QueueShape<Item>,
  loopInstrumentation: LoopInstrumentation<Item>,
): QueueShape<Item> {
  const reading = new Reading(bucket, loopInstrumentation);
  const front = delegate(queue, {
    [Symbol.asyncIterator]: () => reading.iterate(queue),
    stop(...input: unknown[]) {
      queue.stop(...input);
      reading.stopped(input[0]);
    },
  });
  UNREAD.register(front, reading as Reading<unknown>, reading);
  return front;
}

/** The one loop over a queue. It does not know what stands in front of the queue, so that can be garbage. */
class Reading<Item> implements OpenOperation {
  readonly #openOperations: Set<OpenOperation>;
  readonly #loopInstrumentation: LoopInstrumentation<Item>;
  #iteration: Iteration<Item> | undefined;

  constructor({ openOperations }: Bucket, loopInstrumentation: LoopInstrumentation<Item>) {
    this.#openOperations = openOperations;
    this.#loopInstrumentation = loopInstrumentation;
    openOperations.add(this);
  }

  iterate(queue: QueueShape<Item>): AsyncIterator<Item> {
    const raw = queue[Symbol.asyncIterator]();
    // The client fails a second loop and goes on with the first.
    if (this.#iteration) return raw;
    UNREAD.unregister(this);
    const { begin, enter } = this.#loopInstrumentation;
    const finish = (error: unknown) => this.#finish(error);
    const { iterator, iteration } = wrapIterator(raw, { begin, enter, finish });
    this.#iteration = iteration;
    return iterator;
  }

  /** The loop may have an item still, and gets what the client holds. */
  stopped(error: unknown): void {
    this.#iteration?.endSoon();
    this.#finish(error);
  }

  connectionClosed(): void {
    this.over();
  }

  over(): void {
    this.#iteration?.over();
    this.#finish(undefined);
  }

  #finish(error: unknown): void {
    if (this.#openOperations.delete(this)) this.#loopInstrumentation.finish(error);
  }
}
