/**
 * The thread of `BcryptThread`: compares one password with one bcrypt hash at a time.
 *
 * bcryptjs calls itself asynchronous, but holds its event loop for 100 ms at a stretch: here, nobody's.
 */
import { parentPort } from "node:worker_threads";
import { compareSync } from "bcryptjs";

parentPort?.on("message", ({ id, password, hash }: { id: number; password: string; hash: string }) => {
  parentPort?.postMessage({ id, isMatch: compareSync(password, hash) });
});
