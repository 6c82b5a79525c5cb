/** The ports that the server listens on, with what they ask of a connection and until when they can be trusted. */
import { flag, instant, number } from "../../collect/conversions.ts";
import type { Row, Table } from "../../collect/table.ts";
import { at } from "../../sources/json.ts";

/** Where the port and the rest of each listener stand; an empty path is the top level. */
const LISTENERS = [
  { name: "client", path: [], port: "port" },
  { name: "cluster", path: ["cluster"], port: "cluster_port" },
  { name: "gateway", path: ["gateway"], port: "port" },
  { name: "leaf", path: ["leaf"], port: "port" },
  { name: "mqtt", path: ["mqtt"], port: "port" },
  { name: "websocket", path: ["websocket"], port: "port" },
] as const;

const MONITORING_PORTS = { monitoring: "http_port", "monitoring-tls": "https_port" } as const;

/** A place where connections can come in. */
export interface Listener {
  readonly name: string;
  /** The part of `/varz` about it; undefined for the monitoring ports, of which it has only the numbers. */
  readonly section: unknown;
  /** 0 or undefined where nothing listens. */
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
  // A listener that is off has port 0 or none, but may hold a certificate for the connections it makes.
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
      help: "1 if connections must use TLS. Absent where they need not, and where the server does not say.",
      ...ofListener("tls_required", flag),
    },
    {
      name: "nats_server_listener_certificate_expiry_timestamp_seconds",
      type: "gauge",
      help: "When the certificate that the server shows there expires.",
      since: "2.11.12, 2.12.4",
      ...ofListener("tls_cert_not_after", instant),
    },
    {
      name: "nats_server_listener_tls_timeout_seconds",
      type: "gauge",
      help: "How long a TLS handshake may take.",
      ...ofListener("tls_timeout"),
    },
    {
      name: "nats_server_listener_authentication_timeout_seconds",
      type: "gauge",
      help: "How long a new connection may take to authenticate.",
      ...ofListener("auth_timeout"),
    },
  ],
};
