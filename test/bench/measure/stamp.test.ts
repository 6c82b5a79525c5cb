import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readStamp, STAMP_BYTES, StampWriter } from "../../../src/bench/measure/stamp.ts";

const number16 = fc.nat(65_535);
const time = fc.double({ min: -1e15, max: 1e15, noNaN: true });

describe("a stamp", () => {
  it("says what was written, anywhere in a buffer, and changes nothing behind itself", () => {
    fc.assert(
      fc.property(
        fc.record({
          run: number16,
          publisher: number16,
          sequence: fc.maxSafeNat(),
          intended: time,
          sent: time,
        }),
        fc.nat(20),
        fc.nat(50),
        (stamp, offset, more) => {
          const buffer = new Uint8Array(offset + STAMP_BYTES + more).fill(0xab);
          const payload = buffer.subarray(offset);
          new StampWriter(stamp.run, stamp.publisher).write(
            payload,
            stamp.sequence,
            stamp.intended,
            stamp.sent,
          );
          expect(readStamp(payload, stamp.run)).toEqual(stamp);
          expect(buffer.subarray(0, offset).every((byte) => byte === 0xab)).toBe(true);
          expect(payload.subarray(STAMP_BYTES).every((byte) => byte === 0xab)).toBe(true);
        },
      ),
    );
  });

  it("is none in other bytes, too few bytes, or of another run", () => {
    const stamp = new StampWriter(7, 1).stamp(1, 2, 3).slice();
    expect(readStamp(stamp, 7)).toBeDefined();
    expect(readStamp(stamp, 8)).toBeUndefined();
    expect(readStamp(stamp.subarray(0, STAMP_BYTES - 1), 7)).toBeUndefined();
    expect(readStamp(new Uint8Array(STAMP_BYTES), 0)).toBeUndefined();
    fc.assert(
      fc.property(fc.nat(3), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const other = stamp.slice();
        other[at] = (other[at] as number) ^ change;
        expect(readStamp(other, 7)).toBeUndefined();
      }),
    );
  });

  it("is none if it counts in what is no whole number", () => {
    const writer = new StampWriter(7, 1);
    for (const sequence of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(readStamp(writer.stamp(sequence, 0, 0), 7)).toBeUndefined();
    }
  });

  it("is in a payload a copy, which the next one does not change", () => {
    const writer = new StampWriter(7, 1);
    const payloads = [0, 1, 2].map((sequence) => {
      const payload = new Uint8Array(STAMP_BYTES);
      writer.write(payload, sequence, 10 * sequence, 100 * sequence);
      return payload;
    });
    expect(payloads.map((payload) => readStamp(payload, 7)?.sequence)).toEqual([0, 1, 2]);
  });

  it("does not fit into less than itself", () => {
    expect(() => new StampWriter(7, 1).write(new Uint8Array(STAMP_BYTES - 1), 0, 0, 0)).toThrow(RangeError);
  });
});
