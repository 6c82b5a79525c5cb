/**
 * A histogram as text: HdrHistogram's V2 compressed encoding in base64, which its readers in all languages accept. A
 * saved result contains histograms in this form.
 *
 * hdr-histogram-js 3.0.1 cannot be used for this, and is what the tests compare with. Its encoder writes the same
 * counts, but a wrong header: an index offset of 1, which HdrHistogram_c applies, and a unit of 5e-324; its
 * uncompressed form, which could be corrected, is not exported. Its decoder allocates what a header asks for, up to
 * two gigabytes, and a result file comes from elsewhere.
 *
 * (HdrHistogram, AbstractHistogram.encodeIntoCompressedByteBuffer. Counts are ZigZag LEB128; a negative number is a
 * number of empty buckets.)
 */
import { deflateSync, inflateSync } from "node:zlib";
import { InvalidValue } from "../../input/invalid-value.ts";
import { SIGNIFICANT_DIGITS } from "./hdr.ts";
import { BUCKETS, Histogram, MAX_VALUE } from "./histogram.ts";

const COOKIE = 0x1c849303 | 0x10;
const COMPRESSED_COOKIE = 0x1c849304 | 0x10;
const WRAPPING_BYTES = 8;
const HEADER_BYTES = 40;
/** Bits of the cookie that give the width of a count; readers ignore them. */
const WORD_SIZE = 0xf0;
/** Maximum size of a decompressed histogram: eight bytes for each bucket of 63-bit values with three digits. */
const MAX_BYTES = HEADER_BYTES + 8 * 1024 * 64;

/** Encodes a histogram. Values above the maximum are in the last bucket; negative values are left out. */
export function encode(histogram: Histogram): string {
  const counts = encodeCounts(histogram.counts.subarray(0, BUCKETS));
  const plain = Buffer.alloc(HEADER_BYTES + counts.length);
  plain.writeInt32BE(COOKIE, 0);
  plain.writeInt32BE(counts.length, 4);
  plain.writeInt32BE(0, 8); // index offset
  plain.writeInt32BE(SIGNIFICANT_DIGITS, 12);
  plain.writeBigInt64BE(1n, 16); // lowest value
  plain.writeBigInt64BE(BigInt(MAX_VALUE), 24);
  plain.writeDoubleBE(1, 32); // values are in units of 1
  plain.set(counts, HEADER_BYTES);
  const compressed = deflateSync(plain);
  const header = Buffer.alloc(WRAPPING_BYTES);
  header.writeInt32BE(COMPRESSED_COOKIE, 0);
  header.writeInt32BE(compressed.length, 4);
  return Buffer.concat([header, compressed]).toString("base64");
}

/**
 * Decodes a histogram of `encode`, or any V2 histogram of nanoseconds with three digits. Values above an hour are
 * counted as an hour.
 */
export function decode(text: string): Histogram | InvalidValue {
  const plain = unwrap(Buffer.from(text, "base64"));
  if (!plain) return DAMAGED;
  const digits = plain.readInt32BE(12);
  const lowest = plain.readBigInt64BE(16);
  if (digits !== SIGNIFICANT_DIGITS || lowest !== 1n) {
    return new InvalidValue(
      `has ${digits} significant digits from ${lowest} up: expected ${SIGNIFICANT_DIGITS} digits from 1 up`,
    );
  }
  return decodeCounts(plain.subarray(HEADER_BYTES)) ?? DAMAGED;
}

const DAMAGED = new InvalidValue("is not in HdrHistogram's V2 compressed encoding, or is damaged");

/** The decompressed bytes; undefined if they are no histogram. */
function unwrap(bytes: Buffer): Buffer | undefined {
  if (bytes.length < WRAPPING_BYTES) return undefined;
  const end = WRAPPING_BYTES + bytes.readInt32BE(4);
  if (!isCookie(bytes, COMPRESSED_COOKIE) || end > bytes.length) return undefined;
  try {
    const plain = inflateSync(bytes.subarray(WRAPPING_BYTES, end), { maxOutputLength: MAX_BYTES });
    if (plain.length < HEADER_BYTES || !isCookie(plain, COOKIE)) return undefined;
    return plain.readInt32BE(4) === plain.length - HEADER_BYTES ? plain : undefined;
  } catch {
    return undefined;
  }
}

function isCookie(bytes: Buffer, cookie: number): boolean {
  return (bytes.readInt32BE(0) | WORD_SIZE) === (cookie | WORD_SIZE);
}

/** Undefined if a number is cut off or too large. */
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
  // An empty histogram has one count of 0.
  if (last < 0) put(bytes, 0);
  return Uint8Array.from(bytes);
}

/** One empty bucket is a count of 0; n empty buckets are the number -n, which is 2n - 1 in ZigZag. */
function emptyAs(buckets: number): number {
  return buckets === 1 ? 0 : 2 * buckets - 1;
}

/** Seven bits per byte, lowest first; the eighth bit is set if more bytes follow. Counts have up to 53 bits. */
function put(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}
