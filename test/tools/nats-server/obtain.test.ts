/**
 * Tests of the sources of a binary. A local HTTP server serves archives of a real server, because a test must not
 * depend on the release page. `go install` and the Debian package need the network and minutes; a machine without a
 * cache uses them before this file runs.
 */
import { createHash } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runCommand } from "../../../tools/nats-server/command.ts";
import { NatsServerUnavailable, obtainNatsServer, versionOf } from "../../../tools/nats-server/obtain.ts";
import { thisPlatform } from "../../../tools/nats-server/official-release.ts";
import { SERVER_VERSIONS } from "../../outside-programs.ts";

const [real] = SERVER_VERSIONS;
if (!real) throw new Error("these tests need a nats-server of some version");

let directory: string;
let cache: string;
let served: Server | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "natscope-obtain-"));
  cache = join(directory, "cache");
  vi.stubEnv("NATS_SERVER", "");
  vi.stubEnv(`NATS_SERVER_${real.line.replace(".", "_")}`, "");
});

afterEach(() => {
  served?.close();
  served?.closeAllConnections();
  served = undefined;
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true, force: true });
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  served = server;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function failure(wanted: string, options: Parameters<typeof obtainNatsServer>[1]): Promise<Error> {
  return obtainNatsServer(wanted, { cache, ...options }).then(
    () => Promise.reject(new Error("a server was found")),
    (error: unknown) => error as Error,
  );
}

describe("an official release", () => {
  const { version } = real;
  const stem = `nats-server-v${version}-${thisPlatform()}`;
  const archive = `${stem}.tar.gz`;

  async function realArchive(): Promise<Buffer> {
    mkdirSync(join(directory, stem));
    copyFileSync(real?.binary as string, join(directory, stem, "nats-server"));
    await runCommand("tar", ["-czf", archive, stem], { cwd: directory, timeoutMs: 60_000 });
    return readFileSync(join(directory, archive));
  }

  const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

  /** Answers like the release page, and notes the requested paths. */
  function release(body: Buffer, checksum: string, asked: string[] = []): RequestListener {
    return (request, response) => {
      asked.push(request.url ?? "");
      if (request.url === `/v${version}/SHA256SUMS`)
        response.end(`${"0".repeat(64)}  other.zip\n${checksum}  ${archive}\n`);
      else if (request.url === `/v${version}/${archive}`) response.end(body);
      else response.writeHead(404).end();
    };
  }

  it("is downloaded once for concurrent callers, and then taken from the cache", async () => {
    const body = await realArchive();
    const asked: string[] = [];
    const releasesUrl = await serve(release(body, sha256(body), asked));
    const options = { cache, releasesUrl, sources: ["cache", "release"] as const };
    const paths = await Promise.all([1, 2, 3].map(() => obtainNatsServer(version, options)));
    expect(new Set(paths).size).toBe(1);
    expect(await versionOf(paths[0] as string)).toBe(version);
    expect(asked.filter((path) => path.endsWith(archive))).toHaveLength(1);
    expect(readdirSync(cache)).toHaveLength(1);
    expect(await obtainNatsServer(version, { cache, sources: ["cache"] })).toBe(paths[0]);
  });

  it("is rejected if its checksum differs", async () => {
    const body = await realArchive();
    const releasesUrl = await serve(release(body, "a".repeat(64)));
    const { message } = await failure(version, { releasesUrl, sources: ["release"] });
    expect(message).toContain(`has SHA-256 ${sha256(body)}, expected ${"a".repeat(64)}: refused`);
    expect(readdirSync(cache)).toEqual([]);
  });

  it("is rejected by the pinned checksum, without a look at the release's own", async () => {
    const pinned = "2.10.27";
    const asked: string[] = [];
    const releasesUrl = await serve((request, response) => {
      asked.push(request.url ?? "");
      response.end("not what was released");
    });
    const { message } = await failure(pinned, { releasesUrl, sources: ["release"] });
    expect(message).toContain("refused");
    expect(asked).toHaveLength(1);
  });

  it("is rejected if the download breaks off", async () => {
    const body = await realArchive();
    const releasesUrl = await serve((request, response) => {
      if (request.url?.endsWith("SHA256SUMS")) return response.end(`${sha256(body)}  ${archive}\n`);
      response.writeHead(200, { "content-length": body.length });
      response.write(body.subarray(0, body.length / 2), () => response.destroy());
      return;
    });
    const { message } = await failure(version, { releasesUrl, sources: ["release"] });
    expect(message).toContain(`${releasesUrl}/v${version}/${archive}: `);
    expect(readdirSync(cache)).toEqual([]);
  });

  it("is rejected if it is larger than any archive", async () => {
    const releasesUrl = await serve((request, response) => {
      if (request.url?.endsWith("SHA256SUMS")) return response.end(`${"a".repeat(64)}  ${archive}\n`);
      return response.writeHead(200, { "content-length": 1e12 }).write("x");
    });
    const { message } = await failure(version, { releasesUrl, sources: ["release"] });
    expect(message).toMatch(/more than \d+ bytes/);
  });

  it("is not downloaded if the release has no checksum for it", async () => {
    const releasesUrl = await serve((_request, response) => response.end("<html>sign in</html>"));
    const { message } = await failure(version, { releasesUrl, sources: ["release"] });
    expect(message).toContain(`has no checksum for ${archive}`);
  });

  it("reports the HTTP status", async () => {
    const releasesUrl = await serve((_request, response) => response.writeHead(503).end());
    const { message } = await failure(version, { releasesUrl, sources: ["release"] });
    expect(message).toContain("HTTP 503");
  });
});

describe("an installed server", () => {
  it("is taken from $NATS_SERVER before the PATH", async () => {
    vi.stubEnv("NATS_SERVER", real.binary);
    vi.stubEnv("PATH", "/nowhere");
    expect(await obtainNatsServer(undefined, { cache })).toBe(real.binary);
    expect(await obtainNatsServer(real.version, { cache })).toBe(real.binary);
  });

  it("is taken from the variable of its line", async () => {
    vi.stubEnv(`NATS_SERVER_${real.line.replace(".", "_")}`, real.binary);
    expect(await obtainNatsServer(real.line, { cache, sources: ["environment"] })).toBe(real.binary);
  });

  it("is found on the PATH", async () => {
    const bin = join(directory, "bin");
    mkdirSync(bin);
    copyFileSync(real.binary, join(bin, "nats-server"));
    vi.stubEnv("PATH", `/nowhere:${bin}`);
    expect(await obtainNatsServer(real.line, { cache })).toBe(join(bin, "nats-server"));
  });

  it("is passed over if it has another version or does not run", async () => {
    vi.stubEnv("NATS_SERVER", real.binary);
    const other = await failure("1.0.0", { sources: ["environment"] });
    expect(other.message).toContain(`${real.binary} is ${real.version}`);
    vi.stubEnv("NATS_SERVER", process.execPath);
    const stranger = await failure(real.version, { sources: ["environment"] });
    expect(stranger.message).toContain("does not print a nats-server version");
    vi.stubEnv("NATS_SERVER", join(directory, "missing"));
    const missing = await failure(real.version, { sources: ["environment"] });
    expect(missing.message).toContain("ENOENT");
  });
});

it("reports each source with its failure, and how to install a server", async () => {
  vi.stubEnv("PATH", "/nowhere");
  vi.stubEnv("NATS_SERVER_2_10", "");
  const releasesUrl = await serve((_request, response) => response.writeHead(404).end());
  const error = await failure("2.10", { releasesUrl });
  expect(error).toBeInstanceOf(NatsServerUnavailable);
  const url = `${releasesUrl}/v2.10.27/nats-server-v2.10.27-${thisPlatform()}.tar.gz`;
  expect(error.message.split("\n").slice(0, 8)).toEqual([
    "nats-server 2.10 not found. Tried, in this order:",
    "  $NATS_SERVER      NATS_SERVER_2_10 and NATS_SERVER not set",
    "  PATH              not found",
    "  cache             not found",
    thisPlatform()?.startsWith("darwin")
      ? expect.stringContaining("SHA256SUMS: HTTP 404")
      : `  official release  ${url}: HTTP 404`,
    "  go install        go not found on the PATH",
    "  Debian package    apt-get not found; other package managers are not tried",
    "",
  ]);
  for (const system of ["Debian", "macOS", "Windows"]) expect(error.message).toContain(system);
});

it("does not wait for a lock whose holder has ended", async () => {
  mkdirSync(cache);
  // No process has this id: it is above the maximum of Linux and macOS.
  writeFileSync(join(cache, "lock"), "99999999");
  const { message } = await failure("2.10", { sources: ["cache"] });
  expect(message).toContain("nats-server 2.10 not found");
  expect(readdirSync(cache)).toEqual([]);
});
