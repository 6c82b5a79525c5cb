/**
 * Operations on a connection while it is measured. Load this file once per connection (with a query in its URL), so
 * that each has its own loops, for the reason in `clients.ts`.
 */
import { setImmediate as turn } from "node:timers/promises";
import type { Client } from "./clients.ts";

/** Size of a small event. */
export const PAYLOAD_BYTES = 128;

/** Requests in flight. */
export const IN_FLIGHT = 128;

/**
 * Messages published in one turn of the event loop: enough for one write to the socket, and few enough that the queue
 * of a batch processor (2048 spans, emptied between turns) never overflows.
 */
export const PUBLISHED_IN_A_TURN = 250;

const payload = new Uint8Array(PAYLOAD_BYTES).fill(120);

/** Publishes, and waits until the server has read everything. */
export async function publish(
  client: Client,
  subjects: readonly string[],
  count: number,
  inATurn: number,
): Promise<void> {
  for (let published = 0; published < count; ) {
    const until = Math.min(count, published + inATurn);
    for (; published < until; published++) {
      client.publish(subjects[published % subjects.length] as string, payload);
    }
    await turn();
  }
  await client.flush();
}

/** A subscription whose callback only counts. */
export class Deliveries {
  #count = 0;
  #wanted = 0;
  #have = (): void => {};

  constructor(client: Client, subject: string) {
    client.subscribe(subject, { callback: () => this.#add() });
  }

  /** Resolves when `count` messages have come since the call. */
  wait(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wanted += count;
      this.#have = resolve;
      if (this.#count >= this.#wanted) resolve();
    });
  }

  #add(): void {
    this.#count++;
    if (this.#count === this.#wanted) this.#have();
  }
}

/** Sends requests, `IN_FLIGHT` at a time. */
export async function request(client: Client, subject: string, count: number): Promise<void> {
  let asked = 0;
  const askOn = async (): Promise<void> => {
    while (asked < count) {
      asked++;
      await client.request(subject, payload, { timeout: 10_000 });
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, askOn));
}
