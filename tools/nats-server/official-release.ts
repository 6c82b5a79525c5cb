/**
 * Downloads the official release archive for this platform, verifies its checksum and unpacks it with the
 * system's tar.
 */
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import * as http from "node:http";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { messageOf, runCommand } from "./command.ts";
import type { Platform, Release } from "./releases.ts";

/** Base URL of `v2.15.2/nats-server-v2.15.2-linux-amd64.tar.gz` and `v2.15.2/SHA256SUMS`. */
export const OFFICIAL_RELEASES = "https://github.com/nats-io/nats-server/releases/download";

const HEADERS_TIMEOUT_MS = 20_000;
const WHOLE_TIMEOUT_MS = 5 * 60_000;
const UNPACK_TIMEOUT_MS = 60_000;
/** Archives are 5 to 8 MB. */
const ARCHIVE_LIMIT_BYTES = 64 * 1024 * 1024;
const CHECKSUMS_LIMIT_BYTES = 64 * 1024;

const OPERATING_SYSTEMS: Readonly<Record<string, string>> = {
  linux: "linux",
  darwin: "darwin",
  win32: "windows",
};
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };
const PLATFORMS: ReadonlySet<string> = new Set<Platform>([
  "linux-amd64",
  "linux-arm64",
  "darwin-amd64",
  "darwin-arm64",
  "windows-amd64",
]);

/** This platform as release archives name it, or undefined if no archive exists for it. */
export function thisPlatform(): Platform | undefined {
  const name = `${OPERATING_SYSTEMS[process.platform]}-${ARCHITECTURES[process.arch]}`;
  return PLATFORMS.has(name) ? (name as Platform) : undefined;
}

/** Downloads into `directory` and returns the path of the binary. Rejects with the reason. */
export async function downloadRelease(
  { version, sha256 }: Release,
  directory: string,
  releasesUrl: string = OFFICIAL_RELEASES,
): Promise<string> {
  const platform = thisPlatform();
  if (!platform) throw new Error(`no release archive is known for ${process.platform} ${process.arch}`);
  useProxyOfEnvironment();
  const stem = `nats-server-v${version}-${platform}`;
  const archive = `${stem}.${platform.startsWith("windows") ? "zip" : "tar.gz"}`;
  const base = `${releasesUrl}/v${version}`;
  const expected = sha256[platform] ?? (await checksumOfRelease(`${base}/SHA256SUMS`, archive));
  const file = join(directory, archive);
  const actual = await download(`${base}/${archive}`, file);
  if (actual !== expected) {
    throw new Error(`${base}/${archive} has SHA-256 ${actual}, expected ${expected}: refused`);
  }
  // The tar of Windows 10 and later also unpacks zip archives.
  await runCommand("tar", ["-xf", archive], { cwd: directory, timeoutMs: UNPACK_TIMEOUT_MS });
  return join(directory, stem, platform.startsWith("windows") ? "nats-server.exe" : "nats-server");
}

/** Writes the response to a file and returns its SHA-256. */
async function download(url: string, file: string): Promise<string> {
  const hash = createHash("sha256");
  const hashing = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(Readable.from(bytesOf(url, ARCHIVE_LIMIT_BYTES)), hashing, createWriteStream(file));
  return hash.digest("hex");
}

async function checksumOfRelease(url: string, archive: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytesOf(url, CHECKSUMS_LIMIT_BYTES)) chunks.push(chunk);
  for (const line of Buffer.concat(chunks).toString("utf8").split("\n")) {
    const match = /^([0-9a-f]{64})\s+\*?(\S+)\s*$/.exec(line);
    if (match?.[2] === archive) return match[1] as string;
  }
  throw new Error(`${url} has no checksum for ${archive}`);
}

/**
 * Returns the body of a 200 response, limited in size and time; otherwise rejects with the URL in the
 * message.
 */
async function* bytesOf(url: string, limitBytes: number): AsyncGenerator<Uint8Array> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new Error("no answer")), HEADERS_TIMEOUT_MS);
  const signal = AbortSignal.any([silence.signal, AbortSignal.timeout(WHOLE_TIMEOUT_MS)]);
  try {
    const response = await fetch(url, { signal, redirect: "follow" });
    clearTimeout(timer);
    if (response.status !== 200 || !response.body) throw new Error(`HTTP ${response.status}`);
    const announced = announcedLength(response);
    if (announced !== undefined && announced > limitBytes) throw new Error(`more than ${limitBytes} bytes`);
    let received = 0;
    for await (const chunk of response.body) {
      received += chunk.length;
      if (received > limitBytes) throw new Error(`more than ${limitBytes} bytes`);
      yield chunk;
    }
    if (announced !== undefined && announced !== received)
      throw new Error(`${received} of ${announced} bytes`);
  } catch (error) {
    throw new Error(`${url}: ${messageOf(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Length of the body by its header; undefined if it is compressed, because then the header counts compressed
 * bytes.
 */
function announcedLength({ headers }: Response): number | undefined {
  const length = headers.get("content-length");
  return length === null || headers.has("content-encoding") ? undefined : Number(length);
}

/** fetch() uses HTTPS_PROXY and NO_PROXY only with this option. */
function useProxyOfEnvironment(): void {
  http.setGlobalProxyFromEnv?.();
}
