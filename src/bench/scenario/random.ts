/** Random numbers that a seed repeats: the same run twice sends the same sizes to the same subjects. */

/** From 0 up to but not 1. */
export type Random = () => number;

/** Mulberry32: a 32-bit state, good enough for choosing sizes, subjects and gaps, and nothing else. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
