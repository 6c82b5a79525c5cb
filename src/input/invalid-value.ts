/** Why a text is not a value: what a parser returns instead of throwing, so that every problem can be told at once. */

/** `why` is the rest of a sentence that begins with where the text was written. */
export class Refusal {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}
