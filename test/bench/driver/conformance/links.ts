/** Links to real servers that record the calls of their hooks and close at the end of their scope. */
import type { NatsConnection } from "nats";
import { connect } from "nats";
import { type Driver, type Link, LinkError, type LinkHooks } from "../../../../src/bench/driver/driver.ts";
import type { PlainOptions } from "../../../../src/nats/connect/connection.ts";

/** Parameters of the parts of the conformance suite. */
export interface ConformanceContext {
  readonly driver: Driver;
  /** Version of the nats-server. */
  readonly version: string;
}

export interface OpenedLink extends AsyncDisposable {
  readonly link: Link;
  /** Names of the hooks in the order of their calls; for `failed`, its sentence. */
  readonly calls: string[];
}

export type OpenLink = (
  clientUrl: string,
  options?: Partial<PlainOptions>,
  also?: Partial<LinkHooks>,
) => Promise<OpenedLink>;

/** Opens links of a driver. The returned function calls the hooks `also` besides recording them. */
export function linkOpener(driver: Driver): OpenLink {
  return async (clientUrl, options = {}, also = {}) => {
    const calls: string[] = [];
    const record = (name: "lost" | "discarded" | "regained") => () => {
      calls.push(name);
      also[name]?.();
    };
    const link = await driver.connect(
      { options: { servers: [new URL(clientUrl).host], reconnectTimeWait: 50, ...options } },
      {
        lost: record("lost"),
        discarded: record("discarded"),
        regained: record("regained"),
        failed: (sentence) => {
          calls.push(sentence);
          also.failed?.(sentence);
        },
      },
    );
    return { link, calls, [Symbol.asyncDispose]: () => link.close() };
  };
}

/** A connection of the plain client, to set up what a link works on. */
export async function openPlain(clientUrl: string): Promise<NatsConnection & AsyncDisposable> {
  const connection = await connect({ servers: clientUrl });
  return Object.assign(connection, { [Symbol.asyncDispose]: () => connection.close() });
}

/** Type and message of the `LinkError` that an attempt fails with. */
export async function linkErrorOf(attempt: () => unknown): Promise<{ type: string; message: string }> {
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    return { type: error.type, message: error.message };
  }
  throw new Error("it did not fail");
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (payload: Uint8Array | undefined): string | undefined =>
  payload && new TextDecoder().decode(payload);
