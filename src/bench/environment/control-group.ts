/**
 * The control group that limits this process's processor time: what a container gets. Both versions of the
 * interface (Linux, admin-guide/cgroup-v2 and scheduler/sched-bwc).
 */
import type { ReadSystemFile } from "./system-files.ts";

const ROOT = "/sys/fs/cgroup";

/** How often a limit was looked at, and how often it held something up. */
export interface Throttling {
  readonly periods: number;
  readonly throttled: number;
}

/** Processors that this process may use at a time: `1.5`. Undefined where nothing limits them. */
export function processorLimit(read: ReadSystemFile): number | undefined {
  const limits = directoriesOf(read).flatMap((directory) => limitOf(directory, read) ?? []);
  return limits.length > 0 ? Math.min(...limits) : undefined;
}

/** Since the group began; undefined where nobody counts it. */
export function throttlingOf(read: ReadSystemFile): Throttling | undefined {
  for (const directory of directoriesOf(read)) {
    const text = read(`${directory}/cpu.stat`);
    const number = (name: string) => {
      const [, digits] = new RegExp(`^${name} (\\d+)$`, "m").exec(text ?? "") ?? [];
      return digits === undefined ? undefined : Number(digits);
    };
    const periods = number("nr_periods");
    const throttled = number("nr_throttled");
    if (periods !== undefined && throttled !== undefined) return { periods, throttled };
  }
  return undefined;
}

/** The group's own directory first, then those above it, whose limits hold as well. */
function directoriesOf(read: ReadSystemFile): readonly string[] {
  const lines = (read("/proc/self/cgroup") ?? "").trim().split("\n");
  const directories = lines.flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined || controllers === undefined) return [];
    if (controllers === "") return ancestorsOf(path).map((one) => `${ROOT}${one}`);
    if (!controllers.split(",").includes("cpu")) return [];
    return [controllers, "cpu"].flatMap((name) => ancestorsOf(path).map((one) => `${ROOT}/${name}${one}`));
  });
  return directories;
}

/** `/a/b`, `/a` and the root itself: a container sees its own group as the root, under whatever path. */
function ancestorsOf(path: string): readonly string[] {
  const names = path.split("/").filter((name) => name !== "" && name !== "..");
  return [...names.map((_, i) => `/${names.slice(0, names.length - i).join("/")}`), ""];
}

function limitOf(directory: string, read: ReadSystemFile): number | undefined {
  const [quota, period] =
    read(`${directory}/cpu.max`)?.trim().split(" ") ??
    [`${directory}/cpu.cfs_quota_us`, `${directory}/cpu.cfs_period_us`].map((file) => read(file)?.trim());
  const limit = Number(quota) / Number(period);
  // Version 2 has no limit as "max", version 1 as -1.
  return limit > 0 && Number.isFinite(limit) ? limit : undefined;
}
