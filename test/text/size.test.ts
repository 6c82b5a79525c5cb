import { expect, it } from "vitest";
import { parseSize } from "../../src/text/size.ts";

it.each([
  ["0", 0],
  ["65536", 65_536],
  ["1B", 1],
  ["1kB", 1000],
  ["1KB", 1000],
  ["1KiB", 1024],
  ["1.5 MiB", 1.5 * 2 ** 20],
  ["2gib", 2 ** 31],
])("%s is %d bytes", (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

it.each(["", "MiB", "-1", "1e3", "1TB", "1 0", "1.5B", "0.3KiB", "99999999999999999", "1  MB"])(
  "%j is not a size",
  (text) => {
    expect(parseSize(text)).toBeUndefined();
  },
);
