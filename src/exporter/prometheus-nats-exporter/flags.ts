/** The flags of prometheus-nats-exporter as a table, and its usage; what they mean is in `exporter-arguments.ts`. */

import { type Flag, FlagSet } from "./go-flags.ts";
import { isTarget } from "./targets.ts";

interface DescribedFlag extends Flag {
  /** One line for the usage. */
  readonly help: string;
}

/** Every flag of release 0.20, in the order of the usage. */
const FLAGS: readonly DescribedFlag[] = [
  { name: "port", alias: "p", takes: "integer", help: "Port to listen on, default 7777" },
  { name: "addr", alias: "a", takes: "text", help: "Address to listen on, default 0.0.0.0" },
  { name: "path", takes: "text", help: "Path of the metrics, default /metrics" },
  { name: "prefix", takes: "text", help: "Begins every metric name instead of gnatsd and jetstream" },
  { name: "varz", takes: "nothing", help: "The server as a whole; the default" },
  { name: "connz", takes: "nothing", help: "Sums over connections" },
  { name: "connz_detailed", takes: "nothing", help: "Each connection, and their sums" },
  { name: "healthz", takes: "nothing", help: "Health" },
  { name: "healthz_js_enabled_only", takes: "nothing", help: "Health: only whether JetStream is enabled" },
  { name: "healthz_js_server_only", takes: "nothing", help: "Health without streams and consumers" },
  { name: "gatewayz", takes: "nothing", help: "Each gateway connection" },
  { name: "accstatz", takes: "nothing", help: "Traffic of each account" },
  { name: "accountz", takes: "nothing", help: "State and limits of each account" },
  { name: "leafz", takes: "nothing", help: "Each leaf node connection" },
  { name: "routez", takes: "nothing", help: "Number of routes" },
  { name: "subz", takes: "nothing", help: "Subscriptions" },
  { name: "jsz", takes: "text", help: "JetStream down to accounts, streams, consumers or all" },
  {
    name: "jsz_stream_meta_keys",
    takes: "text",
    help: "Keys of stream metadata to tell, separated by commas",
  },
  {
    name: "jsz_consumer_meta_keys",
    takes: "text",
    help: "Keys of consumer metadata to tell, separated by commas",
  },
  { name: "use_internal_server_id", takes: "nothing", help: "server_id is the server's id" },
  { name: "use_internal_server_name", takes: "nothing", help: "server_id is the server's name" },
  { name: "tlscert", takes: "text", help: "Certificate file; serves HTTPS" },
  { name: "tlskey", takes: "text", help: "Key file of the certificate" },
  { name: "tlscacert", takes: "text", help: "File of authorities that clients' certificates must be of" },
  { name: "http_user", takes: "text", help: "User of basic auth" },
  { name: "http_pass", takes: "text", help: "Password of basic auth, plain or bcrypt" },
  { name: "log", alias: "l", takes: "text", help: "Log file" },
  { name: "D", takes: "nothing", help: "Log level debug" },
  { name: "V", takes: "nothing", help: "Log level trace" },
  { name: "DV", takes: "nothing", help: "Log level trace" },
  { name: "ri", takes: "integer", help: "No effect: every scrape asks anew" },
  { name: "syslog", alias: "s", takes: "nothing", help: "No effect: the log goes to the console or a file" },
  {
    name: "remote_syslog",
    alias: "r",
    takes: "text",
    help: "No effect: the log goes to the console or a file",
  },
  { name: "version", takes: "nothing", help: "Show the version" },
];

/** How the exporter's argument list is read. */
export const EXPORTER_FLAGS = new FlagSet("prometheus-nats-exporter", FLAGS, isTarget);

/** How to call natscope like the exporter: a line per flag. */
export function exporterUsage(): string {
  const left = FLAGS.map(({ name, alias, takes }) => {
    const value = takes === "nothing" ? "" : ` ${takes}`;
    return `  -${name}${alias ? `, -${alias}` : ""}${value}`;
  });
  const width = Math.max(...left.map((text) => text.length)) + 2;
  const lines = FLAGS.map(({ help }, i) => `${(left[i] as string).padEnd(width)}${help}`);
  return `Usage: natscope <flags> [id,]url...\n\n${lines.join("\n")}\n`;
}
