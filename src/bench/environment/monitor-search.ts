/**
 * Where a server's monitoring port is, when nobody said it: at the usual port of the host that clients reach, and
 * only if what answers there says that it is this very server. One request; no other port is tried.
 */
import type { ServerFacts } from "../driver/driver.ts";
import { askMonitor } from "./monitor-request.ts";

const USUAL_PORT = 8222;
const WAIT_MS = 500;

/** @returns a URL, or none */
export async function monitorsOf(server: ServerFacts | undefined): Promise<readonly string[]> {
  if (!server) return [];
  const url = `http://${server.host.replace(/:\d+$/, "")}:${USUAL_PORT}`;
  try {
    const varz = await askMonitor(url, "varz", WAIT_MS);
    return (varz as { readonly server_id?: unknown } | null)?.server_id === server.id ? [url] : [];
  } catch {
    return [];
  }
}
