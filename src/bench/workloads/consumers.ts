/**
 * JetStream: who reads a stream. Those that read what is there already begin with the run, and time what was
 * sent on this host since then; the consumer of `js e2e` is there before, and times each stage of a message.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { MILLISECOND } from "../../time/clock.ts";
import type { Open, StreamMessage } from "../driver/driver.ts";
import type { StreamChoice } from "../scenario/scenario.ts";
import type { Times } from "../worker/receiver.ts";
import type { Client, ClientContext } from "../worker/thread.ts";
import { receiverOf } from "./core.ts";
import { StoredTime } from "./stored-time.ts";

/** Reads by callback, from a consumer that all clients share. */
export async function openConsumer(around: ClientContext): Promise<Client> {
  const { name, consumer, batch } = choiceOf(around);
  return readerOf(around, (handle) =>
    around.link.streams.consume({ stream: name, consumer, batch }, (message) => void handle(message)),
  );
}

/** Reads the whole stream, by itself. Nothing is acked. */
export async function openOrderedConsumer(around: ClientContext): Promise<Client> {
  const { name, filter, batch } = choiceOf(around);
  const options = { stream: name, batch, ...(filter !== undefined && { filter }) };
  return readerOf(
    around,
    (handle) => around.link.streams.consumeOrdered(options, (message) => void handle(message)),
    "none",
  );
}

/** The least that the driver takes: what is there comes at once, and the end of a run waits for it. */
const FETCH_EXPIRES_MS = 1000;

/** Reads batch after batch, from a consumer that all clients share; the next when the last one is acked. */
export async function openFetcher(around: ClientContext): Promise<Client> {
  const { name, consumer, batch } = choiceOf(around);
  const options = { stream: name, consumer, batch, expiresMs: FETCH_EXPIRES_MS };
  return readerOf(around, async (handle, isClosed) => {
    while (!isClosed()) {
      for await (const message of await around.link.streams.fetch(options)) {
        if (isClosed()) break;
        await handle(message);
      }
    }
    return CLOSED;
  });
}

/**
 * Consumes what the run's own publishers send; response, service and delay end with the delivery. Each message
 * is acked, and the ack confirmed.
 */
export async function openSettlingConsumer(around: ClientContext): Promise<Client> {
  const { name, consumer, batch, acks } = choiceOf(around);
  const receiver = receiverOf(around, "own");
  const settling = new Settling(around);
  const stored = new StoredTime(around);
  const open = await around.link.streams.consume({ stream: name, consumer, batch }, (message) => {
    const times = receiver.timeStored(message);
    if (times) {
      around.recorder.of(times.intended)?.delivered.record(times.received - times.sent);
      stored.record(times, message);
    }
    if (acks !== "none") void settling.confirm(message, times);
  });
  return {
    receiver,
    begin: () => stored.begin(),
    settled: () => settling.settled(),
    notes: () => stored.notes(),
    close: () => open.close(),
  };
}

/** How a message is dealt with; resolves when it is acked, so far as that is waited for. */
type Handle = (message: StreamMessage) => Promise<void> | undefined;

const CLOSED: Open = { close: async () => {} };
const RETRY_MS = 250;

/** A client that reads from the run's zero on, and goes on trying where that fails. */
function readerOf(
  around: ClientContext,
  read: (handle: Handle, isClosed: () => boolean) => Promise<Open>,
  acks: StreamChoice["acks"] = choiceOf(around).acks,
): Client {
  const receiver = receiverOf(around, "stream");
  const settling = new Settling(around);
  const most = mostOf(around);
  const { doubleAck } = choiceOf(around);
  let isClosed = false;
  let open: Open = CLOSED;
  const handle: Handle = (message) => {
    // What is not acked comes again, to whoever reads next.
    if (isClosed || receiver.messages >= most) return undefined;
    const times = receiver.timeStored(message);
    if (acks !== "none" && doubleAck) {
      // What was not timed belongs to when it came.
      const now = around.clock.now();
      return settling.confirm(message, times ?? { intended: now, received: now });
    }
    if (acks !== "none") settling.ack(message);
    return undefined;
  };
  const run = async () => {
    await sleep(Math.max(0, -around.clock.now() / MILLISECOND));
    while (!isClosed) {
      try {
        open = await read(handle, () => isClosed);
        return;
      } catch (error) {
        if (!isClosed) around.complain((error as Error).message);
        await sleep(RETRY_MS);
      }
    }
  };
  return {
    receiver,
    begin: () => void run(),
    settled: () => settling.settled(),
    close: async () => {
      isClosed = true;
      await open.close();
    },
  };
}

/** Of one client alone it is known how many it is to have; several share them as it comes. */
function mostOf({ task }: ClientContext): number {
  const { amount, clients, workload } = task.scenario;
  const hasAll = clients === 1 || workload === "js ordered";
  return hasAll ? (amount.messages ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
}

function choiceOf({ task }: ClientContext): StreamChoice {
  const { stream, workload } = task.scenario;
  if (!stream) throw new Error(`${workload} needs a stream`);
  return stream;
}

/** How long the end of a run waits for acks that are not confirmed. */
const SETTLE_MS = 2_000;
const SETTLE_POLL_MS = 5;

/** Acks, and what became of them. */
class Settling {
  readonly #around: ClientContext;
  #pending = 0;
  #hasComplained = false;

  constructor(around: ClientContext) {
    this.#around = around;
  }

  ack(message: StreamMessage): void {
    try {
      message.ack();
    } catch (error) {
      this.#complain(error);
    }
  }

  /** Acks and waits for the server's word. @param times undefined: not to be timed */
  async confirm(
    message: StreamMessage,
    times: Pick<Times, "intended" | "received"> | undefined,
  ): Promise<void> {
    const { clock, recorder } = this.#around;
    this.#pending++;
    try {
      await message.ackConfirmed();
      if (times) recorder.of(times.intended)?.settled.record(clock.now() - times.received);
    } catch (error) {
      this.#complain(error);
    }
    this.#pending--;
  }

  async settled(): Promise<void> {
    const deadline = performance.now() + SETTLE_MS;
    let isFlushed = false;
    // Acks that nobody waits for are still in the client, and a connection that closes does not send them.
    void this.#around.link.flush().then(
      () => {
        isFlushed = true;
      },
      () => {},
    );
    while ((this.#pending > 0 || !isFlushed) && performance.now() < deadline) await sleep(SETTLE_POLL_MS);
  }

  /** Once: what follows is the same. */
  #complain(error: unknown): void {
    if (this.#hasComplained) return;
    this.#hasComplained = true;
    this.#around.complain((error as Error).message);
  }
}
