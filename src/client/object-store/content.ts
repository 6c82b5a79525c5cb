/**
 * An object's content on its way to the application: a stream in front of the client's, which asks for a
 * chunk when it is asked for one, holds none, and closes, fails and is cancelled when the other one is.
 */
import type { UnderlyingDefaultSource } from "node:stream/web";
import type { OpenOperation } from "../instrumentation/instrumentation.ts";
import type { Bucket } from "../stores/bucket.ts";
import { CONNECTION_CLOSED, type Operation } from "../stores/operation.ts";
import { failureOf } from "../wrapping/settling.ts";

/**
 * The content, observed: its operation ends when all of it was read, when it is cancelled, when it fails, or
 * when nobody can read it any more.
 * @param raw is locked by this
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
          // The last chunk closes the stream before whoever asked for it has it.
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
      progress.asked();
      arriving = reader.read().then(
        ({ value }) => {
          progress.arrived(value);
          if (value && !isCancelled) controller.enqueue(value);
        },
        // `closed` says the same.
        () => progress.arrived(),
      );
      return arriving;
    },
    cancel(reason) {
      isCancelled = true;
      return reader.cancel(reason);
    },
  };
  // The client's stream holds what arrives; this one is never ahead of its reader.
  const content = new ReadableStream(source, { highWaterMark: 0 });
  ABANDONED.register(content, progress);
  return content;
}

/** Streams that became garbage before they ended. */
const ABANDONED = new FinalizationRegistry<Progress>((progress) => progress.end());

/** How far the application is. It does not know the stream, so that can be garbage. */
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

  asked(): void {
    this.#isWaiting = true;
    if (this.#isLost) this.#failIfWaiting();
  }

  /** Undefined: nothing will come any more. */
  arrived(chunk?: Uint8Array): void {
    this.#isWaiting = false;
    if (!chunk) return;
    const { instrumentation, name } = this.#bucket;
    instrumentation.metrics.vectors.objectBytes.of(name, "get").value += chunk.length;
  }

  /** What had arrived may still be read; for the rest the clients let their readers wait for ever. */
  connectionClosed(): void {
    this.#isLost = true;
    this.#failIfWaiting();
  }

  end(error?: unknown): void {
    this.#bucket.openOperations.delete(this);
    this.#operation.end(error);
  }

  /** A chunk that is there comes before this. */
  #failIfWaiting(): void {
    setImmediate(() => {
      if (this.#isWaiting) this.end(CONNECTION_CLOSED);
    });
  }
}
