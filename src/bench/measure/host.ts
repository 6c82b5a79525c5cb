/**
 * Which clock this is: processes that have the same number can compare their monotonic times, others cannot.
 * Names of hosts are not asked where there is something better: containers have their own, and one clock.
 */
import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";

/** Of stamps whose times nobody is meant to believe. */
export const NO_HOST = 0;

/** 16 bits, never `NO_HOST`; another one after a restart of the host where the system tells (Linux). */
export function hostNumber(): number {
  const boot = readOr(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  const name =
    boot === undefined ? hostname() : `${boot} ${readOr(() => readlinkSync("/proc/self/ns/time"))}`;
  return createHash("sha256").update(name).digest().readUInt16BE(0) || 1;
}

/**
 * Whether an address is one of this host's, so that who listens there has the same wall clock. A tunnel's end is
 * one, too.
 * @param address `host:port`, as a link's server has it
 */
export function isThisHost(address: string): boolean {
  const host = address.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  if (host === "localhost" || host === hostname() || /^127\./.test(host)) return true;
  return Object.values(networkInterfaces()).some((all) => all?.some((one) => one.address === host));
}

function readOr(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
