import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readStamp, STAMP_BYTES, StampWriter } from "../../../src/bench/measure/stamp.ts";

const number16 = fc.nat(65_535);
/** Times of a host that has been up for up to 26 years: above 2^53 not every whole number exists. */
const time = fc.double({ min: 0, max: 2 ** 60, noNaN: true });

const STAMPER = { run: 7, publisher: 1, host: 3 };

describe("a stamp", () => {
  it("is read as written, anywhere in a buffer, without changing the bytes after it", () => {
    fc.assert(
      fc.property(
        fc.record({
          run: number16,
          publisher: number16,
          host: number16,
          sequence: fc.nat({ max: 2 ** 48 - 1 }),
          intended: time,
          sent: time,
        }),
        fc.nat(20),
        fc.nat(50),
        (stamp, offset, more) => {
          const buffer = new Uint8Array(offset + STAMP_BYTES + more).fill(0xab);
          const payload = buffer.subarray(offset);
          new StampWriter(stamp).write(payload, stamp.sequence, stamp.intended, stamp.sent);
          expect(readStamp(payload)).toEqual({
            ...stamp,
            intended: Math.round(stamp.intended),
            sent: Math.round(stamp.sent),
          });
          expect(buffer.subarray(0, offset).every((byte) => byte === 0xab)).toBe(true);
          expect(payload.subarray(STAMP_BYTES).every((byte) => byte === 0xab)).toBe(true);
        },
      ),
    );
  });

  it("is not found in other bytes, or in too few", () => {
    const stamp = new StampWriter(STAMPER).stamp(1, 2, 3).slice();
    expect(readStamp(stamp)).toBeDefined();
    expect(readStamp(stamp.subarray(0, STAMP_BYTES - 1))).toBeUndefined();
    expect(readStamp(new Uint8Array(STAMP_BYTES))).toBeUndefined();
    fc.assert(
      fc.property(fc.nat(3), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const other = stamp.slice();
        other[at] = (other[at] as number) ^ change;
        expect(readStamp(other)).toBeUndefined();
      }),
    );
  });

  it("is not found if its times are not whole numbers", () => {
    const other = new StampWriter(STAMPER).stamp(1, 2, 3).slice();
    for (const value of [0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const at of [16, 24]) {
        const forged = other.slice();
        new DataView(forged.buffer).setFloat64(at, value);
        expect(readStamp(forged)).toBeUndefined();
      }
    }
  });

  it("is copied into a payload, so the next one does not change it", () => {
    const writer = new StampWriter(STAMPER);
    const payloads = [0, 1, 2].map((sequence) => {
      const payload = new Uint8Array(STAMP_BYTES);
      writer.write(payload, sequence, 10 * sequence, 100 * sequence);
      return payload;
    });
    expect(payloads.map((payload) => readStamp(payload)?.sequence)).toEqual([0, 1, 2]);
  });

  it("does not fit into a shorter payload", () => {
    expect(() => new StampWriter(STAMPER).write(new Uint8Array(STAMP_BYTES - 1), 0, 0, 0)).toThrow(
      RangeError,
    );
  });
});
