/** A value that cannot be read: parsers return it instead of throwing, so that all problems are reported together. */
export class InvalidValue {
  /** Rest of a sentence that begins with the place of the value: `is "fast": expected a number above 0`. */
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}
