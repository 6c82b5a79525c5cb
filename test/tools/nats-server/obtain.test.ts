/**
 * The roads to a binary. Archives are made from a real server and served by a local HTTP server, because a
 * test must not depend on somebody else's. `go install` and the Debian package need the network and minutes: they
 * are what a machine without a cache goes through before this file runs.
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

  /** Answers as the release page does; returns the paths asked for. */
  function release(body: Buffer, checksum: string, asked: string[] = []): RequestListener {
    return (request, response) => {
      asked.push(request.url ?? "");
      if (request.url === `/v${version}/SHA256SUMS`)
        response.end(`${"0".repeat(64)}  other.zip\n${checksum}  ${archive}\n`);
      else if (request.url === `/v${version}/${archive}`) response.end(body);
      else response.writeHead(404).end();
    };
  }

  it("is downloaded once for all who ask at the same time, and then comes from the cache", async () => {
    const body = await realArchive();
    const asked: string[] = [];
    const releasesUrl = await serve(release(body, sha256(body), asked));
    const options = { cache, releasesUrl, ways: ["cache", "release"] as const };
    const paths = await Promise.all([1, 2, 3].map(() => obtainNatsServer(version, options)));
    expect(new Set(paths).size).toBe(1);
    expect(await versionOf(paths[0] as string)).toBe(version);
    expect(asked.filter((path) => path.endsWith(archive))).toHaveLength(1);
    expect(readdirSync(cache)).toHaveLength(1);
    expect(await obtainNatsServer(version, { cache, ways: ["cache"] })).toBe(paths[0]);
  });

  it("is refused where its checksum is another", async () => {
    const body = await realArchive();
    const releasesUrl = await serve(release(body, "a".repeat(64)));
    const { message } = await failure(version, { releasesUrl, ways: ["release"] });
    expect(message).toContain(`has SHA-256 ${sha256(body)}, expected ${"a".repeat(64)}: refused`);
    expect(readdirSync(cache)).toEqual([]);
  });

  it("is refused by the pinned checksum, whatever the release itself says", async () => {
    const pinned = "2.10.27";
    const asked: string[] = [];
    const releasesUrl = await serve((request, response) => {
      asked.push(request.url ?? "");
      response.end("not what was released");
    });
    const { message } = await failure(pinned, { releasesUrl, ways: ["release"] });
    expect(message).toContain("refused");
    expect(asked).toHaveLength(1);
  });

  it("is refused where it breaks off", async () => {
    const body = await realArchive();
    const releasesUrl = await serve((request, response) => {
      if (request.url?.endsWith("SHA256SUMS")) return response.end(`${sha256(body)}  ${archive}\n`);
      response.writeHead(200, { "content-length": body.length });
      response.write(body.subarray(0, body.length / 2), () => response.destroy());
      return;
    });
    const { message } = await failure(version, { releasesUrl, ways: ["release"] });
    expect(message).toContain(`${releasesUrl}/v${version}/${archive}: `);
    expect(readdirSync(cache)).toEqual([]);
  });

  it("is refused where it is larger than any archive", async () => {
    const releasesUrl = await serve((request, response) => {
      if (request.url?.endsWith("SHA256SUMS")) return response.end(`${"a".repeat(64)}  ${archive}\n`);
      return response.writeHead(200, { "content-length": 1e12 }).write("x");
    });
    const { message } = await failure(version, { releasesUrl, ways: ["release"] });
    expect(message).toMatch(/more than \d+ bytes/);
  });

  it("is not looked for where the release has no checksum for it", async () => {
    const releasesUrl = await serve((_request, response) => response.end("<html>sign in</html>"));
    const { message } = await failure(version, { releasesUrl, ways: ["release"] });
    expect(message).toContain(`has no checksum for ${archive}`);
  });

  it("says the HTTP status", async () => {
    const releasesUrl = await serve((_request, response) => response.writeHead(503).end());
    const { message } = await failure(version, { releasesUrl, ways: ["release"] });
    expect(message).toContain("HTTP 503");
  });
});

describe("a server that is there already", () => {
  it("is taken from $NATS_SERVER before the PATH", async () => {
    vi.stubEnv("NATS_SERVER", real.binary);
    vi.stubEnv("PATH", "/nowhere");
    expect(await obtainNatsServer(undefined, { cache })).toBe(real.binary);
    expect(await obtainNatsServer(real.version, { cache })).toBe(real.binary);
  });

  it("is taken from the variable of its line", async () => {
    vi.stubEnv(`NATS_SERVER_${real.line.replace(".", "_")}`, real.binary);
    expect(await obtainNatsServer(real.line, { cache, ways: ["environment"] })).toBe(real.binary);
  });

  it("is found on the PATH", async () => {
    const bin = join(directory, "bin");
    mkdirSync(bin);
    copyFileSync(real.binary, join(bin, "nats-server"));
    vi.stubEnv("PATH", `/nowhere:${bin}`);
    expect(await obtainNatsServer(real.line, { cache })).toBe(join(bin, "nats-server"));
  });

  it("is passed over where it is another version, or nothing that runs", async () => {
    vi.stubEnv("NATS_SERVER", real.binary);
    const other = await failure("1.0.0", { ways: ["environment"] });
    expect(other.message).toContain(`${real.binary} is ${real.version}`);
    vi.stubEnv("NATS_SERVER", process.execPath);
    const stranger = await failure(real.version, { ways: ["environment"] });
    expect(stranger.message).toContain("does not answer as a nats-server does");
    vi.stubEnv("NATS_SERVER", join(directory, "missing"));
    const missing = await failure(real.version, { ways: ["environment"] });
    expect(missing.message).toContain("ENOENT");
  });
});

it("says once what was tried, why each failed, and how to install", async () => {
  vi.stubEnv("PATH", "/nowhere");
  vi.stubEnv("NATS_SERVER_2_10", "");
  const releasesUrl = await serve((_request, response) => response.writeHead(404).end());
  const error = await failure("2.10", { releasesUrl });
  expect(error).toBeInstanceOf(NatsServerUnavailable);
  const url = `${releasesUrl}/v2.10.27/nats-server-v2.10.27-${thisPlatform()}.tar.gz`;
  expect(error.message.split("\n").slice(0, 8)).toEqual([
    "No nats-server 2.10 could be had. Tried, in this order:",
    "  $NATS_SERVER      NATS_SERVER_2_10 and NATS_SERVER not set",
    "  PATH              none there",
    "  cache             none there",
    thisPlatform()?.startsWith("darwin")
      ? expect.stringContaining("SHA256SUMS: HTTP 404")
      : `  official release  ${url}: HTTP 404`,
    "  go install        no go on the PATH",
    "  Debian package    no apt-get here, and other package managers are not tried",
    "",
  ]);
  for (const system of ["Debian", "macOS", "Windows"]) expect(error.message).toContain(system);
});

it("does not wait for a lock whose holder is gone", async () => {
  mkdirSync(cache);
  // No process has this id: it is above what Linux and macOS allow.
  writeFileSync(join(cache, "lock"), "99999999");
  const { message } = await failure("2.10", { ways: ["cache"] });
  expect(message).toContain("No nats-server 2.10");
  expect(readdirSync(cache)).toEqual([]);
});
