/**
 * Finds a server's monitoring port if none is configured: it tries the default port of the host that the clients are
 * connected to, and only uses it if the reply has the server's own id. One request; no other port is tried.
 */
import { MonitoringClient, monitoringPortOf } from "../../nats/monitoring/client.ts";
import type { ServerFacts } from "../driver/driver.ts";
import { askMonitor } from "./monitor.ts";

const DEFAULT_PORT = 8222;
const TIMEOUT_MS = 500;

/** @returns one URL or none */
export async function monitorsOf(server: ServerFacts | undefined): Promise<readonly string[]> {
  if (!server) return [];
  const url = `http://${server.host.replace(/:\d+$/, "")}:${DEFAULT_PORT}`;
  const client = new MonitoringClient(monitoringPortOf(url));
  try {
    const varz = await askMonitor(client, "/varz", TIMEOUT_MS);
    return (varz as { readonly server_id?: unknown } | null)?.server_id === server.id ? [url] : [];
  } catch {
    return [];
  } finally {
    client.close();
  }
}
