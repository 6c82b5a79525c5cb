import { expect, it } from "vitest";
import { TokenBucket } from "../../../src/http/access/token-bucket.ts";

it("admits a burst, then one request per interval, and saves up one burst at most", () => {
  let now = 0;
  const bucket = new TokenBucket({ intervalMs: 100, burst: 2 }, () => now);
  const takeAll = (): number => {
    let taken = 0;
    while (bucket.take()) taken++;
    return taken;
  };
  expect(takeAll()).toBe(2);
  now = 99;
  expect(takeAll()).toBe(0);
  now = 100;
  expect(takeAll()).toBe(1);
  now = 10_000;
  expect(takeAll()).toBe(2);
});
