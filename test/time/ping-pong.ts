/** Shared memory of a thread that asks for the time and a thread that answers. */

/** State of the turn: the question waits for its answer. */
export const ASKED = 1;
/** State of the turn: the answer is there. */
export const ANSWERED = 2;
/** Offset of the time in the memory, behind the turn. */
export const PLACE = 8;

/** Input of the answering thread. */
export interface Pairs {
  readonly zero: bigint;
  readonly memory: SharedArrayBuffer;
  readonly rounds: number;
}
