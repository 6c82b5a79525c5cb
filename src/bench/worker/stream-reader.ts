/** Clients that read a stream: by a consumer's callback, batch by batch, or by an ordered consumer; and their acks. */
import { setTimeout as sleep } from "node:timers/promises";
import { MILLISECOND } from "../../time/clock.ts";
import type { Open, StreamMessage } from "../driver/driver.ts";
import type { Scenario, StreamChoice } from "../scenario/scenario.ts";
import { type Client, type ClientContext, receiverOf } from "./client.ts";
import type { Times } from "./receiver.ts";

/**
 * Reads messages until it is closed.
 * @param handle what to do with a message; resolves when it is acked, if the reader has to wait for that
 */
export type Read = (handle: Handle, isClosed: () => boolean) => Promise<Open>;

type Handle = (message: StreamMessage) => Promise<void> | undefined;

/** How a reader treats the messages of its stream. */
interface Reading {
  readonly acks: StreamChoice["acks"];
  /** Messages that it counts before it ignores the rest. */
  readonly max: number;
}

const CLOSED: Open = { close: async () => {} };
const RETRY_MS = 250;

/** A client that reads what is stored, from the run's zero on; it tries again if reading fails. */
export function readerOf(context: ClientContext, read: Read, { acks, max }: Reading): Client {
  const receiver = receiverOf(context, "stream");
  const acking = new Acks(context);
  const { doubleAck } = streamOf(context.task.scenario);
  let isClosed = false;
  let open: Open = CLOSED;
  const handle: Handle = (message) => {
    // Without an ack the server delivers it again to the next client that reads.
    if (isClosed || receiver.messages >= max) return undefined;
    const times = receiver.timeStored(message);
    if (acks !== "none" && doubleAck) {
      // A message without times belongs to the phase in which it arrived.
      const now = context.clock.now();
      return acking.confirm(message, times ?? { intended: now, received: now });
    }
    if (acks !== "none") acking.ack(message);
    return undefined;
  };
  const run = async () => {
    await sleep(Math.max(0, -context.clock.now() / MILLISECOND));
    while (!isClosed) {
      try {
        open = await read(handle, () => isClosed);
        return;
      } catch (error) {
        if (!isClosed) context.reportFailure((error as Error).message);
        await sleep(RETRY_MS);
      }
    }
  };
  return {
    receiver,
    begin: () => void run(),
    settled: () => acking.settled(),
    close: async () => {
      isClosed = true;
      await open.close();
    },
  };
}

/** Minimum of the driver: stored messages arrive at once, and the end of a run waits this long. */
const FETCH_EXPIRES_MS = 1000;

/** Reads batch by batch; asks for the next batch when the last one is acked. */
export function readBatches({ link, task }: ClientContext): Read {
  const { name, consumer, batch } = streamOf(task.scenario);
  const options = { stream: name, consumer, batch, expiresMs: FETCH_EXPIRES_MS };
  return async (handle, isClosed) => {
    while (!isClosed()) {
      for await (const message of await link.streams.fetch(options)) {
        if (isClosed()) break;
        await handle(message);
      }
    }
    return CLOSED;
  };
}

/** The stream of a scenario. Throws if it has none. */
export function streamOf({ workload, stream }: Scenario): StreamChoice {
  if (!stream) throw new Error(`${workload} needs a stream`);
  return stream;
}

/** How long the end of a run waits for outstanding acks. */
const SETTLE_MS = 2_000;
const SETTLE_POLL_MS = 5;

/** Acks the messages of one client. */
export class Acks {
  readonly #context: ClientContext;
  #pending = 0;
  #hasFailed = false;

  constructor(context: ClientContext) {
    this.#context = context;
  }

  ack(message: StreamMessage): void {
    try {
      message.ack();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Acks and waits for the server's confirmation. @param times undefined: the ack is not timed */
  async confirm(
    message: StreamMessage,
    times: Pick<Times, "intended" | "received"> | undefined,
  ): Promise<void> {
    const { clock, recorder } = this.#context;
    this.#pending++;
    try {
      await message.ackConfirmed();
      if (times) recorder.of(times.intended)?.settled.record(clock.now() - times.received);
    } catch (error) {
      this.#fail(error);
    }
    this.#pending--;
  }

  async settled(): Promise<void> {
    const deadline = performance.now() + SETTLE_MS;
    let isFlushed = false;
    // Acks without confirmation may still be in the client, which does not send them when it closes.
    void this.#context.link.flush().then(
      () => {
        isFlushed = true;
      },
      () => {},
    );
    while ((this.#pending > 0 || !isFlushed) && performance.now() < deadline) await sleep(SETTLE_POLL_MS);
  }

  /** Reports the first failure only: the following ones are the same. */
  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#context.reportFailure((error as Error).message);
  }
}
