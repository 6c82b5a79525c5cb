/** `go install` of nats-server at an exact version; Go verifies the source by its checksum database. */
import { join } from "node:path";
import { runCommand } from "./command.ts";

const BUILD_TIMEOUT_MS = 15 * 60_000;

/**
 * Builds with the given `go` into `directory` and returns the path of the binary. Rejects with the reason.
 */
export async function goInstall(go: string, version: string, directory: string): Promise<string> {
  // If GOBIN is set, Go refuses to build for another platform. Without cgo it needs no C compiler.
  const { GOOS: _os, GOARCH: _arch, ...inherited } = process.env;
  const env = { ...inherited, GOBIN: directory, CGO_ENABLED: "0", GOFLAGS: "-trimpath", GO111MODULE: "on" };
  await runCommand(go, ["install", `github.com/nats-io/nats-server/v2@v${version}`], {
    cwd: directory,
    env,
    timeoutMs: BUILD_TIMEOUT_MS,
  });
  return join(directory, process.platform === "win32" ? "nats-server.exe" : "nats-server");
}
