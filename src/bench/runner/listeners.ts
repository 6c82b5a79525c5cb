/** Several listeners of a benchmark as one. */
import type { BenchmarkListener } from "./benchmark-options.ts";

/** Each is told everything, in their order. */
export function tellingAll(listeners: readonly BenchmarkListener[]): Required<BenchmarkListener> {
  return {
    phase: (...told) => {
      for (const listener of listeners) listener.phase?.(...told);
    },
    began: (...told) => {
      for (const listener of listeners) listener.began?.(...told);
    },
    second: (...told) => {
      for (const listener of listeners) listener.second?.(...told);
    },
    event: (...told) => {
      for (const listener of listeners) listener.event?.(...told);
    },
  };
}
