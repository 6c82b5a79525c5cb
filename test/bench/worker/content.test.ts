import { brotliCompressSync, constants } from "node:zlib";
import { describe, expect, it } from "vitest";
import { STAMP_BYTES } from "../../../src/bench/measure/stamp.ts";
import type { PayloadChoice } from "../../../src/bench/scenario/scenario.ts";
import { Messages } from "../../../src/bench/worker/messages.ts";
import { scenarioOf } from "../workloads/scenarios.ts";

const clock = { now: () => 0, zero: 0 };

function publishers(clients: number, payload: PayloadChoice): readonly Messages[] {
  const scenario = scenarioOf("pub", { clients, payload });
  return Array.from(
    { length: clients },
    (_, publisher) => new Messages(scenario, { run: 1, publisher, host: 1 }, clock),
  );
}

/** Compressed share of the messages of several clients, for a compressor with a window of 1 MiB. */
function leftOf(randomShare: number, bytes: number, clients = 1): number {
  const all = publishers(clients, { size: { kind: "fixed", bytes }, randomShare });
  const count = Math.ceil(2 ** 21 / bytes);
  const messages = Array.from(
    { length: count },
    (_, n) => all[n % clients]?.next(n, n, n).payload ?? new Uint8Array(),
  );
  const params = { [constants.BROTLI_PARAM_LGWIN]: 20, [constants.BROTLI_PARAM_QUALITY]: 5 };
  return brotliCompressSync(Buffer.concat(messages), { params }).length / (count * bytes);
}

describe("messages", () => {
  it.each([
    [128, 1],
    [128, 4],
    [100_000, 1],
    [100_000, 3],
  ])("do not compress with %d random bytes of %d clients", (bytes, clients) => {
    // Stamps compress.
    expect(leftOf(1, bytes, clients)).toBeGreaterThan((bytes - STAMP_BYTES) / bytes);
  });

  it("compress to their share of random bytes", () => {
    expect(leftOf(0.25, 1000)).toBeGreaterThan(0.25);
    expect(leftOf(0.25, 1000)).toBeLessThan(0.45);
    expect(leftOf(0, 1000)).toBeLessThan(0.05);
  });

  it("are equal for equal seeds and have the given size", () => {
    for (const bytes of [0, 31, 32, 3_000_001, 8 * 2 ** 20]) {
      const payload = { size: { kind: "fixed", bytes }, randomShare: 1 } as const;
      const [one, other] = [publishers(2, payload)[1], publishers(2, payload)[1]];
      for (let n = 0; n < 3; n++) {
        const first = one?.content();
        expect(first).toHaveLength(bytes);
        expect(Buffer.compare(first as Uint8Array, other?.content() as Uint8Array)).toBe(0);
      }
    }
  });
});
