/**
 * Environment of a run: host, runtime, servers and command, with a fingerprint of everything that makes two
 * runs comparable.
 */
import { createHash } from "node:crypto";
import { lookup } from "node:dns/promises";
import { existsSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import { MILLISECOND } from "../../time/clock.ts";
import type { ServerFacts } from "../driver/driver.ts";
import { isThisHost } from "../measure/host.ts";
import type { Environment } from "../result/schema.ts";
import { processorLimit } from "./control-group.ts";
import type { ProbeReady } from "./probe.ts";
import { argumentsWithoutSecrets } from "./secrets.ts";
import { type ReadSystemFile, readSystemFile } from "./system-files.ts";

/** Facts about a run that this machine cannot provide. */
interface Known {
  readonly command: readonly string[];
  /** One entry per connection. */
  readonly servers: readonly ServerFacts[];
  readonly probe: ProbeReady | undefined;
}

/** Returns the environment of a run. */
export async function environmentOf({ command, servers, probe }: Known): Promise<Environment> {
  const byId = new Map([...(probe ? [probe.server] : []), ...servers].map((facts) => [facts.id, facts]));
  const described = await Promise.all(
    [...byId.values()].map(async (facts) => ({
      name: facts.name,
      version: facts.version,
      ...(facts.cluster !== undefined && { cluster: facts.cluster }),
      ...(probe?.server.id === facts.id && { roundTripMs: probe.roundTrip / MILLISECOND }),
      tls: facts.tls,
      local: await isThisMachine(facts.host),
    })),
  );
  const host = hostFacts();
  const runtime = { node: process.versions.node, v8: process.versions.v8 };
  return {
    host,
    runtime,
    servers: described,
    command: argumentsWithoutSecrets(command),
    fingerprint: fingerprintOf({ host, runtime, servers: described }),
  };
}

/**
 * Returns a fingerprint of machine, kernel, runtime and servers: runs with the same one can be compared. It excludes
 * server names, which are generated at each start. 16 hexadecimal digits.
 */
export function fingerprintOf({
  host,
  runtime,
  servers,
}: Pick<Environment, "host" | "runtime" | "servers">): string {
  const comparable = [
    host.platform,
    host.kernel,
    host.processor,
    host.processors,
    host.memoryBytes,
    host.cpuLimit ?? null,
    runtime.node,
    servers.map(({ version, tls, local, cluster }) => JSON.stringify([version, tls, local, cluster])).sort(),
  ];
  return createHash("sha256").update(JSON.stringify(comparable)).digest("hex").slice(0, 16);
}

/** Returns the facts about this machine. */
export function hostFacts(read: ReadSystemFile = readSystemFile): Environment["host"] {
  const cpuLimit = processorLimit(read);
  return {
    platform: `${process.platform} ${process.arch}`,
    kernel: release(),
    processor: cpus()[0]?.model.trim() || "unknown",
    processors: availableParallelism(),
    memoryBytes: totalmem(),
    container: isContainer(read),
    ...(cpuLimit !== undefined && { cpuLimit }),
  };
}

function isContainer(read: ReadSystemFile): boolean {
  return (
    existsSync("/.dockerenv") ||
    existsSync("/run/.containerenv") ||
    process.env.KUBERNETES_SERVICE_HOST !== undefined ||
    /docker|kubepods|containerd|lxc|libpod/.test(read("/proc/self/cgroup") ?? "")
  );
}

/**
 * Whether an address `host:port` belongs to this machine: then load generator and server share its
 * processors.
 */
export async function isThisMachine(address: string): Promise<boolean> {
  const host = address.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.some((one) => isThisHost(one.address));
}
