/** The server's listening ports, their authentication and TLS settings, and certificate expiry. */
import { flag, instant, number } from "../../collect/conversions.ts";
import type { Row, Table } from "../../collect/table.ts";
import { at } from "../../sources/json.ts";

/** Path of each listener's port, and of its other settings; an empty path is the top level. */
const LISTENERS = [
  { name: "client", path: [], port: "port" },
  { name: "cluster", path: ["cluster"], port: "cluster_port" },
  { name: "gateway", path: ["gateway"], port: "port" },
  { name: "leaf", path: ["leaf"], port: "port" },
  { name: "mqtt", path: ["mqtt"], port: "port" },
  { name: "websocket", path: ["websocket"], port: "port" },
] as const;

const MONITORING_PORTS = { monitoring: "http_port", "monitoring-tls": "https_port" } as const;

/** A port that accepts connections. */
interface Listener {
  readonly name: string;
  /** The listener's part of `/varz`; undefined for the monitoring ports, of which the reply has only the port. */
  readonly section: unknown;
  /** 0 or undefined if the listener is off. */
  readonly port: number | undefined;
}

/** The listeners that are on, and those that are off but have a certificate to watch. */
export function listeners(varz: unknown): readonly Listener[] {
  const all: Listener[] = LISTENERS.map(({ name, path, port }) => {
    const section = at(varz, path);
    return { name, section, port: number(at(section, [port])) };
  });
  for (const [name, port] of Object.entries(MONITORING_PORTS))
    all.push({ name, section: undefined, port: number(at(varz, [port])) });
  // A listener that is off has port 0 or none, but can have a certificate for the connections that the server
  // opens.
  return all.filter(
    ({ section, port }) => port || instant(at(section, ["tls_cert_not_after"])) !== undefined,
  );
}

const ofListener = (field: string, as = number): Pick<Row<Listener>, "field" | "read"> => ({
  field: `[cluster|gateway|leaf|mqtt|websocket.]${field}`,
  read: ({ section }) => as(at(section, [field])),
});

export const listener: Table<Listener> = {
  item: "listener",
  endpoint: "/varz",
  labels: ["listener"],
  identify: ({ name }) => [name],
  rows: [
    {
      name: "nats_server_listener_port",
      type: "gauge",
      help: "Port that the server listens on.",
      field: "port, cluster.cluster_port, gateway|leaf|mqtt|websocket.port, http_port, https_port",
      read: ({ port }) => port || undefined,
    },
    {
      name: "nats_server_listener_tls_required",
      type: "gauge",
      help: "Whether connections must use TLS (1). Absent if TLS is optional or off, or if the server does not report it.",
      ...ofListener("tls_required", flag),
    },
    {
      name: "nats_server_listener_certificate_expiry_timestamp_seconds",
      type: "gauge",
      help: "Expiry time of the listener's certificate, in seconds since 1970. Absent without a certificate.",
      since: "2.11.12, 2.12.4",
      ...ofListener("tls_cert_not_after", instant),
    },
    {
      name: "nats_server_listener_tls_timeout_seconds",
      type: "gauge",
      help: "Maximum duration of a TLS handshake, in seconds.",
      ...ofListener("tls_timeout"),
    },
    {
      name: "nats_server_listener_authentication_timeout_seconds",
      type: "gauge",
      help: "Maximum time for a new connection to authenticate, in seconds.",
      ...ofListener("auth_timeout"),
    },
  ],
};
