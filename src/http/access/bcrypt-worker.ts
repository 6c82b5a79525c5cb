/**
 * Worker thread of `BasicAuthentication`: compares passwords with bcrypt hashes, one at a time.
 *
 * The asynchronous functions of bcryptjs block the event loop for 100 ms at a time, so they need a thread, too.
 */
import { parentPort } from "node:worker_threads";
import { compareSync } from "bcryptjs";

parentPort?.on("message", ({ id, password, hash }: { id: number; password: string; hash: string }) => {
  parentPort?.postMessage({ id, isMatch: compareSync(password, hash) });
});
