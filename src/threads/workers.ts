/**
 * The worker threads of natscope: a list of the files with which they begin, and one way to start them.
 *
 * The paths are data and not imports, so rooms further up are not imported from here. The bundler reads this list to
 * write a file for each worker; `test/threads/workers.test.ts` checks that the list is complete.
 */
import { Worker } from "node:worker_threads";

/** Source file of each worker, from `src/`. */
export const WORKER_FILES = {
  /** Compares passwords with bcrypt hashes. */
  bcrypt: "http/access/bcrypt-worker.ts",
  /** Runs the senders and receivers of a scenario. */
  load: "bench/runner/thread-entry.ts",
  /** Measures how late the machine wakes up a sleeping thread. */
  hiccup: "bench/environment/hiccup-thread.ts",
  /** Measures round trips on an idle connection. */
  probe: "bench/environment/probe-thread.ts",
  /** Acts as a NATS server that stores nothing. */
  "null-peer": "bench/environment/null-peer-thread.ts",
} as const satisfies Readonly<Record<string, `${string}.ts`>>;

/** Name of a worker in `WORKER_FILES`. */
export type WorkerName = keyof typeof WORKER_FILES;

/** Defined by `tools/bundle.ts`: the bundle has the workers' files next to the main file. */
declare const NATSCOPE_IS_BUNDLED: true | undefined;

/** File name of a worker in the bundle. */
export function bundledWorkerFile(name: WorkerName): string {
  return `${name}-worker.js`;
}

/** @param workerData cloned to the thread, which reads it as `workerData` of `node:worker_threads` */
export function startWorker(name: WorkerName, workerData?: unknown): Worker {
  return new Worker(new URL(workerPath(name), import.meta.url), { workerData });
}

/** Path relative to the file that runs: this source, its JavaScript in `dist/threads/`, or the bundle. */
function workerPath(name: WorkerName): string {
  if (typeof NATSCOPE_IS_BUNDLED !== "undefined") return `./${bundledWorkerFile(name)}`;
  const source = `../${WORKER_FILES[name]}`;
  return import.meta.url.endsWith(".ts") ? source : source.replace(/\.ts$/, ".js");
}
