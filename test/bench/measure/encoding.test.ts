import { deflateSync, inflateSync } from "node:zlib";
import fc from "fast-check";
import { decodeFromCompressedBase64, encodeIntoCompressedBase64, Float64Histogram } from "hdr-histogram-js";
import { describe, expect, it } from "vitest";
import { decode, encode } from "../../../src/bench/measure/encoding.ts";
import { toHdr } from "../../../src/bench/measure/hdr.ts";
import { Histogram, MAX_VALUE } from "../../../src/bench/measure/histogram.ts";
import { InvalidValue } from "../../../src/input/invalid-value.ts";
import { histogramOf, nanos } from "./values.ts";

/** The decompressed bytes of an encoded histogram. */
function plainOf(text: string): Buffer {
  return inflateSync(Buffer.from(text, "base64").subarray(8));
}

/** Other bytes in the wrapping of an encoded histogram. */
function wrapped(plain: Buffer): string {
  const compressed = deflateSync(plain);
  const header = Buffer.alloc(8);
  header.writeInt32BE(0x1c849314, 0);
  header.writeInt32BE(compressed.length, 4);
  return Buffer.concat([header, compressed]).toString("base64");
}

const refused = (text: string) => (decode(text) as InvalidValue).why;

describe("an encoded histogram", () => {
  it("is decoded to the same counts", () => {
    fc.assert(
      fc.property(fc.array(nanos), (values) => {
        const histogram = histogramOf(values);
        expect((decode(encode(histogram)) as Histogram).counts).toEqual(histogram.counts);
      }),
      { numRuns: 50 },
    );
  });

  it("holds counts of any size", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.nat(30_000),
            fc.maxSafeInteger().filter((n) => n > 0),
          ),
          { maxLength: 1 },
        ),
        (given) => {
          const histogram = new Histogram();
          for (const [bucket, count] of given) histogram.counts[bucket] = Math.floor(count / 4);
          expect((decode(encode(histogram)) as Histogram).counts).toEqual(histogram.counts);
        },
      ),
    );
  });

  it("equals the encoding of hdr-histogram-js, except for the index offset and the unit in its header", () => {
    fc.assert(
      fc.property(fc.array(nanos), (values) => {
        const histogram = histogramOf(values);
        const ours = plainOf(encode(histogram));
        const theirs = plainOf(encodeIntoCompressedBase64(toHdr(histogram)));
        expect(theirs.readInt32BE(8)).toBe(1);
        expect(theirs.readBigInt64BE(32)).toBe(1n);
        expect(ours.readInt32BE(8)).toBe(0);
        expect(ours.readDoubleBE(32)).toBe(1);
        theirs.writeInt32BE(0, 8);
        theirs.writeDoubleBE(1, 32);
        expect(ours).toEqual(theirs);
      }),
      { numRuns: 50 },
    );
  });

  it("is decoded by hdr-histogram-js", () => {
    const decoded = decodeFromCompressedBase64(encode(histogramOf([1000, 2000, MAX_VALUE])), 64);
    expect(decoded).toMatchObject({ totalCount: 3, highestTrackableValue: MAX_VALUE, minNonZeroValue: 1000 });
    expect(decoded.getValueAtPercentile(50)).toBe(2000);
  });

  it("is short if few buckets have a count", () => {
    expect(encode(new Histogram()).length).toBeLessThan(100);
    expect(encode(histogramOf([50_000_000])).length).toBeLessThan(100);
  });
});

describe("a text that is no encoded histogram", () => {
  it("is refused", () => {
    const good = encode(histogramOf([1000, 2000, 30_000_000]));
    for (const text of ["", "x", "AAAA", "not base64!", good.slice(0, 40), `${good.slice(0, -8)}AAAAAAAA`]) {
      expect(refused(text)).toContain("HdrHistogram's V2 compressed encoding");
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(decode(text)).toBeInstanceOf(InvalidValue);
      }),
    );
  });

  it("is refused if a byte was changed", () => {
    const bytes = Buffer.from(encode(histogramOf([1000, 2000, 30_000_000])), "base64");
    for (let i = 8; i < bytes.length; i++) {
      const damaged = Buffer.from(bytes);
      damaged[i] = (damaged[i] as number) ^ 0x10;
      const decoded = decode(damaged.toString("base64"));
      // A bit or two of zlib's header have no effect.
      if (!(decoded instanceof InvalidValue)) expect([...decoded.buckets()].length).toBe(3);
    }
  });

  it("is refused if its histogram has another precision or unit", () => {
    const coarse = new Float64Histogram(1, 1_000_000, 2);
    coarse.recordValue(1000);
    expect(refused(encodeIntoCompressedBase64(coarse))).toBe(
      "has 2 significant digits from 1 up: expected 3 digits from 1 up",
    );
    const milliseconds = new Float64Histogram(1000, 1_000_000_000, 3);
    milliseconds.recordValue(1000);
    expect(refused(encodeIntoCompressedBase64(milliseconds))).toContain("from 1000 up");
  });

  it("is refused if its payload is cut off or far too long", () => {
    const plain = plainOf(encode(histogramOf([1000])));
    expect(decode(wrapped(plain.subarray(0, 12)))).toBeInstanceOf(InvalidValue);
    const endless = Buffer.from(plain);
    endless.writeInt32BE(0x7fffffff, 4);
    expect(decode(wrapped(endless))).toBeInstanceOf(InvalidValue);
    const unfinished = Buffer.from(plain);
    unfinished[unfinished.length - 1] = 0x80;
    expect(decode(wrapped(unfinished))).toBeInstanceOf(InvalidValue);
    const swollen = Buffer.concat([plain, Buffer.alloc(100_000_000)]);
    swollen.writeInt32BE(swollen.length - 40, 4);
    expect(decode(wrapped(swollen))).toBeInstanceOf(InvalidValue);
  });

  it("is decoded with values above an hour as an hour", () => {
    const wide = new Float64Histogram(1, 100 * MAX_VALUE, 3);
    wide.recordValue(1000);
    wide.recordValue(10 * MAX_VALUE);
    const histogram = decode(encodeIntoCompressedBase64(wide)) as Histogram;
    expect(histogram.counts).toEqual(histogramOf([1000, MAX_VALUE]).counts);
  });
});
