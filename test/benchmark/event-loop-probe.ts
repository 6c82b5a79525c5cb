/**
 * Loaded with `node --import` into the process that is measured: answers each IPC message with the longest
 * time, in milliseconds, that its event loop was held since the message before.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";

const RESOLUTION_MS = 5;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();

process.on("message", () => {
  process.send?.({ longestHoldMs: Math.max(0, delay.max / 1e6 - RESOLUTION_MS) });
  delay.reset();
});
process.channel?.unref();
