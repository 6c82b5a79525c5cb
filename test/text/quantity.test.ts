import { expect, it } from "vitest";
import { bytes, count, counted, duration, seconds, share } from "../../src/text/quantity.ts";
import { visible } from "../../src/text/visible.ts";

it("writes durations with three digits", () => {
  const nanos = [undefined, 0, 1, 999, 1000, 12_345, 1_234_567, 123_456_789, 1.5e9, 3.6e12, -2500];
  expect(nanos.map(duration)).toEqual([
    "-",
    "0",
    "1.00 ns",
    "999 ns",
    "1.00 us",
    "12.3 us",
    "1.23 ms",
    "123 ms",
    "1.50 s",
    "3,600 s",
    "-2.50 us",
  ]);
});

it("writes bytes in powers of 1,024", () => {
  expect([0, 1023, 1024, 1.5 * 2 ** 20, 2 ** 31, 2 ** 60].map(bytes)).toEqual([
    "0 B",
    "1,023 B",
    "1.00 KiB",
    "1.50 MiB",
    "2.00 GiB",
    "1,073,741,824 GiB",
  ]);
});

it("writes counts and seconds", () => {
  expect([undefined, 0, 1234567.4].map(count)).toEqual(["-", "0", "1,234,567"]);
  expect([0, 2.5, 30, 12.345].map(seconds)).toEqual(["0 s", "2.5 s", "30 s", "12.3 s"]);
  expect([counted(1, "message"), counted(1234, "message")]).toEqual(["1 message", "1,234 messages"]);
});

it("writes 100 % only for all, and 0 % only for nothing", () => {
  const shares = [undefined, 0, 0.0001, 0.0042, 0.5, 0.93, 0.989, 0.9999, 1, 1.05];
  expect(shares.map(share)).toEqual([
    "-",
    "0 %",
    "< 0.1 %",
    "0.4 %",
    "50 %",
    "93.0 %",
    "98.9 %",
    "99.9 %",
    "100 %",
    "105 %",
  ]);
});

it("makes control characters visible", () => {
  expect(visible("a\u001b[31mb\u0007\u202ec\u{e0001}")).toBe(String.raw`a\u{1b}[31mb\u{7}\u{202e}c\u{e0001}`);
  expect(visible("one\r\ntwo\u2028three\t four")).toBe("one two three four");
  expect(visible("Größe 数 😀")).toBe("Größe 数 😀");
});
