/**
 * A real nats-server on any machine: found if it is there, else fetched once into the project's cache.
 *
 * For the demo, the tests and the benchmarks. natscope itself neither needs nor starts a server.
 */
import { cachedServers, keep, PROJECT_CACHE, withLock, withWorkDirectory } from "./cache.ts";
import { findPrograms, messageOf, runCommand } from "./command.ts";
import { unpackDistributionPackage } from "./distribution-package.ts";
import { goInstall } from "./go-install.ts";
import { downloadRelease, OFFICIAL_RELEASES } from "./official-release.ts";
import { describeWanted, pinnedRelease, type Release, satisfies, type Wanted } from "./releases.ts";

export interface ObtainOptions {
  /** Where fetched servers are kept. Default: `.cache/nats-server` of the project. */
  readonly cache?: string;
  /** Where release archives are. Default: GitHub. */
  readonly releasesUrl?: string;
  /** Told in a sentence about what takes its time. Default: nobody is. */
  readonly say?: (sentence: string) => void;
  /** Ways to try, by name. Default: all. */
  readonly ways?: readonly WayName[];
}

export type WayName = "environment" | "path" | "cache" | "release" | "go" | "distribution";

/** No way led to a server; the message lists each way, why it failed, and how to install one. */
export class NatsServerUnavailable extends Error {
  override name = "NatsServerUnavailable";
}

/** One way to a binary. `find` returns the path of a server that fits, or why there is none. */
interface Way {
  readonly name: WayName;
  readonly title: string;
  readonly find: (wanted: Wanted, setting: Setting) => Promise<Found>;
}

type Found = { readonly path: string } | { readonly reason: string };

interface Setting {
  readonly cache: string;
  readonly releasesUrl: string;
  readonly say: (sentence: string) => void;
}

/** Where a server may be without fetching anything. */
const AT_HAND: readonly Way[] = [
  { name: "environment", title: "$NATS_SERVER", find: findInEnvironment },
  { name: "path", title: "PATH", find: (wanted) => firstThatFits(findPrograms("nats-server"), wanted) },
  {
    name: "cache",
    title: "cache",
    find: async (wanted, { cache }) => firstThatFits(await cachedServers(cache, wanted), wanted),
  },
];

/** How to fetch one, into the cache. */
const FETCHED: readonly Way[] = [
  {
    name: "release",
    title: "official release",
    find: (wanted, setting) =>
      fetchPinned(wanted, setting, (release, directory) => {
        setting.say(`downloading nats-server ${release.version}`);
        return downloadRelease(release, directory, setting.releasesUrl);
      }),
  },
  {
    name: "go",
    title: "go install",
    find: (wanted, setting) =>
      fetchPinned(wanted, setting, ({ version }, directory) => {
        const [go] = findPrograms("go");
        if (!go) throw new Error("no go on the PATH");
        setting.say(`building nats-server ${version} with go install`);
        return goInstall(go, version, directory);
      }),
  },
  {
    name: "distribution",
    title: "Debian package",
    find: (wanted, setting) =>
      fetchWith(wanted, setting, (directory) => {
        setting.say(`looking for ${describeWanted(wanted)} in the packages of this distribution`);
        return unpackDistributionPackage(wanted, directory);
      }),
  },
];

/**
 * Path of a nats-server binary.
 *
 * Looks, in this order, at `$NATS_SERVER` (for one line: `$NATS_SERVER_2_10`), the PATH and the cache; else
 * fetches the official release, builds with Go, or unpacks the distribution's package. A server that is not what
 * is wanted is passed over.
 *
 * @param wanted a full version, a line such as `2.10`, or undefined for any supported version
 * @throws NatsServerUnavailable where no way leads to one
 */
export async function obtainNatsServer(wanted?: string, options: ObtainOptions = {}): Promise<string> {
  const setting: Setting = {
    cache: options.cache ?? PROJECT_CACHE,
    releasesUrl: options.releasesUrl ?? OFFICIAL_RELEASES,
    say: options.say ?? (() => {}),
  };
  const allowed = ({ name }: Way): boolean => options.ways?.includes(name) ?? true;
  const atHand = AT_HAND.filter(allowed);
  const found = await firstWay(atHand, wanted, setting);
  if ("path" in found) return found.path;
  return await withLock(setting.cache, async () => {
    // Whoever held the lock before may have fetched it.
    const meanwhile = await firstWay(atHand, wanted, setting);
    if ("path" in meanwhile) return meanwhile.path;
    const fetched = await firstWay(FETCHED.filter(allowed), wanted, setting);
    if ("path" in fetched) return fetched.path;
    throw new NatsServerUnavailable(explain(wanted, [...meanwhile.tried, ...fetched.tried]));
  });
}

/** Version that a binary says it has, such as `2.10.27`. Rejects where it does not run or is no nats-server. */
export async function versionOf(binary: string): Promise<string> {
  const answer = await runCommand(binary, ["--version"], { timeoutMs: 30_000 });
  const version = /nats-server:? v?(\d+\.\d+\.\d+\S*)/.exec(answer)?.[1];
  if (version === undefined) throw new Error(`${binary} --version does not answer as a nats-server does`);
  return version;
}

interface Tried {
  readonly title: string;
  readonly reason: string;
}

async function firstWay(
  ways: readonly Way[],
  wanted: Wanted,
  setting: Setting,
): Promise<{ path: string } | { tried: Tried[] }> {
  const tried: Tried[] = [];
  for (const { title, find } of ways) {
    const found = await find(wanted, setting);
    if ("path" in found) return found;
    tried.push({ title, reason: found.reason });
  }
  return { tried };
}

async function findInEnvironment(wanted: Wanted): Promise<Found> {
  const line = pinnedRelease(wanted)?.line ?? wanted;
  const names =
    wanted === undefined ? ["NATS_SERVER"] : [`NATS_SERVER_${line?.replaceAll(".", "_")}`, "NATS_SERVER"];
  const paths = names.map((name) => process.env[name]).filter((path) => path !== undefined && path !== "");
  if (paths.length === 0) return { reason: `${names.join(" and ")} not set` };
  return await firstThatFits(paths as string[], wanted);
}

async function firstThatFits(paths: readonly string[], wanted: Wanted): Promise<Found> {
  const reasons: string[] = [];
  for (const path of paths) {
    try {
      const version = await versionOf(path);
      if (satisfies(version, wanted)) return { path };
      reasons.push(`${path} is ${version}`);
    } catch (error) {
      reasons.push(messageOf(error));
    }
  }
  return { reason: reasons.length > 0 ? reasons.join("; ") : "none there" };
}

function fetchPinned(
  wanted: Wanted,
  setting: Setting,
  fetchRelease: (release: Release, directory: string) => Promise<string>,
): Promise<Found> {
  return fetchWith(wanted, setting, async (directory) => {
    return await fetchRelease(pinnedRelease(wanted) ?? unpinned(wanted), directory);
  });
}

/** A version that nobody pinned is vouched for by its own release only; a line that nobody pinned names no version. */
function unpinned(wanted: Wanted): Release {
  if (wanted === undefined || !/^\d+\.\d+\.\d+/.test(wanted))
    throw new Error(`no release of ${wanted} is pinned`);
  return { line: wanted.split(".", 2).join("."), version: wanted, sha256: {} };
}

/** Fetches in a directory of its own, and keeps what came only if it runs and is what is wanted. */
async function fetchWith(
  wanted: Wanted,
  { cache }: Setting,
  fetchInto: (directory: string) => Promise<string>,
): Promise<Found> {
  try {
    return await withWorkDirectory(cache, async (directory) => {
      const binary = await fetchInto(directory);
      const version = await versionOf(binary);
      if (!satisfies(version, wanted)) return { reason: `what came is ${version}` };
      return { path: await keep(cache, binary, version) };
    });
  } catch (error) {
    return { reason: messageOf(error) };
  }
}

function explain(wanted: Wanted, tried: readonly Tried[]): string {
  const width = Math.max(...tried.map(({ title }) => title.length));
  const version = pinnedRelease(wanted)?.version ?? wanted;
  return [
    `No ${describeWanted(wanted)} could be had. Tried, in this order:`,
    ...tried.map(({ title, reason }) => `  ${title.padEnd(width)}  ${reason}`),
    "",
    "Install one, then run this again:",
    "  Debian, Ubuntu  sudo apt install nats-server",
    "  Alpine          sudo apk add nats-server",
    "  Arch            sudo pacman -S nats-server",
    "  macOS           brew install nats-server",
    "  Windows         scoop install nats-server",
    `  with Go         go install github.com/nats-io/nats-server/v2@v${version}`,
    `  anywhere        unpack https://github.com/nats-io/nats-server/releases/tag/v${version}`,
    "and put it on the PATH, or say where it is: NATS_SERVER=/path/to/nats-server",
  ].join("\n");
}
