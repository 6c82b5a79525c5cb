/** What two threads agree on who ask each other what time it is. */

/** Whose turn it is. */
export const ASKED = 1;
/** See `ASKED`. */
export const ANSWERED = 2;
/** Where in the memory the time is told, behind whose turn it is. */
export const PLACE = 8;

/** What the answering thread is given. */
export interface Pairs {
  readonly zero: bigint;
  readonly memory: SharedArrayBuffer;
  readonly rounds: number;
}
