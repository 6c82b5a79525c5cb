/**
 * A histogram as text: HdrHistogram's V2 compressed encoding in base64, which is what its readers in every
 * language take, and what a saved result holds.
 *
 * Written here and not by hdr-histogram-js 3.0.1, whose header says that counts are shifted by one bucket and
 * that a unit is 5e-324: HdrHistogram_c believes the first, others may believe the second. Reading is left to it.
 *
 * (HdrHistogram, AbstractHistogram.encodeIntoCompressedByteBuffer; counts are ZigZag LEB128, and a negative
 * number says how many empty buckets follow.)
 */
import { deflateSync } from "node:zlib";
import { decodeFromCompressedBase64, Float64Histogram } from "hdr-histogram-js";
import { Refusal } from "../../base/refusal.ts";
import { fromHdr, SIGNIFICANT_DIGITS } from "./hdr.ts";
import { BUCKETS, type Histogram, MOST } from "./histogram.ts";

const COOKIE = 0x1c849303 | 0x10;
const COMPRESSED_COOKIE = 0x1c849304 | 0x10;
const HEADER_BYTES = 40;

/** What was beyond the most is in the last bucket, and nothing else; negative values are not in the text. */
export function encode(histogram: Histogram): string {
  const counts = encodeCounts(histogram.counts.subarray(0, BUCKETS));
  const plain = Buffer.alloc(HEADER_BYTES + counts.length);
  plain.writeInt32BE(COOKIE, 0);
  plain.writeInt32BE(counts.length, 4);
  plain.writeInt32BE(0, 8); // counts are where they belong
  plain.writeInt32BE(SIGNIFICANT_DIGITS, 12);
  plain.writeBigInt64BE(1n, 16); // least value
  plain.writeBigInt64BE(BigInt(MOST), 24);
  plain.writeDoubleBE(1, 32); // of a whole number to a unit
  plain.set(counts, HEADER_BYTES);
  const compressed = deflateSync(plain);
  const header = Buffer.alloc(8);
  header.writeInt32BE(COMPRESSED_COOKIE, 0);
  header.writeInt32BE(compressed.length, 4);
  return Buffer.concat([header, compressed]).toString("base64");
}

/** @param text of `encode`, or another V2 histogram of whole nanoseconds with three digits */
export function decode(text: string): Histogram | Refusal {
  try {
    const decoded = decodeFromCompressedBase64(text, 64);
    if (!(decoded instanceof Float64Histogram)) return new Refusal("is not in HdrHistogram's V2 encoding");
    const { numberOfSignificantValueDigits: digits, lowestDiscernibleValue: least } = decoded;
    if (digits !== SIGNIFICANT_DIGITS || least !== 1) {
      return new Refusal(
        `has ${digits} significant digits from ${least} up: expected ${SIGNIFICANT_DIGITS} digits from 1 up`,
      );
    }
    if (!Number.isSafeInteger(decoded.totalCount)) return new Refusal("counts more than can be counted");
    return fromHdr(decoded);
  } catch {
    // Whatever it says (base64, zlib, a cookie, an array's length) is about how, and not what.
    return new Refusal("is not in HdrHistogram's V2 compressed encoding, or is damaged");
  }
}

function encodeCounts(counts: Float64Array<ArrayBufferLike>): Uint8Array {
  const bytes: number[] = [];
  const last = counts.findLastIndex((count) => count > 0);
  let empty = 0;
  for (let i = 0; i <= last; i++) {
    const count = counts[i] as number;
    if (count === 0) {
      empty++;
      continue;
    }
    if (empty > 0) put(bytes, emptyAs(empty));
    empty = 0;
    put(bytes, 2 * count);
  }
  // A histogram without a count still says so of its first bucket.
  if (last < 0) put(bytes, 0);
  return Uint8Array.from(bytes);
}

/** One empty bucket is a count of 0, several are their negative number: -n in ZigZag is 2n - 1. */
function emptyAs(buckets: number): number {
  return buckets === 1 ? 0 : 2 * buckets - 1;
}

/** Seven bits a byte, the least first; the eighth says that more follow. Counts have at most 53 bits. */
function put(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}
