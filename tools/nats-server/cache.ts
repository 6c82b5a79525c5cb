/**
 * Cache of downloaded nats-servers: one directory for each version and platform in `.cache/` of the project.
 *
 * A binary enters the cache by a rename, so the cache never holds a partial file. The lock only prevents several
 * processes from downloading the same server; without it they would still not damage each other's files.
 */
import { chmod, copyFile, mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { compareVersions, satisfies, type Wanted } from "./releases.ts";

/** `.cache/nats-server` in the root of the project. */
export const PROJECT_CACHE: string = fileURLToPath(new URL("../../.cache/nats-server", import.meta.url));

const BINARY = process.platform === "win32" ? "nats-server.exe" : "nats-server";
const WORK = "work-";
const SUFFIX = `-${process.platform}-${process.arch}`;

/**
 * Returns the paths of matching binaries, newest first. A binary may still be broken: run it to get its
 * version.
 */
export async function cachedServers(cache: string, wanted: Wanted): Promise<string[]> {
  const entries = await readdir(cache).catch(() => []);
  return entries
    .filter((entry) => entry.startsWith("v") && entry.endsWith(SUFFIX))
    .map((entry) => entry.slice(1, -SUFFIX.length))
    .filter((version) => satisfies(version, wanted))
    .sort((a, b) => compareVersions(b, a))
    .map((version) => pathInCache(cache, version));
}

function pathInCache(cache: string, version: string): string {
  return join(cache, `v${version}${SUFFIX}`, BINARY);
}

/** Copies the binary into the cache and returns its new path. */
export async function keep(cache: string, binary: string, version: string): Promise<string> {
  const target = pathInCache(cache, version);
  await mkdir(dirname(target), { recursive: true });
  const partial = `${target}.${process.pid}.${Math.random().toString(36).slice(2)}.partial`;
  try {
    await copyFile(binary, partial);
    await chmod(partial, 0o755);
    await rename(partial, target);
  } finally {
    await rm(partial, { force: true });
  }
  return target;
}

/** Creates a directory inside the cache (so that a rename stays on one disk) and removes it after `use`. */
export async function withWorkDirectory<T>(
  cache: string,
  use: (directory: string) => Promise<T>,
): Promise<T> {
  await mkdir(cache, { recursive: true });
  const directory = await mkdtemp(join(cache, WORK));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Removes directories of killed processes. They are unused: only the holder of the lock creates them. */
async function removeLeftovers(cache: string): Promise<void> {
  for (const entry of await readdir(cache)) {
    if (entry.startsWith(WORK)) await rm(join(cache, entry), { recursive: true, force: true });
  }
}

const LOCK_POLL_MS = 100;
/** Longer than the slowest download or build, so an older lock belongs to a killed process. */
const LOCK_STALE_MS = 20 * 60_000;

/** Runs `use` while no other process on this machine runs it for the same cache. */
export async function withLock<T>(cache: string, use: () => Promise<T>): Promise<T> {
  await mkdir(cache, { recursive: true });
  const lock = join(cache, "lock");
  while (!(await acquire(lock))) {
    if (await isStale(lock)) await rm(lock, { force: true });
    else await sleep(LOCK_POLL_MS);
  }
  try {
    await removeLeftovers(cache);
    return await use();
  } finally {
    await rm(lock, { force: true });
  }
}

async function acquire(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, "wx");
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Whether the process that created the lock ended without removing it. */
async function isStale(lock: string): Promise<boolean> {
  try {
    const [holder, { mtimeMs }] = await Promise.all([readFile(lock, "utf8"), stat(lock)]);
    if (Date.now() - mtimeMs > LOCK_STALE_MS) return true;
    return holder !== "" && !isAlive(Number(holder));
  } catch {
    return false; // The lock was just removed: the next attempt decides.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
