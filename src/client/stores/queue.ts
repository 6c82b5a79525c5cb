/**
 * The iterators of buckets: keys and history, which end by themselves, and watches, which do not. An iterator
 * ends with its loop, when it is stopped, with its connection, or when it is garbage-collected without a
 * loop.
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

/**
 * Wraps keys or history: one operation, until the last item was delivered.
 * @param note called for each item
 */
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

/** Attributes and headers of an item that a watch delivers. */
interface Watched {
  readonly attributes: Attributes;
  readonly headers?: HeadersShape | undefined;
}

/**
 * Wraps a watch: an operation until the watch is established, then a `process` span for each item, while the
 * loop's body has it. Items may have been stored long ago, so the spans only link to their writers.
 * @param describe returns undefined for a marker that is no item; may throw
 */
export function wrapWatch<Item>(
  bucket: Bucket,
  call: () => Promise<QueueShape<Item>>,
  describe: (item: Item) => Watched | undefined,
): Promise<QueueShape<Item>> {
  const operation = new Operation(bucket, SPANS.watch);
  return within(operation, call, (queue) => {
    operation.end();
    const { destination, instrumentation } = bucket;
    const open = instrumentation.subscriptions.add({ destination, pending: () => queue.getPending() });
    return wrapQueue(bucket, queue, {
      begin: (item) => {
        const watched = instrumentation.problems.guard("message", () => describe(item));
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

/** Ends queues that were garbage-collected without a loop. */
const UNREAD = new FinalizationRegistry<QueueLoop<unknown>>((loop) => loop.over());

function wrapQueue<Item>(
  bucket: Bucket,
  queue: QueueShape<Item>,
  loopInstrumentation: LoopInstrumentation<Item>,
): QueueShape<Item> {
  const loop = new QueueLoop(bucket, loopInstrumentation);
  const front = delegate(queue, {
    [Symbol.asyncIterator]: () => loop.iterate(queue),
    stop(...input: unknown[]) {
      queue.stop(...input);
      loop.stopped(input[0]);
    },
  });
  UNREAD.register(front, loop as QueueLoop<unknown>, loop);
  return front;
}

/**
 * The one loop over a queue. It does not refer to the queue's wrapper, so that the wrapper can be
 * garbage-collected.
 */
class QueueLoop<Item> implements OpenOperation {
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
    // The client refuses a second loop; the first continues.
    if (this.#iteration) return raw;
    UNREAD.unregister(this);
    const { begin, enter } = this.#loopInstrumentation;
    const finish = (error: unknown) => this.#finish(error);
    const { iterator, iteration } = wrapIterator(raw, { begin, enter, finish });
    this.#iteration = iteration;
    return iterator;
  }

  /** The queue was stopped: the loop may still have an item, and gets those that the client holds. */
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
