/**
 * The argument list of prometheus-nats-exporter, so that a deployment made for it changes only its program:
 *
 *   -port=7777 -connz -varz -jsz=all -prefix=nats -use_internal_server_id http://localhost:8222/
 *
 * A pure function of the arguments: it opens no file, no port and no log. What the flags mean is said here;
 * how they are written is in `go-flags.ts`, which there are in `exporter-flags.ts`.
 *
 * Without a metric flag it is `varz`, which the exporter documents and its program forgets; where `-jsz` is
 * the only one it is `varz` too, as its program has it. With `-tlscacert` clients must really show a
 * certificate, as documented. What started the exporter starts natscope, so a flag that cannot be honoured,
 * or that promised a protection it never gave, is a warning and no error.
 */
import { isBcryptHash } from "../../http/access/bcrypt.ts";
import { nearest } from "../../text/nearest.ts";
import { EXPORTER_FLAGS } from "./flags.ts";
import { type GivenFlags, parseWholeNumber, splitFlag } from "./go-flags.ts";
import {
  EXPORTER_COLLECTOR_NAMES,
  type ExporterCollectorName,
  isMetricPrefix,
  type JetStreamDetail,
  type JetStreamOptions,
  type ServerIdSource,
} from "./prometheus-nats-exporter.ts";
import { type ExporterTarget, isTarget, targetsOf } from "./targets.ts";

/** What an argument list comes to. */
type ExporterArguments =
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

/**
 * Reads an argument list, if it is one of the exporter's. Never throws.
 *
 * @param argv what follows the program's name
 */
export function parseExporterArguments(argv: readonly string[]): ExporterArguments {
  if (!areExporterArguments(argv)) return { kind: "not-exporter-arguments" };
  const problems: string[] = [];
  const given = EXPORTER_FLAGS.read(argv, problems);
  if (given.isOn("help")) return { kind: "help" };
  if (given.isOn("version") && problems.length === 0) return { kind: "version" };
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
  if (!first.startsWith("-")) return isTarget(first);
  const { dashes, name } = splitFlag(first);
  if (dashes === 1 && name.length > 1) return true;
  if (name === "help" || name === "h" || name === "version") return false;
  if (dashes === 2) return EXPORTER_FLAGS.has(name);
  return argv.slice(1).some((argument) => isTarget(argument));
}

function settingsOf(given: GivenFlags, problems: string[]): ExporterSettings {
  const warnings: string[] = [];
  const jsz = jetStreamOptions(given, problems, warnings);
  const chosen = EXPORTER_COLLECTOR_NAMES.filter((name) => given.isOn(name));
  if (chosen.length === 0 && !jsz) warnings.push("No metrics are asked for, so it is -varz.");
  if (given.isOn("syslog") || given.text("remote_syslog") !== "") {
    warnings.push("natscope writes no syslog: -syslog and -remote_syslog have no effect.");
  }
  wholeNumber("ri", given, { byDefault: 30 }, problems);
  const prefix = given.text("prefix");
  if (prefix !== "" && !isMetricPrefix(prefix)) {
    problems.push(`expected -prefix to be letters, digits, _ and :, not a digit first, got "${prefix}"`);
  }
  const serverId = serverIdSource(given, warnings);
  const tls = tlsFiles(given, problems, warnings);
  const basicAuth = basicAuthOf(given, problems, warnings);
  const path = given.text("path") || "/metrics";
  return {
    listen: {
      host: given.value("addr") ?? "0.0.0.0",
      port: wholeNumber("port", given, { byDefault: 7777, most: 65_535 }, problems),
    },
    path: path.startsWith("/") ? path : `/${path}`,
    ...(tls && { tls }),
    ...(basicAuth && { basicAuth }),
    log: logOf(given),
    ...(prefix !== "" && { prefix }),
    collect: chosen.length === 0 ? ["varz"] : chosen,
    ...(jsz && { jsz }),
    serverId,
    targets: targetsOf(given.positionals, serverId, problems, warnings),
    warnings,
  };
}

function logOf(given: GivenFlags): ExporterSettings["log"] {
  const level = given.isOn("V") || given.isOn("DV") ? "trace" : given.isOn("D") ? "debug" : "info";
  const file = given.text("log");
  return { level, ...(file !== "" && { file }) };
}

function wholeNumber(
  name: string,
  given: GivenFlags,
  { byDefault, most }: { readonly byDefault: number; readonly most?: number },
  problems: string[],
): number {
  const text = given.value(name);
  if (text === undefined) return byDefault;
  const value = parseWholeNumber(text);
  if (value !== undefined && value <= (most ?? Number.MAX_SAFE_INTEGER)) return value;
  const range = most === undefined ? "a whole number" : `a whole number from 0 to ${most}`;
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
  given: GivenFlags,
  problems: string[],
  warnings: string[],
): JetStreamOptions | undefined {
  const streamMetadataKeys = metadataKeys("jsz_stream_meta_keys", given, problems);
  const consumerMetadataKeys = metadataKeys("jsz_consumer_meta_keys", given, problems);
  const filter = given.text("jsz");
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

function metadataKeys(name: string, given: GivenFlags, problems: string[]): string[] | undefined {
  const text = given.text(name);
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

function serverIdSource(given: GivenFlags, warnings: string[]): ServerIdSource {
  const source = given.isOn("use_internal_server_id")
    ? "server-id"
    : given.isOn("use_internal_server_name")
      ? "server-name"
      : "url";
  if (source === "url" || given.positionals.length <= 1) return source;
  warnings.push(
    "With several URLs, server_id is the URL or the id before it, as prometheus-nats-exporter has it: " +
      "-use_internal_server_id and -use_internal_server_name are for one URL.",
  );
  return "url";
}

function tlsFiles(given: GivenFlags, problems: string[], warnings: string[]): ExporterSettings["tls"] {
  const certificateFile = given.text("tlscert");
  const keyFile = given.text("tlskey");
  const clientAuthoritiesFile = given.text("tlscacert");
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

function basicAuthOf(
  given: GivenFlags,
  problems: string[],
  warnings: string[],
): ExporterSettings["basicAuth"] {
  const user = given.text("http_user");
  const password = given.text("http_pass");
  if (user === "") {
    if (password !== "") warnings.push("Without -http_user everybody may scrape: -http_pass has no effect.");
    return undefined;
  }
  if (password === "") warnings.push("Without -http_pass the password is empty: it protects nothing.");
  const form = isBcryptHash(password) ? "bcrypt" : "plain";
  if (form === "plain" && password.startsWith("$2a$")) {
    problems.push(
      "-http_pass begins like a bcrypt hash and is not a whole one; a shell may have replaced its $",
    );
  }
  return { user, password: { form, text: password } };
}
