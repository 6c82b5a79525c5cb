/**
 * What a thread hears of things that went wrong: each sentence is told once, however often it is said, and of many
 * different ones only so many. A server that refuses a million messages says so a million times.
 */

/** What was said again, and by how much more. */
export interface Repetition {
  readonly what: string;
  readonly more: number;
}

/** Different sentences of a thread. */
const MOST = 100;

/** See the file's comment. */
export class Complaints {
  readonly #said = new Map<string, number>();
  readonly #tell: (sentence: string) => void;
  /** Sentences that were never told, because there had been too many others. */
  unheard = 0;

  /** @param tell is told each sentence the first time */
  constructor(tell: (sentence: string) => void) {
    this.#tell = tell;
  }

  hear(sentence: string): void {
    const times = this.#said.get(sentence);
    if (times === undefined && this.#said.size >= MOST) {
      this.unheard++;
      return;
    }
    this.#said.set(sentence, (times ?? 0) + 1);
    if (times === undefined) this.#tell(sentence);
  }

  get repetitions(): readonly Repetition[] {
    return [...this.#said].flatMap(([what, times]) => (times > 1 ? [{ what, more: times - 1 }] : []));
  }
}
