/**
 * What Kubernetes puts into every container of a namespace that has a service called nats or nats-...:
 * `NATS_SERVICE_HOST`, `NATS_PORT_4222_TCP_ADDR` and, told from a mistake by its value, `NATS_PORT`.
 */
const SERVICE_LINK =
  /_SERVICE_HOST$|_SERVICE_PORT(_[A-Z0-9_]+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/;
const SERVICE_ADDRESS = /^(tcp|udp|sctp):\/\//;

/** Whether a variable of the environment is there because of a service, and nobody's setting. */
export function isServiceLink(variable: string, text: string): boolean {
  return SERVICE_LINK.test(variable) || (variable.endsWith("_PORT") && SERVICE_ADDRESS.test(text));
}
