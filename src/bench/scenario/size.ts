/** Bounds and mean of a size distribution, in bytes. Pure. */
import type { SizeChoice } from "./scenario.ts";

/** Smallest size that can occur. */
export function smallestSize(choice: SizeChoice): number {
  if (choice.kind === "fixed") return choice.bytes;
  if (choice.kind === "uniform") return choice.least;
  if (choice.kind === "normal") return 0;
  return Math.min(...choice.choices.map(({ bytes }) => bytes));
}

/** Largest size that can occur. */
export function largestSize(choice: SizeChoice): number {
  if (choice.kind === "fixed") return choice.bytes;
  if (choice.kind === "uniform" || choice.kind === "normal") return choice.most;
  return Math.max(...choice.choices.map(({ bytes }) => bytes));
}

/** Mean size. */
export function meanSize(choice: SizeChoice): number {
  switch (choice.kind) {
    case "fixed":
      return choice.bytes;
    case "uniform":
      return (choice.least + choice.most) / 2;
    case "normal":
      return choice.mean;
    case "weighted": {
      const total = choice.choices.reduce((sum, { weight }) => sum + weight, 0);
      return choice.choices.reduce((sum, { bytes, weight }) => sum + bytes * (weight / total), 0);
    }
  }
}
