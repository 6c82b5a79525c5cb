/** Sizes in bytes, with units. */

const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

const SIZE = /^(\d+(?:\.\d+)?) ?([kmg]i?b|b)?$/i;

/** Bytes of `64MiB`, `1.5 GB` or `65536`; undefined if the text is not a size or not a whole number of bytes. */
export function parseSize(text: string): number | undefined {
  const match = SIZE.exec(text);
  if (!match) return undefined;
  const bytes = Number(match[1]) * (BYTES_PER_UNIT[(match[2] ?? "").toLowerCase()] as number);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
