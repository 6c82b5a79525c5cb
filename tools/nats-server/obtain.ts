/**
 * Finds a real nats-server on this machine, or downloads one once into the project's cache.
 *
 * The demo, the tests and the benchmarks need it. natscope itself neither needs nor starts a server.
 */
import { cachedServers, keep, PROJECT_CACHE, withLock, withWorkDirectory } from "./cache.ts";
import { findPrograms, messageOf, runCommand } from "./command.ts";
import { unpackDistributionPackage } from "./distribution-package.ts";
import { goInstall } from "./go-install.ts";
import { downloadRelease, OFFICIAL_RELEASES } from "./official-release.ts";
import { describeWanted, pinnedRelease, type Release, satisfies, type Wanted } from "./releases.ts";

export interface ObtainOptions {
  /** Directory of downloaded servers. Default: `.cache/nats-server` of the project. */
  readonly cache?: string;
  /** URL of the release archives. Default: GitHub. */
  readonly releasesUrl?: string;
  /** Receives a sentence before each slow step, such as a download. Default: none. */
  readonly report?: (sentence: string) => void;
  /** Sources to try, by name. Default: all. */
  readonly sources?: readonly SourceName[];
}

export type SourceName = "environment" | "path" | "cache" | "release" | "go" | "distribution";

/** No source has the server; the message lists each source with its failure, and how to install a server. */
export class NatsServerUnavailable extends Error {
  override name = "NatsServerUnavailable";
}

/** One source of binaries. `find` returns the path of a matching server, or why the source has none. */
interface Source {
  readonly name: SourceName;
  readonly title: string;
  readonly find: (wanted: Wanted, context: Context) => Promise<Found>;
}

type Found = { readonly path: string } | { readonly reason: string };

interface Context {
  readonly cache: string;
  readonly releasesUrl: string;
  readonly report: (sentence: string) => void;
}

/** Sources on this machine. */
const LOCAL_SOURCES: readonly Source[] = [
  { name: "environment", title: "$NATS_SERVER", find: findInEnvironment },
  { name: "path", title: "PATH", find: (wanted) => firstThatFits(findPrograms("nats-server"), wanted) },
  {
    name: "cache",
    title: "cache",
    find: async (wanted, { cache }) => firstThatFits(await cachedServers(cache, wanted), wanted),
  },
];

/** Sources that download or build a server into the cache. */
const REMOTE_SOURCES: readonly Source[] = [
  {
    name: "release",
    title: "official release",
    find: (wanted, context) =>
      fetchPinned(wanted, context, (release, directory) => {
        context.report(`downloading nats-server ${release.version}`);
        return downloadRelease(release, directory, context.releasesUrl);
      }),
  },
  {
    name: "go",
    title: "go install",
    find: (wanted, context) =>
      fetchPinned(wanted, context, ({ version }, directory) => {
        const [go] = findPrograms("go");
        if (!go) throw new Error("go not found on the PATH");
        context.report(`building nats-server ${version} with go install`);
        return goInstall(go, version, directory);
      }),
  },
  {
    name: "distribution",
    title: "Debian package",
    find: (wanted, context) =>
      fetchWith(wanted, context, (directory) => {
        context.report(`looking for ${describeWanted(wanted)} in the packages of this distribution`);
        return unpackDistributionPackage(wanted, directory);
      }),
  },
];

/**
 * Returns the path of a nats-server binary.
 *
 * Tries, in this order: `$NATS_SERVER` (for one line `$NATS_SERVER_2_10`), the PATH, the cache, the official release,
 * a build with Go, and the distribution's package. Servers of other versions are passed over.
 *
 * @param wanted a full version, a line such as `2.10`, or undefined for any supported version
 * @throws NatsServerUnavailable if no source has such a server
 */
export async function obtainNatsServer(wanted?: string, options: ObtainOptions = {}): Promise<string> {
  const context: Context = {
    cache: options.cache ?? PROJECT_CACHE,
    releasesUrl: options.releasesUrl ?? OFFICIAL_RELEASES,
    report: options.report ?? (() => {}),
  };
  const allowed = ({ name }: Source): boolean => options.sources?.includes(name) ?? true;
  const local = LOCAL_SOURCES.filter(allowed);
  const found = await firstSource(local, wanted, context);
  if ("path" in found) return found.path;
  return await withLock(context.cache, async () => {
    // The previous holder of the lock may have downloaded it.
    const again = await firstSource(local, wanted, context);
    if ("path" in again) return again.path;
    const fetched = await firstSource(REMOTE_SOURCES.filter(allowed), wanted, context);
    if ("path" in fetched) return fetched.path;
    throw new NatsServerUnavailable(explain(wanted, [...again.tried, ...fetched.tried]));
  });
}

/**
 * Returns the version that a binary reports, such as `2.10.27`. Rejects if it does not run or is not a
 * nats-server.
 */
export async function versionOf(binary: string): Promise<string> {
  const answer = await runCommand(binary, ["--version"], { timeoutMs: 30_000 });
  const version = /nats-server:? v?(\d+\.\d+\.\d+\S*)/.exec(answer)?.[1];
  if (version === undefined) throw new Error(`${binary} --version does not print a nats-server version`);
  return version;
}

interface Tried {
  readonly title: string;
  readonly reason: string;
}

async function firstSource(
  sources: readonly Source[],
  wanted: Wanted,
  context: Context,
): Promise<{ path: string } | { tried: Tried[] }> {
  const tried: Tried[] = [];
  for (const { title, find } of sources) {
    const found = await find(wanted, context);
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
  return { reason: reasons.length > 0 ? reasons.join("; ") : "not found" };
}

function fetchPinned(
  wanted: Wanted,
  context: Context,
  fetchRelease: (release: Release, directory: string) => Promise<string>,
): Promise<Found> {
  return fetchWith(wanted, context, async (directory) => {
    return await fetchRelease(pinnedRelease(wanted) ?? unpinned(wanted), directory);
  });
}

/**
 * A release without a pinned checksum, which is verified by its own SHA256SUMS only. Needs a full version.
 */
function unpinned(wanted: Wanted): Release {
  if (wanted === undefined || !/^\d+\.\d+\.\d+/.test(wanted))
    throw new Error(`no pinned release matches ${wanted}`);
  return { line: wanted.split(".", 2).join("."), version: wanted, sha256: {} };
}

/** Downloads into a temporary directory, and keeps the binary only if it runs and has the wanted version. */
async function fetchWith(
  wanted: Wanted,
  { cache }: Context,
  fetchInto: (directory: string) => Promise<string>,
): Promise<Found> {
  try {
    return await withWorkDirectory(cache, async (directory) => {
      const binary = await fetchInto(directory);
      const version = await versionOf(binary);
      if (!satisfies(version, wanted)) return { reason: `got version ${version}` };
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
    `${describeWanted(wanted)} not found. Tried, in this order:`,
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
    "and put it on the PATH, or set its path: NATS_SERVER=/path/to/nats-server",
  ].join("\n");
}
