/** The worker thread of `probe.ts`. */
import { parentPort, workerData } from "node:worker_threads";
import { MILLISECOND, type Nanos } from "../../time/clock.ts";
import type { Link } from "../driver/driver.ts";
import { DEFAULT_DRIVER, driverNamed } from "../drivers.ts";
import { Histogram } from "../measure/histogram.ts";
import type { ProbeReady, ProbeTask } from "./probe.ts";

const EVERY_MS = 100;
const FIRST_ROUND_TRIPS = 5;
/** Enough for a server that is away for a minute: the client keeps all pending pings. */
const MAX_WAITING = 600;

const { reach, memory } = workerData as ProbeTask;
const histogram = new Histogram(memory);
const nothing = () => {};
const hooks = { lost: nothing, discarded: nothing, regained: nothing, failed: nothing };
let waiting = 0;

async function ask(link: Link): Promise<void> {
  if (waiting >= MAX_WAITING || !link.isUp) return;
  waiting++;
  const asked = performance.now();
  try {
    await link.flush();
    histogram.record((performance.now() - asked) * MILLISECOND);
  } catch {
    // The connection was lost; the run has its own event for that.
  }
  waiting--;
}

async function firstRoundTrip(link: Link): Promise<Nanos> {
  const found: Nanos[] = [];
  for (let i = 0; i < FIRST_ROUND_TRIPS; i++) found.push(await link.roundTrip());
  return found.sort((a, b) => a - b)[FIRST_ROUND_TRIPS >> 1] as Nanos;
}

try {
  const name = `${reach.options.name ?? "natscope-bench"}-probe`;
  const link = await driverNamed(DEFAULT_DRIVER).connect(
    { ...reach, options: { ...reach.options, name } },
    hooks,
  );
  const ready: ProbeReady = { server: link.server, roundTrip: await firstRoundTrip(link) };
  parentPort?.postMessage(ready);
  setInterval(() => void ask(link), EVERY_MS);
} catch {
  parentPort?.close();
}
