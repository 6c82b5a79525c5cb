/**
 * A histogram as text: HdrHistogram's V2 compressed encoding in base64, which is what its readers in every
 * language take, and what a saved result holds.
 *
 * Not hdr-histogram-js's encoder: its 3.0.1 writes a header that says that counts are shifted by one bucket
 * (which HdrHistogram_c believes) and that a unit is 5e-324. Nor its decoder, which takes a payload at its word
 * that it is two gigabytes long. In tests both are what this is compared with.
 *
 * (HdrHistogram, AbstractHistogram.encodeIntoCompressedByteBuffer; counts are ZigZag LEB128, and a negative
 * number says how many empty buckets follow.)
 */
import { deflateSync, inflateSync } from "node:zlib";
import { InvalidValue } from "../../input/invalid-value.ts";
import { SIGNIFICANT_DIGITS } from "./hdr.ts";
import { BUCKETS, Histogram, MOST } from "./histogram.ts";

const COOKIE = 0x1c849303 | 0x10;
const COMPRESSED_COOKIE = 0x1c849304 | 0x10;
const WRAPPING_BYTES = 8;
const HEADER_BYTES = 40;
/** The lowest byte but four bits is the version; those say how wide a count is at most. */
const WORD_SIZE = 0xf0;
/** More than any histogram of 63-bit values with three digits takes: eight bytes for each of its buckets. */
const MOST_BYTES = HEADER_BYTES + 8 * 1024 * 64;

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
  const header = Buffer.alloc(WRAPPING_BYTES);
  header.writeInt32BE(COMPRESSED_COOKIE, 0);
  header.writeInt32BE(compressed.length, 4);
  return Buffer.concat([header, compressed]).toString("base64");
}

/**
 * @param text of `encode`, or another V2 histogram of whole nanoseconds with three digits; what is beyond an hour
 *   is counted as an hour
 */
export function decode(text: string): Histogram | InvalidValue {
  const plain = unwrap(Buffer.from(text, "base64"));
  if (!plain) return DAMAGED;
  const digits = plain.readInt32BE(12);
  const least = plain.readBigInt64BE(16);
  if (digits !== SIGNIFICANT_DIGITS || least !== 1n) {
    return new InvalidValue(
      `has ${digits} significant digits from ${least} up: expected ${SIGNIFICANT_DIGITS} digits from 1 up`,
    );
  }
  return decodeCounts(plain.subarray(HEADER_BYTES)) ?? DAMAGED;
}

const DAMAGED = new InvalidValue("is not in HdrHistogram's V2 compressed encoding, or is damaged");

/** What was compressed; undefined if it is no histogram. */
function unwrap(bytes: Buffer): Buffer | undefined {
  if (bytes.length < WRAPPING_BYTES) return undefined;
  const end = WRAPPING_BYTES + bytes.readInt32BE(4);
  if (!isCookie(bytes, COMPRESSED_COOKIE) || end > bytes.length) return undefined;
  try {
    const plain = inflateSync(bytes.subarray(WRAPPING_BYTES, end), { maxOutputLength: MOST_BYTES });
    if (plain.length < HEADER_BYTES || !isCookie(plain, COOKIE)) return undefined;
    return plain.readInt32BE(4) === plain.length - HEADER_BYTES ? plain : undefined;
  } catch {
    return undefined;
  }
}

function isCookie(bytes: Buffer, cookie: number): boolean {
  return (bytes.readInt32BE(0) | WORD_SIZE) === (cookie | WORD_SIZE);
}

/** Undefined where numbers end in the middle, or are larger than can be counted. */
function decodeCounts(bytes: Uint8Array): Histogram | undefined {
  const histogram = new Histogram();
  const { counts } = histogram;
  let bucket = 0;
  let value = 0;
  let unit = 1;
  for (const byte of bytes) {
    value += (byte & 0x7f) * unit;
    unit *= 0x80;
    if (byte >= 0x80) continue;
    if (!Number.isSafeInteger(value)) return undefined;
    if (value % 2 === 1) bucket += (value + 1) / 2;
    else {
      const at = Math.min(bucket++, BUCKETS - 1);
      counts[at] = (counts[at] as number) + value / 2;
    }
    value = 0;
    unit = 1;
  }
  return unit === 1 && Number.isSafeInteger(histogram.count) ? histogram : undefined;
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
