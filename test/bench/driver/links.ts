/** Links to real servers that remember what their hooks were told, and end with their scope. */
import type { NatsConnection } from "nats";
import { connect } from "nats";
import { type Link, LinkError, type LinkHooks } from "../../../src/bench/driver/driver.ts";
import { natsDriver } from "../../../src/bench/driver/nats/driver.ts";
import type { PlainOptions } from "../../../src/nats/connect/connection.ts";

export interface OpenedLink extends AsyncDisposable {
  readonly link: Link;
  /** Names of the hooks in order; of `failed` its sentence. */
  readonly told: string[];
}

/** @param also beside remembering */
export async function openLink(
  clientUrl: string,
  options: Partial<PlainOptions> = {},
  also: Partial<LinkHooks> = {},
): Promise<OpenedLink> {
  const told: string[] = [];
  const tell = (name: "lost" | "discarded" | "regained") => () => {
    told.push(name);
    also[name]?.();
  };
  const link = await natsDriver.connect(
    { options: { servers: [new URL(clientUrl).host], reconnectTimeWait: 50, ...options } },
    {
      lost: tell("lost"),
      discarded: tell("discarded"),
      regained: tell("regained"),
      failed: (sentence) => {
        told.push(sentence);
        also.failed?.(sentence);
      },
    },
  );
  return { link, told, [Symbol.asyncDispose]: () => link.close() };
}

/** The client itself: it prepares what a link works on. */
export async function openPlain(clientUrl: string): Promise<NatsConnection & AsyncDisposable> {
  const connection = await connect({ servers: clientUrl });
  return Object.assign(connection, { [Symbol.asyncDispose]: () => connection.close() });
}

/** What a `LinkError` says. */
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
