/**
 * An instrument never harms its host. What natscope does beside a call is run through here: a failure (of a
 * tracer, a registry, a hook, or of natscope itself) is counted, reported once for each part, and forgotten.
 */
import { warnProcess } from "../../text/process-warning.ts";
import { errorMessage } from "../../text/wording.ts";
import type { Counter, Vector } from "../metrics/cells.ts";

/** Where a failure was. */
export type Part = "hook" | "tracer" | "registry" | "metrics" | "message" | "status" | "client";

/** Told of the first failure of each part. */
export type ProblemListener = (problem: { readonly part: Part; readonly error: unknown }) => void;

/** Counts failures, and tells of the first of each part. */
export class Problems {
  readonly #told = new Set<Part>();
  readonly #count: Vector<Counter>;
  readonly #listener: ProblemListener;

  constructor(count: Vector<Counter>, listener: ProblemListener = warn) {
    this.#count = count;
    this.#listener = listener;
  }

  /** Never throws, whatever the listener does. */
  note(part: Part, error: unknown): void {
    this.#count.of(part).value++;
    if (this.#told.has(part)) return;
    this.#told.add(part);
    try {
      const heard: unknown = this.#listener({ part, error });
      // Whoever listens to problems has one.
      if (heard instanceof Promise) heard.catch(() => {});
    } catch {
      // As above.
    }
  }

  /** Runs something that is not the application's; undefined if it failed. */
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
  warnProcess(`the ${part} failed, NATS goes on without it: ${errorMessage(error)}`);
}
