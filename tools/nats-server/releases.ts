/**
 * The nats-server releases that the demo, the tests and the benchmarks run, as data.
 *
 * Versions and checksums only; `obtain.ts` turns one into a binary.
 */

/** A platform as the release archives name it. */
export type Platform = "linux-amd64" | "linux-arm64" | "darwin-amd64" | "darwin-arm64" | "windows-amd64";

/** One pinned release. */
export interface Release {
  /** Major and minor version, such as `2.10`; tests depend on nothing else. */
  readonly line: string;
  /** Full version without a `v`: `2.10.27`. */
  readonly version: string;
  /**
   * SHA-256 of the official archive, in hexadecimal, for Linux and Windows as pinned by the Dockerfiles of
   * nats-io/nats-docker. For an archive without a pinned checksum the SHA256SUMS file of the release is used. That is
   * weaker (it detects a broken download, not a replaced release), so pin a checksum if you can.
   */
  readonly sha256: Readonly<Partial<Record<Platform, string>>>;
}

/** Newest first; the last one is the oldest line that natscope supports. */
export const RELEASES: readonly [Release, ...Release[]] = [
  {
    line: "2.15",
    version: "2.15.2",
    sha256: {},
  },
  {
    line: "2.10",
    version: "2.10.27",
    sha256: {
      "linux-amd64": "0c3f53edaf1acccc41866d49d9c3626c9de8c9138b2fc11bbadfd3a4eb544ef1",
      "linux-arm64": "47067e41dc27890d9665ddf429ce24f9ed50bddd035dee63b915fcfcb1f8043b",
      "windows-amd64": "f7033b98f4e063cc4790e3a1ec4853f2f5f6a474fea6090de8a04f851d46e277",
    },
  },
  {
    line: "2.9",
    version: "2.9.25",
    sha256: {
      "linux-amd64": "2da5e9ba29ec29a5e44775c1cfe8ade6e3506606b4b361276dfd8a08f273da99",
      "linux-arm64": "68551379667a0caffc5c5302f817b99b89c133077ca84b2cf72e1947a46e0e9e",
      "windows-amd64": "7cebcf3487ebeae9ab66e2af8a99ce891d78357bb9325de95d1c38bbf5c647a2",
    },
  },
];

/** Oldest version that natscope supports, as numbers. */
export const OLDEST_SUPPORTED = [2, 9, 0] as const;

/**
 * Version requirement: a full version (exactly `2.10.27`), a line (`2.10`: its pinned release, or any other that is
 * installed), or undefined (any supported version).
 */
export type Wanted = string | undefined;

/** Returns the pinned release that meets the requirement, or undefined. */
export function pinnedRelease(wanted: Wanted): Release | undefined {
  if (wanted === undefined) return RELEASES[0];
  return RELEASES.find(({ line, version }) => line === wanted || version === wanted);
}

/** Whether a server of this version meets the requirement. */
export function satisfies(version: string, wanted: Wanted): boolean {
  if (wanted === undefined) return compareVersions(version, OLDEST_SUPPORTED.join(".")) >= 0;
  return version === wanted || version.startsWith(`${wanted}.`);
}

/** Negative if `a` is older than `b`, 0 if equal, positive if newer. Suffixes (`-RC.1`) are ignored. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbersOf(version: string): number[] {
  return version.split(/[.-]/, 3).map(Number);
}

/** Words for a message: `nats-server 2.10`, `nats-server 2.9 or newer`. */
export function describeWanted(wanted: Wanted): string {
  return wanted === undefined
    ? `nats-server ${OLDEST_SUPPORTED[0]}.${OLDEST_SUPPORTED[1]} or newer`
    : `nats-server ${wanted}`;
}
