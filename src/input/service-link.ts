/**
 * Variables that Kubernetes sets in every container of a namespace with a service called nats or nats-...:
 * `NATS_SERVICE_HOST`, `NATS_PORT_4222_TCP_ADDR`, and `NATS_PORT`, which only its value tells from a mistake.
 */
const SERVICE_LINK =
  /_SERVICE_HOST$|_SERVICE_PORT(_[A-Z0-9_]+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/;
const SERVICE_ADDRESS = /^(tcp|udp|sctp):\/\//;

/** Whether Kubernetes set the variable for a service, so that it is not the user's setting. */
export function isServiceLink(variable: string, text: string): boolean {
  return SERVICE_LINK.test(variable) || (variable.endsWith("_PORT") && SERVICE_ADDRESS.test(text));
}
