/**
 * The control group that limits this process's processor time, such as that of a container. Both versions of the
 * interface (Linux, admin-guide/cgroup-v2 and scheduler/sched-bwc).
 */
import type { ReadSystemFile } from "./system-files.ts";

const ROOT = "/sys/fs/cgroup";

/** Periods in which the limit applied, and those in which it throttled the group. */
export interface Throttling {
  readonly periods: number;
  readonly throttled: number;
}

/**
 * Maximum number of processors that this process may use at a time: `1.5`. Undefined if there is no limit.
 */
export function processorLimit(read: ReadSystemFile): number | undefined {
  const limits = directoriesOf(read).flatMap((directory) => limitOf(directory, read) ?? []);
  return limits.length > 0 ? Math.min(...limits) : undefined;
}

/** Counters since the start of the group; undefined if the kernel has none. */
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

/** The group's own directory first, then its ancestors, whose limits apply, too. */
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

/** Returns `/a/b`, `/a` and the root: a container sees its own group as the root, under any path. */
function ancestorsOf(path: string): readonly string[] {
  const names = path.split("/").filter((name) => name !== "" && name !== "..");
  return [...names.map((_, i) => `/${names.slice(0, names.length - i).join("/")}`), ""];
}

function limitOf(directory: string, read: ReadSystemFile): number | undefined {
  const [quota, period] =
    read(`${directory}/cpu.max`)?.trim().split(" ") ??
    [`${directory}/cpu.cfs_quota_us`, `${directory}/cpu.cfs_period_us`].map((file) => read(file)?.trim());
  const limit = Number(quota) / Number(period);
  // No limit is "max" in version 2 and -1 in version 1.
  return limit > 0 && Number.isFinite(limit) ? limit : undefined;
}
