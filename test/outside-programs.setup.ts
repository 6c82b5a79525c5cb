/**
 * Runs before all tests: finds or downloads the external programs that tests run against, once for all workers.
 *
 * In CI each of them is required. Elsewhere tests that need a missing program are skipped, and the last line of the run
 * names it.
 */
import { spawnSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { findPrograms, runCommand } from "../tools/nats-server/command.ts";
import { obtainNatsServer, versionOf } from "../tools/nats-server/obtain.ts";
import { RELEASES } from "../tools/nats-server/releases.ts";

/** A nats-server under test. */
export interface ServerVersion {
  /** `2.10`, one of `RELEASES`. */
  readonly line: string;
  /** Full version: `2.10.27`. */
  readonly version: string;
  readonly binary: string;
}

export interface OutsidePrograms {
  readonly servers: readonly ServerVersion[];
  readonly missingServerLines: readonly string[];
  /** Paths by name. */
  readonly programs: Readonly<Record<string, string>>;
}

declare module "vitest" {
  interface ProvidedContext {
    outsidePrograms: OutsidePrograms;
  }
}

/** Programs that are looked up on the PATH. */
const PROGRAMS = ["promtool", "prometheus", "chromium", "buildah", "amtool", "script"] as const;
/** Programs that `describeWithProgram` accepts. */
export type OutsideProgram = (typeof PROGRAMS)[number] | "kustomize";

/** The release that is built if there is no other. */
const KUSTOMIZE = "v5.7.1";
const KUSTOMIZE_CACHE = fileURLToPath(new URL("../.cache/kustomize", import.meta.url));

/**
 * Returns the path of kustomize, or of kubectl, which includes it. Rejects with the reason if neither is
 * available.
 */
async function obtainKustomize(): Promise<string> {
  const [found] = [
    ...findPrograms("kustomize"),
    ...findPrograms("kustomize", { PATH: KUSTOMIZE_CACHE }),
    ...findPrograms("kubectl"),
  ];
  if (found) return found;
  const [go] = findPrograms("go");
  if (!go) throw new Error("kustomize, kubectl and go not found on the PATH");
  console.error(`building kustomize ${KUSTOMIZE} with go install`);
  await mkdir(KUSTOMIZE_CACHE, { recursive: true });
  const env = { ...process.env, GOBIN: KUSTOMIZE_CACHE, CGO_ENABLED: "0" };
  const source = `sigs.k8s.io/kustomize/kustomize/v5@${KUSTOMIZE}`;
  await runCommand(go, ["install", source], { env, timeoutMs: 15 * 60_000 });
  return join(KUSTOMIZE_CACHE, "kustomize");
}

export default async function setup({ provide }: TestProject): Promise<() => void> {
  const servers: ServerVersion[] = [];
  const missing: { name: string; reason: string }[] = [];
  for (const { line } of RELEASES) {
    try {
      const binary = await obtainNatsServer(line, { report: (sentence) => console.error(sentence) });
      servers.push({ line, version: await versionOf(binary), binary });
    } catch (error) {
      missing.push({ name: `nats-server ${line}`, reason: (error as Error).message });
    }
  }
  const programs: Record<string, string> = {};
  for (const name of PROGRAMS) {
    const [path] = findPrograms(name);
    if (!path) missing.push({ name, reason: `${name} not found on the PATH` });
    else if (name === "buildah" && !mayRunContainers())
      missing.push({ name, reason: "buildah needs Linux namespaces, which this process may not create" });
    else programs[name] = path;
  }
  try {
    programs.kustomize = await obtainKustomize();
  } catch (error) {
    missing.push({ name: "kustomize", reason: (error as Error).message });
  }
  if (missing.length > 0 && isContinuousIntegration()) {
    throw new Error(
      `CI needs every external program.\n\n${missing.map(({ reason }) => reason).join("\n\n")}`,
    );
  }
  const found = new Set(servers.map(({ line }) => line));
  const missingServerLines = RELEASES.map(({ line }) => line).filter((line) => !found.has(line));
  provide("outsidePrograms", { servers, missingServerLines, programs });
  return () => {
    if (missing.length === 0) return;
    const names = missing.map(({ name }) => name).join(", ");
    console.error(`\n!! SKIPPED tests that need ${names}: not found on this machine.\n`);
  };
}

/** Whether this process has the privileges that a container needs; root usually has them. */
function mayRunContainers(): boolean {
  return spawnSync("unshare", ["--mount", "--pid", "--fork", "true"]).status === 0;
}

function isContinuousIntegration(): boolean {
  const { CI = "" } = process.env;
  return CI !== "" && CI !== "false" && CI !== "0";
}
