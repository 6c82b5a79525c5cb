/**
 * The failures of a thread: each sentence is reported once, however often it occurs, and only a limited number of
 * different ones. A server that rejects a million messages reports each of them.
 */

/** A failure that occurred again. */
export interface Repetition {
  readonly what: string;
  readonly more: number;
}

/** Different sentences of a thread. */
const MAX_SENTENCES = 100;

/** Reports each sentence once, and counts repetitions. */
export class FailureLog {
  readonly #counts = new Map<string, number>();
  readonly #report: (sentence: string) => void;
  #dropped = 0;

  /** @param report called with each sentence when it occurs for the first time */
  constructor(report: (sentence: string) => void) {
    this.#report = report;
  }

  add(sentence: string): void {
    const count = this.#counts.get(sentence);
    if (count === undefined && this.#counts.size >= MAX_SENTENCES) {
      this.#dropped++;
      return;
    }
    this.#counts.set(sentence, (count ?? 0) + 1);
    if (count === undefined) this.#report(sentence);
  }

  get repetitions(): readonly Repetition[] {
    return [...this.#counts].flatMap(([what, count]) => (count > 1 ? [{ what, more: count - 1 }] : []));
  }

  /** Notes for the result. */
  get notes(): readonly string[] {
    return this.#dropped > 0
      ? [`${this.#dropped} more failures with different messages were not recorded`]
      : [];
  }
}
