/**
 * The identity of this host and of its clock. Processes with the same host number can compare their monotonic times.
 * On Linux the number is derived from the boot id, because containers have different host names and one clock.
 */
import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { isIP } from "node:net";
import { hostname, networkInterfaces } from "node:os";

/** A number of 16 bits, never 0, which is for stamps whose times must not be compared. On Linux it changes when the host restarts. */
export function hostNumber(): number {
  const boot = readOr(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  const name =
    boot === undefined ? hostname() : `${boot} ${readOr(() => readlinkSync("/proc/self/ns/time"))}`;
  return createHash("sha256").update(name).digest().readUInt16BE(0) || 1;
}

/**
 * Whether an address belongs to this host, so that the process that listens there has the same clock. The local end
 * of a tunnel does, too. Names other than this host's are not resolved.
 * @param address `host:port` or a bare IP address
 */
export function isThisHost(address: string): boolean {
  const host = isIP(address) ? address : address.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  if (host === "localhost" || host === hostname() || /^127\.|^::1$|^::ffff:127\./.test(host)) return true;
  return Object.values(networkInterfaces()).some((all) => all?.some((one) => one.address === host));
}

function readOr(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
