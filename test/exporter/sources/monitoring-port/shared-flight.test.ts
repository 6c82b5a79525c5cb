/** Shared work: started once, given up by each caller on its own, aborted without callers. */
import { expect, it } from "vitest";
import { SharedFlights } from "../../../../src/exporter/sources/monitoring-port/shared-flight.ts";

const patient = new AbortController().signal;

/** Work that the test ends, and that notices an abort. */
function work() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const state = { starts: 0, signal: undefined as AbortSignal | undefined };
  const start = (abandoned: AbortSignal): Promise<string> => {
    state.starts++;
    state.signal = abandoned;
    return promise;
  };
  return { state, start, land: resolve, crash: reject };
}

it("a flight is started once for all callers of its key while it is in progress", async () => {
  const flights = new SharedFlights<string>();
  const { state, start, land } = work();
  const all = [1, 2, 3].map(() => flights.join("key", patient, start));
  expect([state.starts, flights.size]).toEqual([1, 1]);
  land("done");
  expect(await Promise.all(all)).toEqual(["done", "done", "done"]);
  expect(flights.size).toBe(0);
});

it("a flight is started again after its end, and separately for another key", async () => {
  const flights = new SharedFlights<string>();
  const { state, start, land } = work();
  land("done");
  await flights.join("key", patient, start);
  await Promise.all([flights.join("key", patient, start), flights.join("other", patient, start)]);
  expect(state.starts).toBe(3);
});

it("a flight continues for callers with a later deadline than its first caller", async () => {
  const flights = new SharedFlights<string>();
  const { state, start, land } = work();
  const [hasty, reason] = [new AbortController(), new Error("too late")];
  const first = flights.join("key", hasty.signal, start);
  const second = flights.join("key", patient, start);
  hasty.abort(reason);
  await expect(first).rejects.toBe(reason);
  expect(state.signal?.aborted).toBe(false);
  land("done");
  expect(await second).toBe("done");
});

it("a flight is aborted when its last caller has given up, and is not joined afterwards", async () => {
  const flights = new SharedFlights<string>();
  const old = work();
  const [one, two] = [new AbortController(), new AbortController()];
  const joined = [flights.join("key", one.signal, old.start), flights.join("key", two.signal, old.start)];
  one.abort(new Error("one"));
  await expect(joined[0]).rejects.toThrow("one");
  expect(old.state.signal?.aborted).toBe(false);
  two.abort(new Error("two"));
  await expect(joined[1]).rejects.toThrow("two");
  expect(old.state.signal?.reason).toEqual(new Error("two"));
  const fresh = work();
  fresh.land("fresh");
  expect(await flights.join("key", patient, fresh.start)).toBe("fresh");
  old.crash(new Error("torn down")); // and must not be an unhandled rejection
});

it("an aborted flight does not end the flight that replaces it", async () => {
  const flights = new SharedFlights<string>();
  const old = work();
  const hasty = new AbortController();
  const gone = flights.join("key", hasty.signal, old.start);
  hasty.abort(new Error("gone"));
  await expect(gone).rejects.toThrow("gone");
  const fresh = work();
  const waiting = flights.join("key", patient, fresh.start);
  old.crash(new Error("torn down"));
  await Promise.resolve();
  expect(flights.size).toBe(1);
  fresh.land("fresh");
  expect(await waiting).toBe("fresh");
});

it("a flight fails for all callers and is then forgotten", async () => {
  const flights = new SharedFlights<string>();
  const { start, crash } = work();
  const all = [1, 2].map(() => flights.join("key", patient, start));
  crash(new Error("broken"));
  for (const one of all) await expect(one).rejects.toThrow("broken");
  expect(flights.size).toBe(0);
});

it("a flight is not started for a caller whose deadline is over", async () => {
  const { state, start } = work();
  await expect(
    new SharedFlights<string>().join("key", AbortSignal.abort(new Error("over")), start),
  ).rejects.toThrow("over");
  expect(state.starts).toBe(0);
});
