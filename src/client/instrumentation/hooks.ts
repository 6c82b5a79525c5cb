/**
 * What other code may hear of: hooks that the application gives, and channels of `node:diagnostics_channel`
 * for other tools, which cost nothing while nobody listens. What a hook throws never reaches the application;
 * what a channel's subscriber throws is an uncaught exception, as Node.js has it for every channel.
 */
import { channel } from "node:diagnostics_channel";
import type { Span } from "@opentelemetry/api";
import type { Outcome } from "../errors/failure.ts";
import type { Problems } from "./problems.ts";

/** A message was given to the client, or acknowledged by a stream. */
export interface PublishEvent {
  readonly subject: string;
  /** Of the payload. */
  readonly bytes: number;
  /** Why it was not sent, or not acknowledged. */
  readonly error?: unknown;
  /** Open still, so that attributes may be added; undefined in a trace that is not sampled. */
  readonly span?: Span | undefined;
}

/** The application is done with a message. */
export interface ConsumeEvent {
  readonly subject: string;
  /** The subject of its subscription, or the consumer's stream and name. */
  readonly source: string;
  readonly bytes: number;
  readonly durationSeconds: number;
  readonly error?: unknown;
  readonly span?: Span | undefined;
}

/** A request has its reply, or failed. */
export interface RequestEvent {
  readonly subject: string;
  readonly bytes: number;
  readonly durationSeconds: number;
  readonly outcome: Outcome;
  readonly error?: unknown;
  readonly span?: Span | undefined;
}

/** Called after the fact; what they throw or reject with is counted, and lost. */
export interface Hooks {
  readonly publish?: (event: PublishEvent) => void;
  readonly consume?: (event: ConsumeEvent) => void;
  readonly request?: (event: RequestEvent) => void;
}

/** Names of the channels, by the hook that is told the same. */
export const CHANNEL_NAMES = {
  publish: "nats:publish",
  consume: "nats:consume",
  request: "nats:request",
} as const satisfies Record<keyof Hooks, string>;

const CHANNELS = {
  publish: channel(CHANNEL_NAMES.publish),
  consume: channel(CHANNEL_NAMES.consume),
  request: channel(CHANNEL_NAMES.request),
};

/** Those who listen to one connection. */
export class Listeners {
  readonly #hooks: Hooks;
  readonly #problems: Problems;

  constructor(hooks: Hooks, problems: Problems) {
    this.#hooks = hooks;
    this.#problems = problems;
  }

  /** Whether an event has to be made at all. */
  hear(kind: keyof Hooks): boolean {
    return this.#hooks[kind] !== undefined || CHANNELS[kind].hasSubscribers;
  }

  tell<Kind extends keyof Hooks>(kind: Kind, event: Parameters<NonNullable<Hooks[Kind]>>[0]): void {
    const hook = this.#hooks[kind] as ((told: typeof event) => unknown) | undefined;
    if (hook) {
      this.#problems.guard("hook", () => {
        const result = hook(event);
        if (result instanceof Promise) result.catch((error) => this.#problems.note("hook", error));
      });
    }
    if (CHANNELS[kind].hasSubscribers) CHANNELS[kind].publish(event);
  }
}
