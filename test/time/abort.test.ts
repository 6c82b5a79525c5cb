import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { untilAborted } from "../../src/time/abort.ts";

test("settles as the promise does while the signal is not aborted", async () => {
  const { signal } = new AbortController();
  await expect(untilAborted(Promise.resolve(1), signal)).resolves.toBe(1);
  await expect(untilAborted(Promise.reject(new Error("broken")), signal)).rejects.toThrow("broken");
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("rejects with the signal's reason as soon as it is aborted", async () => {
  const controller = new AbortController();
  const waiting = untilAborted(new Promise(() => {}), controller.signal);
  controller.abort(new Error("stopped"));
  await expect(waiting).rejects.toThrow("stopped");
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
});

test("rejects at once if the signal was aborted before, and ignores a later rejection of the promise", async () => {
  const { promise, reject } = Promise.withResolvers<never>();
  await expect(untilAborted(promise, AbortSignal.abort(new Error("too late")))).rejects.toThrow("too late");
  reject(new Error("ignored"));
  await new Promise((resolve) => setImmediate(resolve));
});
