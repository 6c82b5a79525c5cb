/** The flags of prometheus-nats-exporter 0.20, one row each, and its usage. `arguments.ts` gives them their meaning. */
import { InvalidValue } from "../../input/invalid-value.ts";
import { type Kind, textKind } from "../../input/kind.ts";
import { type OptionRows, option } from "../../input/option.ts";
import { invalid, meant } from "../../input/problems.ts";
import { FlagSet, goBoolean, goInteger, goText, goTextOf } from "./go-flags.ts";
import { isMetricPrefix, type JetStreamDetail } from "./prometheus-nats-exporter.ts";
import { isTarget } from "./targets.ts";

const JETSTREAM_DETAILS: Readonly<Record<string, JetStreamDetail>> = {
  account: "accounts",
  accounts: "accounts",
  stream: "streams",
  streams: "streams",
  consumer: "consumers",
  consumers: "consumers",
  all: "consumers",
};

/** Undefined: the empty text, which is a flag that is not given. */
const jetStreamDetail: Kind<JetStreamDetail | undefined> = {
  placeholder: "DETAIL",
  parse({ text }) {
    if (text === "") return undefined;
    const name = text.toLowerCase();
    if (Object.hasOwn(JETSTREAM_DETAILS, name)) return JETSTREAM_DETAILS[name];
    return invalid(text, `accounts, streams, consumers or all${meant(name, Object.keys(JETSTREAM_DETAILS))}`);
  },
  format: (detail) => detail ?? "",
};

const metadataKeys: Kind<readonly string[]> = textKind(
  "KEY,...",
  "keys separated by commas, each with a letter or digit",
  (text) => {
    const keys = text === "" ? [] : text.split(",");
    return keys.every((key) => /[a-zA-Z0-9_]/.test(key)) ? keys : undefined;
  },
  (keys) => keys.join(","),
);

/** Parsed by the exporter and never shown. */
const password: Kind<string> = {
  ...goText("PASSWORD"),
  parse: ({ text, fields }) => (fields ? new InvalidValue("is a mapping: expected a text") : text),
};

const group = "Flags";
const onOff = (help: string) => option(goBoolean, { group, isSwitch: true, default: false, help });

/** In the order of the usage. Names are written without dashes. */
export const FLAGS = {
  port: option(goInteger(65_535), { group, aliases: ["p"], default: 7777, help: "Port to listen on." }),
  addr: option(goText("HOST"), { group, aliases: ["a"], default: "0.0.0.0", help: "Address to listen on." }),
  path: option(goText("PATH"), { group, default: "/metrics", help: "Path of the metrics." }),
  prefix: option(goTextOf("PREFIX", "letters, digits, _ and :, not beginning with a digit", isMetricPrefix), {
    group,
    default: "",
    help: "Prefix of metric names, instead of gnatsd and jetstream.",
  }),
  varz: onOff("The server as a whole; the default."),
  connz: onOff("Sums over connections."),
  connz_detailed: onOff("Each connection, and their sums."),
  healthz: onOff("Health."),
  healthz_js_enabled_only: onOff("Health: only whether JetStream is enabled."),
  healthz_js_server_only: onOff("Health without streams and consumers."),
  gatewayz: onOff("Each gateway connection."),
  accstatz: onOff("Traffic of each account."),
  accountz: onOff("State and limits of each account."),
  leafz: onOff("Each leaf node connection."),
  routez: onOff("Number of routes."),
  subz: onOff("Subscriptions."),
  jsz: option(jetStreamDetail, {
    group,
    help: "JetStream down to accounts, streams, consumers or all.",
  }),
  jsz_stream_meta_keys: option(metadataKeys, { group, help: "Metadata keys of streams to serve." }),
  jsz_consumer_meta_keys: option(metadataKeys, { group, help: "Metadata keys of consumers to serve." }),
  use_internal_server_id: onOff("server_id is the server's id."),
  use_internal_server_name: onOff("server_id is the server's name."),
  tlscert: option(goText("FILE"), { group, default: "", help: "Certificate file; serves HTTPS." }),
  tlskey: option(goText("FILE"), { group, default: "", help: "Key file of the certificate." }),
  tlscacert: option(goText("FILE"), { group, default: "", help: "CA file for client certificates." }),
  http_user: option(goText("USER"), { group, default: "", help: "User of basic auth." }),
  http_pass: option(password, { group, default: "", help: "Password of basic auth, plain or bcrypt." }),
  log: option(goText("FILE"), { group, aliases: ["l"], default: "", help: "Log file." }),
  D: onOff("Log level debug."),
  V: onOff("Log level trace."),
  DV: onOff("Log level trace."),
  ri: option(goInteger(Number.MAX_SAFE_INTEGER), {
    group,
    default: 30,
    help: "No effect: every scrape asks the server.",
  }),
  syslog: option(goBoolean, {
    group,
    aliases: ["s"],
    isSwitch: true,
    default: false,
    help: "No effect: natscope logs to standard error or a file.",
  }),
  remote_syslog: option(goText("ADDRESS"), {
    group,
    aliases: ["r"],
    default: "",
    help: "No effect: natscope logs to standard error or a file.",
  }),
  version: onOff("Print the version."),
} satisfies OptionRows;

/** Reads the argument list. */
export const FLAG_SET = new FlagSet("prometheus-nats-exporter", FLAGS, isTarget);

/** A line per flag. */
export function exporterUsage(): string {
  const rows: OptionRows = FLAGS;
  const terms = Object.entries(rows).map(([name, { aliases = [], isSwitch, kind }]) => {
    const flags = [name, ...aliases].map((one) => `-${one}`).join(", ");
    return `  ${flags}${isSwitch ? "" : ` ${kind.placeholder}`}`;
  });
  const width = Math.max(...terms.map((term) => term.length)) + 2;
  const lines = Object.values(rows).map(({ help, kind, default: value }, at) => {
    const isShown = value !== undefined && value !== "" && value !== false;
    const note = isShown ? ` (default: ${kind.format(value)})` : "";
    return `${(terms[at] as string).padEnd(width)}${help}${note}`;
  });
  return `Usage: natscope <flags> [id,]url...\n\n${lines.join("\n")}\n`;
}
