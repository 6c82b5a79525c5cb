/**
 * Where fetched servers are kept: one directory for each version and platform, below `.cache/` of the project.
 *
 * A binary arrives whole, by rename, or not at all. The lock only spares several processes the same download;
 * that they do not harm each other follows from the rename.
 */
import { chmod, copyFile, mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { compareVersions, satisfies, type Wanted } from "./releases.ts";

/** `.cache/nats-server` beside `package.json`. */
export const PROJECT_CACHE: string = fileURLToPath(new URL("../../.cache/nats-server", import.meta.url));

const BINARY = process.platform === "win32" ? "nats-server.exe" : "nats-server";
const WORK = "work-";
const SUFFIX = `-${process.platform}-${process.arch}`;

/** Binaries that fit, newest first. They may be broken all the same: ask each for its version. */
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

/** Puts a copy of the binary into the cache and returns its path there. */
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

/** Gives a directory inside the cache (so that a rename stays on one disk), and removes it afterwards. */
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

/** What a killed process left. Only the holder of the lock makes work directories, so nobody is using them. */
async function removeLeftovers(cache: string): Promise<void> {
  for (const entry of await readdir(cache)) {
    if (entry.startsWith(WORK)) await rm(join(cache, entry), { recursive: true, force: true });
  }
}

const LOCK_POLL_MS = 100;
/** Longer than the slowest way of obtaining a server takes (a build by Go): then the holder was killed. */
const LOCK_STALE_MS = 20 * 60_000;

/** Runs `use` while no other process of this machine does for the same cache. */
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

/** Whether the process that made the lock has gone without removing it. */
async function isStale(lock: string): Promise<boolean> {
  try {
    const [holder, { mtimeMs }] = await Promise.all([readFile(lock, "utf8"), stat(lock)]);
    if (Date.now() - mtimeMs > LOCK_STALE_MS) return true;
    return holder !== "" && !isAlive(Number(holder));
  } catch {
    return false; // Just removed: the next attempt decides.
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
