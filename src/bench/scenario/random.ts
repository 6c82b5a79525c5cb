/** Pseudo-random numbers from a seed: repeated runs send the same sizes to the same subjects. */

/** Returns a number from 0 (inclusive) to 1 (exclusive). */
export type Random = () => number;

/** Mulberry32: has 32 bits of state, enough for sizes, subjects and gaps. Not for cryptography. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
