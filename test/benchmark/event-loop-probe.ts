/**
 * A module for `node --import` in the measured process. It answers each IPC message with the longest time, in
 * milliseconds, for which the event loop was blocked since the previous message.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";

const RESOLUTION_MS = 5;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();

process.on("message", () => {
  process.send?.({ longestBlockMs: Math.max(0, delay.max / 1e6 - RESOLUTION_MS) });
  delay.reset();
});
process.channel?.unref();
