/** Series whose truth is known, made of seeded noise. */
import { type Random, randomOf } from "../../../../src/bench/scenario/random.ts";

/** Normal deviates (Box and Muller). */
export function normalOf(random: Random): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Parameters of noise. */
export interface Noise {
  readonly seed: number;
  /** As a share of the level. */
  readonly deviation: number;
  /** How much of a value's deviation the next one has, 0 to 1. */
  readonly memory?: number;
}

/** A level for each second, with noise. */
export function series(length: number, noise: Noise, level: (second: number) => number): number[] {
  const normal = normalOf(randomOf(noise.seed));
  const memory = noise.memory ?? 0;
  let deviation = 0;
  return Array.from({ length }, (_, second) => {
    deviation = memory * deviation + Math.sqrt(1 - memory * memory) * normal();
    return level(second) * (1 + noise.deviation * deviation);
  });
}

/** For how many of so many seeds something is true: seeds are always the same, so the number is, too. */
export function shareOfSeeds(seeds: number, isTrue: (seed: number) => boolean): number {
  return Array.from({ length: seeds }, (_, seed) => isTrue(seed + 1)).filter(Boolean).length / seeds;
}
