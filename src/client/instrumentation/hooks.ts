/**
 * Events for other code: hooks of the application, and channels of `node:diagnostics_channel` for other
 * tools. Without hooks and subscribers they cost nothing. Errors of a hook never reach the application; an
 * error of a channel's subscriber is an uncaught exception, as with any channel of Node.js.
 */
import { channel } from "node:diagnostics_channel";
import type { Span } from "@opentelemetry/api";
import type { Outcome } from "../errors/failure.ts";
import type { Problems } from "./problems.ts";

/** A message was passed to the client, or acknowledged by a stream. */
export interface PublishEvent {
  readonly subject: string;
  /** Payload bytes. */
  readonly bytes: number;
  /** Why the message was not sent or not acknowledged. Absent after success. */
  readonly error?: unknown;
  /**
   * Still open, so that a hook can add attributes; undefined without tracing and in a trace that is not
   * sampled.
   */
  readonly span?: Span | undefined;
}

/** The application has finished a message. */
export interface ConsumeEvent {
  readonly subject: string;
  /** Subject of the subscription, or stream and consumer as `STREAM/CONSUMER`. */
  readonly source: string;
  readonly bytes: number;
  readonly durationSeconds: number;
  readonly error?: unknown;
  readonly span?: Span | undefined;
}

/** A request got its reply, or failed. */
export interface RequestEvent {
  readonly subject: string;
  readonly bytes: number;
  readonly durationSeconds: number;
  readonly outcome: Outcome;
  readonly error?: unknown;
  readonly span?: Span | undefined;
}

/**
 * Functions called after each operation. Their errors and rejections are counted in
 * `nats_client_instrumentation_problems_total` and ignored. All are optional.
 */
export interface Hooks {
  readonly publish?: (event: PublishEvent) => void;
  readonly consume?: (event: ConsumeEvent) => void;
  readonly request?: (event: RequestEvent) => void;
}

/** Names of the diagnostics channels, by the hook with the same events. */
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

/** The hooks of one connection, and the channels. */
export class Listeners {
  readonly #hooks: Hooks;
  readonly #problems: Problems;

  constructor(hooks: Hooks, problems: Problems) {
    this.#hooks = hooks;
    this.#problems = problems;
  }

  /** Whether an event has to be created at all. */
  hasAny(kind: keyof Hooks): boolean {
    return this.#hooks[kind] !== undefined || CHANNELS[kind].hasSubscribers;
  }

  emit<Kind extends keyof Hooks>(kind: Kind, event: Parameters<NonNullable<Hooks[Kind]>>[0]): void {
    const hook = this.#hooks[kind] as
      | ((event: Parameters<NonNullable<Hooks[Kind]>>[0]) => unknown)
      | undefined;
    if (hook) {
      this.#problems.guard("hook", () => {
        const result = hook(event);
        if (result instanceof Promise) result.catch((error) => this.#problems.note("hook", error));
      });
    }
    if (CHANNELS[kind].hasSubscribers) CHANNELS[kind].publish(event);
  }
}
