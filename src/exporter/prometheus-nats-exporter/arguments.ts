/**
 * The argument list of prometheus-nats-exporter, so that a deployment of it can run natscope instead:
 *
 *   -port=7777 -connz -varz -jsz=all -prefix=nats -use_internal_server_id http://localhost:8222/
 *
 * Pure: opens no file, no port and no log. `flags.ts` has the flags, `go-flags.ts` their syntax.
 *
 * Without a metric flag, or with -jsz only, natscope collects varz: prometheus-nats-exporter documents the first and
 * does the second. With -tlscacert clients must show a certificate, as documented. Arguments that start
 * prometheus-nats-exporter also start natscope: a flag without effect is a warning, not an error.
 */
import { isBcryptHash } from "../../http/access/bcrypt.ts";
import type { ValuesOf } from "../../input/option.ts";
import { resolve } from "../../input/resolve.ts";
import { FLAG_SET, FLAGS } from "./flags.ts";
import { splitFlag } from "./go-flags.ts";
import {
  EXPORTER_COLLECTOR_NAMES,
  type ExporterCollectorName,
  type JetStreamOptions,
  type ServerIdSource,
} from "./prometheus-nats-exporter.ts";
import { type ExporterTarget, isTarget, targetsOf } from "./targets.ts";

/** Result of reading an argument list. */
type ExporterArguments =
  /** The command line is natscope's own. */
  | { readonly kind: "not-exporter-arguments" }
  | { readonly kind: "settings"; readonly settings: ExporterSettings }
  /** Sentences. */
  | { readonly kind: "problems"; readonly problems: readonly string[] }
  | { readonly kind: "version" }
  /** `-help`, or `-h` after other flags: print `exporterUsage()`. */
  | { readonly kind: "help" };

/** Settings from the arguments, with the defaults of prometheus-nats-exporter. */
export interface ExporterSettings {
  /** Port 0: any free port. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Path of the metrics, with a leading slash. */
  readonly path: string;
  /** Files for HTTPS on natscope's own port. */
  readonly tls?: {
    readonly certificateFile: string;
    readonly keyFile: string;
    /** Clients must show a certificate of one of these authorities. */
    readonly clientAuthoritiesFile?: string;
  };
  /** Basic auth on natscope's own port. The password is plain or a bcrypt hash. */
  readonly basicAuth?: { readonly user: string; readonly password: string };
  readonly log: { readonly level: "info" | "debug" | "trace"; readonly file?: string };
  /** Prefix of every metric name. Absent: gnatsd and jetstream. */
  readonly prefix?: string;
  readonly collect: readonly ExporterCollectorName[];
  readonly jsz?: JetStreamOptions;
  /** Value of `server_id` for targets without a `serverId`. */
  readonly serverId: ServerIdSource;
  /** One or more. */
  readonly targets: readonly ExporterTarget[];
  /** Sentences for the log about arguments without effect, or with another effect. */
  readonly warnings: readonly string[];
}

/**
 * Reads an argument list if it is one of prometheus-nats-exporter. Never throws.
 *
 * @param argv arguments after the name of the program
 */
export function parseExporterArguments(argv: readonly string[]): ExporterArguments {
  if (!areExporterArguments(argv)) return { kind: "not-exporter-arguments" };
  const { given, positionals, wantsHelp, problems: syntaxProblems } = FLAG_SET.read(argv);
  if (wantsHelp) return { kind: "help" };
  const { values, problems: valueProblems } = resolve(FLAGS, [given]);
  const problems = [...syntaxProblems, ...valueProblems];
  if (values.version && problems.length === 0) return { kind: "version" };
  const settings = settingsOf(values, positionals, problems);
  return problems.length > 0 ? { kind: "problems", problems } : { kind: "settings", settings };
}

/**
 * natscope's own arguments begin with a word or a `--flag`. Those of prometheus-nats-exporter begin with a URL, with one
 * dash before a long name, or with a flag that only it has. A single letter decides only if a URL follows.
 */
function areExporterArguments(argv: readonly string[]): boolean {
  const first = argv[0];
  if (first === undefined) return false;
  if (!first.startsWith("-")) return isTarget(first);
  const { dashes, name } = splitFlag(first);
  if (dashes === 1 && name.length > 1) return true;
  if (name === "help" || name === "h" || name === "version") return false;
  if (dashes === 2) return FLAG_SET.has(name);
  return argv.slice(1).some((argument) => isTarget(argument));
}

type Values = ValuesOf<typeof FLAGS>;

function settingsOf(values: Values, positionals: readonly string[], problems: string[]): ExporterSettings {
  const warnings: string[] = [];
  const { addr, port, prefix } = values;
  const jsz = jetStreamOptions(values, warnings);
  const collect = EXPORTER_COLLECTOR_NAMES.filter((name) => values[name]);
  if (collect.length === 0 && !jsz) warnings.push("No metric flag is given: natscope collects -varz.");
  if (values.syslog || values.remote_syslog !== "") {
    warnings.push("-syslog and -remote_syslog have no effect: natscope does not write to syslog.");
  }
  const serverId = serverIdSource(values, positionals, warnings);
  const tls = tlsFiles(values, problems, warnings);
  const basicAuth = basicAuthOf(values, problems, warnings);
  const path = values.path || "/metrics";
  return {
    listen: { host: addr, port },
    path: path.startsWith("/") ? path : `/${path}`,
    ...(tls && { tls }),
    ...(basicAuth && { basicAuth }),
    log: logOf(values),
    ...(prefix !== "" && { prefix }),
    collect: collect.length === 0 ? ["varz"] : collect,
    ...(jsz && { jsz }),
    serverId,
    targets: targetsOf(positionals, serverId, problems, warnings),
    warnings,
  };
}

function logOf({ D, V, DV, log }: Values): ExporterSettings["log"] {
  const level = V || DV ? "trace" : D ? "debug" : "info";
  return { level, ...(log !== "" && { file: log }) };
}

function jetStreamOptions(values: Values, warnings: string[]): JetStreamOptions | undefined {
  const { jsz, jsz_stream_meta_keys: streamKeys = [], jsz_consumer_meta_keys: consumerKeys = [] } = values;
  if (jsz === undefined) {
    if (streamKeys.length > 0 || consumerKeys.length > 0) {
      warnings.push("-jsz_stream_meta_keys and -jsz_consumer_meta_keys have no effect without -jsz.");
    }
    return undefined;
  }
  return {
    detail: jsz,
    ...(streamKeys.length > 0 && { streamMetadataKeys: streamKeys }),
    ...(consumerKeys.length > 0 && { consumerMetadataKeys: consumerKeys }),
  };
}

function serverIdSource(values: Values, positionals: readonly string[], warnings: string[]): ServerIdSource {
  const source = values.use_internal_server_id
    ? "server-id"
    : values.use_internal_server_name
      ? "server-name"
      : "url";
  if (source === "url" || positionals.length <= 1) return source;
  warnings.push(
    "-use_internal_server_id and -use_internal_server_name have no effect with several URLs: server_id is the URL or " +
      "the id before it, as in prometheus-nats-exporter.",
  );
  return "url";
}

function tlsFiles(values: Values, problems: string[], warnings: string[]): ExporterSettings["tls"] {
  const { tlscert, tlskey, tlscacert } = values;
  if (tlscert === "") {
    if (tlskey !== "" || tlscacert !== "") {
      warnings.push("-tlskey and -tlscacert have no effect without -tlscert: natscope serves plain HTTP.");
    }
    return undefined;
  }
  if (tlskey === "") problems.push("-tlscert needs -tlskey");
  if (tlscacert !== "") {
    warnings.push(
      "-tlscacert is enforced: natscope rejects clients without a certificate of these authorities, which " +
        "prometheus-nats-exporter accepts.",
    );
  }
  return {
    certificateFile: tlscert,
    keyFile: tlskey,
    ...(tlscacert !== "" && { clientAuthoritiesFile: tlscacert }),
  };
}

function basicAuthOf(values: Values, problems: string[], warnings: string[]): ExporterSettings["basicAuth"] {
  const { http_user: user, http_pass: password } = values;
  if (user === "") {
    if (password !== "") warnings.push("-http_pass has no effect without -http_user: anyone can scrape.");
    return undefined;
  }
  if (password === "") warnings.push("-http_user without -http_pass: the password is empty.");
  if (password.startsWith("$2a$") && !isBcryptHash(password)) {
    problems.push(
      "-http_pass begins like a bcrypt hash: expected a whole hash; a shell may have replaced its $",
    );
  }
  return { user, password };
}
