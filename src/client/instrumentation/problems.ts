/**
 * Failures of the instrumentation (of a tracer, a registry, a hook, or of natscope itself). They never reach
 * the application: each is counted, and the first of each part is reported.
 */
import { warnProcess } from "../../text/process-warning.ts";
import { errorMessage } from "../../text/wording.ts";
import type { Counter, Vector } from "../metrics/cells.ts";

/** The part of the instrumentation that failed. */
export type Part = "hook" | "tracer" | "registry" | "metrics" | "message" | "status" | "client";

/** Called with the first failure of each part of a connection's instrumentation. */
export type ProblemListener = (problem: { readonly part: Part; readonly error: unknown }) => void;

/** Counts failures, and reports the first of each part. */
export class Problems {
  readonly #reported = new Set<Part>();
  readonly #count: Vector<Counter>;
  readonly #listener: ProblemListener;

  constructor(count: Vector<Counter>, listener: ProblemListener = warn) {
    this.#count = count;
    this.#listener = listener;
  }

  /** Records a failure. Never throws, even if the listener does. */
  note(part: Part, error: unknown): void {
    this.#count.of(part).value++;
    if (this.#reported.has(part)) return;
    this.#reported.add(part);
    try {
      const result: unknown = this.#listener({ part, error });
      // A failing listener cannot be reported to itself.
      if (result instanceof Promise) result.catch(() => {});
    } catch {
      // The same for a listener that throws.
    }
  }

  /** Runs code of the instrumentation; returns undefined if it failed. */
  guard<T>(part: Part, run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      this.note(part, error);
      return undefined;
    }
  }
}

function warn({ part, error }: Parameters<ProblemListener>[0]): void {
  warnProcess(`the ${part} failed and is skipped, NATS is not affected: ${errorMessage(error)}`);
}
