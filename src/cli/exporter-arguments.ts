/**
 * The argument list of prometheus-nats-exporter, so that a deployment made for it changes only its program:
 *
 *   -port=7777 -connz -varz -jsz=all -prefix=nats -use_internal_server_id http://localhost:8222/
 *
 * A pure function of the arguments: it opens no file, no port and no log. Flags are read as Go's `flag` package
 * reads them, unlike natscope's own: `-x` and `--x` are the same, a value follows `=` or is the next argument,
 * a switch takes a value only after `=`, and all after the first positional is positional.
 *
 * What the exporter documents counts where its program does otherwise: without a metric flag it is `varz`,
 * and with `-tlscacert` clients must really show a certificate. What started the exporter starts natscope, so
 * a flag that cannot be honoured, or that promised a protection it never gave, is a warning and no error.
 */
import { nearest } from "../base/nearest.ts";
import {
  EXPORTER_COLLECTOR_NAMES,
  type ExporterCollectorName,
  isMetricPrefix,
  type JetStreamDetail,
  type JetStreamOptions,
  type ServerIdSource,
} from "../scrape/compatible/prometheus-nats-exporter.ts";

export type ExporterArguments =
  /** natscope's own command line. */
  | { readonly kind: "not-exporter-arguments" }
  | { readonly kind: "settings"; readonly settings: ExporterSettings }
  /** Every problem, each a sentence without a full stop. */
  | { readonly kind: "problems"; readonly problems: readonly string[] }
  | { readonly kind: "version" }
  /** `-help`, or `-h` among other flags of the exporter: show `exporterUsage()`. */
  | { readonly kind: "help" };

/** What an argument list asks for, with the exporter's own defaults filled in. */
export interface ExporterSettings {
  /** Default 0.0.0.0:7777; port 0 is any. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Path of the metrics, with a leading slash. Default /metrics. */
  readonly path: string;
  /** HTTPS on the listening port; file names. */
  readonly tls?: {
    readonly certificateFile: string;
    readonly keyFile: string;
    /** Clients must show a certificate of one of these authorities. */
    readonly clientAuthoritiesFile?: string;
  };
  /** Basic auth on the listening port. */
  readonly basicAuth?: {
    readonly user: string;
    readonly password: { readonly form: "plain" | "bcrypt"; readonly text: string };
  };
  readonly log: { readonly level: "info" | "debug" | "trace"; readonly file?: string };
  /** Begins every metric name; absent is the exporter's `gnatsd` and `jetstream`. */
  readonly prefix?: string;
  readonly collect: readonly ExporterCollectorName[];
  readonly jsz?: JetStreamOptions;
  /** What `server_id` is for targets without a `serverId`. */
  readonly serverId: ServerIdSource;
  /** At least one. */
  readonly targets: readonly ExporterTarget[];
  /** Sentences for the log: what will not be as the arguments say. */
  readonly warnings: readonly string[];
}

export interface ExporterTarget {
  /** Without credentials, query and trailing slash. */
  readonly url: URL;
  readonly credentials?: { readonly user: string; readonly password: string };
  /** The id given before the URL, else the URL's scheme and host as written where `server_id` is the URL. */
  readonly serverId?: string;
}

interface Flag {
  readonly name: string;
  readonly alias?: string;
  readonly takes: "nothing" | "text" | "integer";
  readonly help: string;
}

/** Every flag of the exporter, release 0.20. */
const FLAGS: readonly Flag[] = [
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

const FLAG_BY_NAME: ReadonlyMap<string, Flag> = new Map(
  FLAGS.flatMap((flag) => [[flag.name, flag] as const, ...(flag.alias ? [[flag.alias, flag] as const] : [])]),
);

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

/** @param argv what follows the program's name */
export function parseExporterArguments(argv: readonly string[]): ExporterArguments {
  if (!areExporterArguments(argv)) return { kind: "not-exporter-arguments" };
  const problems: string[] = [];
  const given = readFlags(argv, problems);
  if (given.values.has("help")) return { kind: "help" };
  if (given.values.get("version") === "true" && problems.length === 0) return { kind: "version" };
  const settings = settingsOf(given, problems);
  return problems.length > 0 ? { kind: "problems", problems } : { kind: "settings", settings };
}

/**
 * natscope's own arguments begin with a word or a `--flag`. The exporter's begin with a URL, with one dash
 * before a long name, or with a flag that only it has; a single letter tells nothing unless a URL follows.
 */
function areExporterArguments(argv: readonly string[]): boolean {
  const first = argv[0];
  if (first === undefined) return false;
  if (!first.startsWith("-")) return IS_TARGET.test(first);
  const { dashes, name } = splitFlag(first);
  if (dashes === 1 && name.length > 1) return true;
  if (name === "help" || name === "h" || name === "version") return false;
  if (dashes === 2) return FLAG_BY_NAME.has(name);
  return argv.slice(1).some((argument) => IS_TARGET.test(argument));
}

const IS_TARGET = /^(?!-)(?:.*,)?https?:\/\//i;

function splitFlag(argument: string): { dashes: number; name: string; value: string | undefined } {
  const dashes = argument.startsWith("--") ? 2 : 1;
  const equals = argument.indexOf("=", dashes + 1);
  return equals < 0
    ? { dashes, name: argument.slice(dashes), value: undefined }
    : { dashes, name: argument.slice(dashes, equals), value: argument.slice(equals + 1) };
}

/** The last value of each flag by its long name, and the positionals. */
interface Given {
  readonly values: ReadonlyMap<string, string>;
  readonly positionals: readonly string[];
}

function readFlags(argv: readonly string[], problems: string[]): Given {
  const values = new Map<string, string>();
  let i = 0;
  for (; i < argv.length; i++) {
    const argument = argv[i] as string;
    if (!argument.startsWith("-") || argument === "-") break;
    if (argument === "--") {
      i++;
      break;
    }
    const { name, value } = splitFlag(argument);
    if (name === "h" || name === "help") {
      values.set("help", "true");
      continue;
    }
    const flag = FLAG_BY_NAME.get(name);
    if (!flag) {
      problems.push(unknownFlag(argument.split("=", 1)[0] as string, name));
      // A word that follows is more likely its value than the URL.
      if (value === undefined && isPlainWord(argv[i + 1])) i++;
    } else if (flag.takes === "nothing") {
      const state = parseSwitch(value ?? "true");
      if (state === undefined) problems.push(`expected -${name} to be true or false, got "${value}"`);
      else values.set(flag.name, String(state));
    } else if (value !== undefined) {
      values.set(flag.name, value);
    } else if (i + 1 < argv.length) {
      values.set(flag.name, argv[++i] as string);
    } else {
      problems.push(`-${name} needs a value, as in -${name}=${flag.takes === "integer" ? "7777" : "value"}`);
    }
  }
  return { values, positionals: argv.slice(i) };
}

function unknownFlag(written: string, name: string): string {
  const meant = nearest(name, FLAG_BY_NAME.keys());
  return `${written} is not a flag of prometheus-nats-exporter${meant ? `; did you mean -${meant}?` : ""}`;
}

function isPlainWord(argument: string | undefined): boolean {
  return argument !== undefined && !argument.startsWith("-") && !IS_TARGET.test(argument);
}

/** What Go's strconv.ParseBool takes. */
function parseSwitch(text: string): boolean | undefined {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true;
  return /^(?:0|f|F|FALSE|false|False)$/.test(text) ? false : undefined;
}

function settingsOf({ values, positionals }: Given, problems: string[]): ExporterSettings {
  const warnings: string[] = [];
  const text = (name: string): string => values.get(name) ?? "";
  const isOn = (name: string): boolean => values.get(name) === "true";

  const jsz = jetStreamOptions(values, problems, warnings);
  const chosen = EXPORTER_COLLECTOR_NAMES.filter(isOn);
  if (chosen.length === 0 && !jsz) warnings.push("No metrics are asked for, so it is -varz.");
  if (isOn("syslog") || text("remote_syslog") !== "") {
    warnings.push("natscope writes no syslog: -syslog and -remote_syslog have no effect.");
  }
  parseInteger("ri", values, 30, Number.MAX_SAFE_INTEGER, problems);
  const prefix = text("prefix");
  if (prefix !== "" && !isMetricPrefix(prefix)) {
    problems.push(`expected -prefix to be letters, digits, _ and :, not a digit first, got "${prefix}"`);
  }
  const serverId = serverIdSource(isOn, positionals.length, warnings);
  const tls = tlsFiles(text, problems, warnings);
  const basicAuth = basicAuthOf(text, problems, warnings);
  const path = text("path") || "/metrics";
  const file = text("log");
  return {
    listen: {
      host: values.get("addr") ?? "0.0.0.0",
      port: parseInteger("port", values, 7777, 65_535, problems),
    },
    path: path.startsWith("/") ? path : `/${path}`,
    ...(tls && { tls }),
    ...(basicAuth && { basicAuth }),
    log: {
      level: isOn("V") || isOn("DV") ? "trace" : isOn("D") ? "debug" : "info",
      ...(file !== "" && { file }),
    },
    ...(prefix !== "" && { prefix }),
    collect: chosen.length === 0 && !jsz ? ["varz"] : chosen,
    ...(jsz && { jsz }),
    serverId,
    targets: targetsOf(positionals, serverId, problems, warnings),
    warnings,
  };
}

/** An integer from 0 to `most`, in Go's notation. */
function parseInteger(
  name: string,
  values: Given["values"],
  byDefault: number,
  most: number,
  problems: string[],
): number {
  const text = values.get(name);
  if (text === undefined) return byDefault;
  const value = /^\+?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[1-9]\d*|0)$/.test(text)
    ? Number(text.replace(/^\+/, "").replace(/^0(?=\d)/, "0o"))
    : Number.NaN;
  if (value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? "a whole number" : `a whole number from 0 to ${most}`;
  problems.push(`expected -${name} to be ${range}, got "${text}"`);
  return byDefault;
}

const JETSTREAM_DETAILS: Readonly<Record<string, JetStreamDetail>> = {
  account: "accounts",
  accounts: "accounts",
  stream: "streams",
  streams: "streams",
  consumer: "consumers",
  consumers: "consumers",
  all: "consumers",
};

function jetStreamOptions(
  values: Given["values"],
  problems: string[],
  warnings: string[],
): JetStreamOptions | undefined {
  const streamMetadataKeys = metadataKeys("jsz_stream_meta_keys", values, problems);
  const consumerMetadataKeys = metadataKeys("jsz_consumer_meta_keys", values, problems);
  const filter = values.get("jsz") ?? "";
  if (filter === "") {
    if (streamMetadataKeys || consumerMetadataKeys) {
      warnings.push("Metadata keys have no effect without -jsz.");
    }
    return undefined;
  }
  const detail = Object.hasOwn(JETSTREAM_DETAILS, filter.toLowerCase())
    ? JETSTREAM_DETAILS[filter.toLowerCase()]
    : undefined;
  if (!detail) {
    const meant = nearest(filter, Object.keys(JETSTREAM_DETAILS));
    const hint = meant ? `; did you mean ${meant}?` : "";
    problems.push(`expected -jsz to be accounts, streams, consumers or all, got "${filter}"${hint}`);
    return undefined;
  }
  return {
    detail,
    ...(streamMetadataKeys && { streamMetadataKeys }),
    ...(consumerMetadataKeys && { consumerMetadataKeys }),
  };
}

function metadataKeys(name: string, values: Given["values"], problems: string[]): string[] | undefined {
  const text = values.get(name) ?? "";
  if (text === "") return undefined;
  const keys = text.split(",");
  for (const key of keys) {
    if (!/[a-zA-Z0-9_]/.test(key)) {
      problems.push(
        `expected -${name} to be keys separated by commas, each with a letter or digit, got "${text}"`,
      );
      break;
    }
  }
  return keys;
}

function serverIdSource(
  isOn: (name: string) => boolean,
  targets: number,
  warnings: string[],
): ServerIdSource {
  const source = isOn("use_internal_server_id")
    ? "server-id"
    : isOn("use_internal_server_name")
      ? "server-name"
      : "url";
  if (source === "url" || targets <= 1) return source;
  warnings.push(
    "With several URLs, server_id is the URL or the id before it, as prometheus-nats-exporter has it: " +
      "-use_internal_server_id and -use_internal_server_name are for one URL.",
  );
  return "url";
}

function tlsFiles(
  text: (name: string) => string,
  problems: string[],
  warnings: string[],
): ExporterSettings["tls"] {
  const certificateFile = text("tlscert");
  const keyFile = text("tlskey");
  const clientAuthoritiesFile = text("tlscacert");
  if (certificateFile === "") {
    if (keyFile !== "" || clientAuthoritiesFile !== "") {
      warnings.push(
        "Without -tlscert the metrics are served in plain HTTP: -tlskey and -tlscacert have no effect.",
      );
    }
    return undefined;
  }
  if (keyFile === "") problems.push("-tlscert needs the certificate's key: give -tlskey too");
  if (clientAuthoritiesFile !== "") {
    warnings.push(
      "-tlscacert is enforced: clients without a certificate of these authorities are refused, " +
        "which prometheus-nats-exporter lets in.",
    );
  }
  return { certificateFile, keyFile, ...(clientAuthoritiesFile !== "" && { clientAuthoritiesFile }) };
}

/** `$2a$10$` and 53 characters; the exporter knows `$2a$` alone, other tools write the others. */
const BCRYPT = /^\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}$/;

function basicAuthOf(
  text: (name: string) => string,
  problems: string[],
  warnings: string[],
): ExporterSettings["basicAuth"] {
  const user = text("http_user");
  const password = text("http_pass");
  if (user === "") {
    if (password !== "") warnings.push("Without -http_user everybody may scrape: -http_pass has no effect.");
    return undefined;
  }
  if (password === "") warnings.push("Without -http_pass the password is empty: it protects nothing.");
  const form = BCRYPT.test(password) ? "bcrypt" : "plain";
  if (form === "plain" && password.startsWith("$2a$")) {
    problems.push(
      "-http_pass begins like a bcrypt hash and is not a whole one; a shell may have replaced its $",
    );
  }
  return { user, password: { form, text: password } };
}

function targetsOf(
  positionals: readonly string[],
  source: ServerIdSource,
  problems: string[],
  warnings: string[],
): ExporterTarget[] {
  if (positionals.length === 0) {
    problems.push("expected the URL of a monitoring port after the flags, as in http://localhost:8222");
  }
  return positionals.flatMap((argument) => {
    if (argument.startsWith("-")) {
      problems.push(`${argument} stands after a URL, where flags are not read: put it before`);
      return [];
    }
    const comma = argument.lastIndexOf(",");
    const written = argument.slice(comma + 1);
    const url = monitorUrl(written, problems);
    if (!url) return [];
    const serverId =
      comma >= 0 ? argument.slice(0, comma) : source === "url" ? schemeAndHost(written) : undefined;
    if (comma >= 0 && source !== "url") {
      warnings.push(`server_id is "${serverId}", as given before the URL, and not the server's own word.`);
    }
    return [{ ...url, ...(serverId !== undefined && { serverId }) }];
  });
}

/** As it was written, so that a series keeps its label: `http://localhost:80` stays so. */
function schemeAndHost(written: string): string {
  const [, scheme = "", authority = ""] = /^([^:]*):\/\/([^/?#]*)/.exec(written) ?? [];
  return `${scheme.toLowerCase()}://${authority.slice(authority.lastIndexOf("@") + 1)}`;
}

function monitorUrl(
  written: string,
  problems: string[],
): Pick<ExporterTarget, "url" | "credentials"> | undefined {
  const url = URL.parse(written);
  if (!url || !/^https?:\/\//i.test(written)) {
    problems.push(
      `expected a URL that begins with http:// or https://, got "${written.replace(/\/\/.*@/, "//***@")}"`,
    );
    return undefined;
  }
  const { username, password } = url;
  url.username = "";
  url.password = "";
  url.search = "";
  url.hash = "";
  url.pathname = url.pathname.replace(/\/+$/, "");
  if (username === "" && password === "") return { url };
  const credentials = { user: decodePercent(username), password: decodePercent(password) };
  return { url, credentials };
}

/** `URL` keeps a percent sign that encodes nothing, and `decodeURIComponent` throws on it. */
function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
