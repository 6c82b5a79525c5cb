/**
 * The content of an object on its way to the application: a stream in front of the client's. It requests a
 * chunk only when it is asked for one, buffers none, and closes, fails and is cancelled with the client's
 * stream.
 */
import type { UnderlyingDefaultSource } from "node:stream/web";
import type { OpenOperation } from "../instrumentation/instrumentation.ts";
import type { Bucket } from "../stores/bucket.ts";
import { CONNECTION_CLOSED, type Operation } from "../stores/operation.ts";
import { failureOf } from "../wrapping/settling.ts";

/**
 * Wraps the content. The operation ends when all of it was read, when it is cancelled, when it fails, or when
 * the stream is garbage-collected.
 * @param raw gets locked
 */
export function wrapContent(
  bucket: Bucket,
  operation: Operation,
  raw: ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array> {
  const progress = new Progress(bucket, operation);
  const reader = raw.getReader();
  let arriving: Promise<void> | undefined;
  let isCancelled = false;
  const source: UnderlyingDefaultSource<Uint8Array> = {
    start(controller) {
      reader.closed.then(
        async () => {
          // The client's stream closes with the last chunk, before the application has that chunk.
          await arriving;
          progress.end();
          if (!isCancelled) controller.close();
        },
        (error: unknown) => {
          progress.end(failureOf(error));
          controller.error(error);
        },
      );
    },
    pull(controller) {
      progress.requested();
      arriving = reader.read().then(
        ({ value }) => {
          progress.arrived(value);
          if (value && !isCancelled) controller.enqueue(value);
        },
        // `closed` rejects with the same error.
        () => progress.arrived(),
      );
      return arriving;
    },
    cancel(reason) {
      isCancelled = true;
      return reader.cancel(reason);
    },
  };
  // The client's stream buffers; this one never reads ahead.
  const content = new ReadableStream(source, { highWaterMark: 0 });
  ABANDONED.register(content, progress);
  return content;
}

/** Ends the operations of streams that were garbage-collected. */
const ABANDONED = new FinalizationRegistry<Progress>((progress) => progress.end());

/** Progress of the reader. It does not refer to the stream, so that the stream can be garbage-collected. */
class Progress implements OpenOperation {
  readonly #bucket: Bucket;
  readonly #operation: Operation;
  #isWaiting = false;
  #isLost = false;

  constructor(bucket: Bucket, operation: Operation) {
    this.#bucket = bucket;
    this.#operation = operation;
    operation.handOver();
    bucket.openOperations.add(this);
  }

  requested(): void {
    this.#isWaiting = true;
    if (this.#isLost) this.#failIfWaiting();
  }

  /** @param chunk undefined at the end of the stream */
  arrived(chunk?: Uint8Array): void {
    this.#isWaiting = false;
    if (!chunk) return;
    const { instrumentation, name } = this.#bucket;
    instrumentation.metrics.vectors.objectBytes.of(name, "get").value += chunk.length;
  }

  /** Chunks that have arrived can still be read; a read beyond them would wait for ever in both clients. */
  connectionClosed(): void {
    this.#isLost = true;
    this.#failIfWaiting();
  }

  end(error?: unknown): void {
    this.#bucket.openOperations.delete(this);
    this.#operation.end(error);
  }

  /** Gives a chunk that has already arrived the time to be delivered first. */
  #failIfWaiting(): void {
    setImmediate(() => {
      if (this.#isWaiting) this.end(CONNECTION_CLOSED);
    });
  }
}
