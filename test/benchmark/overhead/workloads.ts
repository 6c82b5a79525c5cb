/**
 * What is done with a connection while it is measured. Load this file once for each connection (with a query in
 * its URL), so that each has loops of its own: see `clients.ts`.
 */
import { setImmediate as turn } from "node:timers/promises";
import type { Client } from "./clients.ts";

/** As much as a small event has. */
export const PAYLOAD_BYTES = 128;

/** Requests that wait at any time. */
export const IN_FLIGHT = 128;

/**
 * Messages published before the event loop goes on: enough for one write to the socket, and few enough that a
 * batch processor's queue of 2048 spans, which is emptied between turns, never overflows.
 */
export const PUBLISHED_IN_A_TURN = 250;

const payload = new Uint8Array(PAYLOAD_BYTES).fill(120);

/** Publishes, and waits until the server has everything. */
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

/** A subscription whose callback does nothing but count. */
export class Deliveries {
  #count = 0;
  #wanted = 0;
  #have = (): void => {};

  constructor(client: Client, subject: string) {
    client.subscribe(subject, { callback: () => this.#add() });
  }

  /** Resolves when this many have come since the call before. */
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

/** Requests, `IN_FLIGHT` at a time. */
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
