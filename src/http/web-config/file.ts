/**
 * Parses `web-config.yml`, the file format of Prometheus' exporter-toolkit. Reads no other file.
 *
 * Stricter than the toolkit if it would admit clients that the file seems to exclude: `client_allowed_sans` without
 * client certificates, verification without a client CA (Go would trust every public CA), TLS settings without a
 * certificate (Go would serve plain HTTP).
 *
 * Source: https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md
 */
import { resolve } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import { invalid } from "../../input/problems.ts";
import { enumerate } from "../../text/wording.ts";
import { parseGoDuration } from "../../time/go-time.ts";
import type { Secret } from "../access/basic-auth.ts";
import { isBcryptHash } from "../access/bcrypt.ts";
import type { RateLimit } from "../access/token-bucket.ts";
import { CLIENT_AUTH_TYPES, type ClientAuthType } from "./client-auth.ts";
import { type Pem, TLS_DEFAULTS, type WebConfig, type WebTls } from "./config.ts";
import { CIPHER_SUITES, CURVES, TLS_VERSIONS, VERSION_ORDER } from "./go-names.ts";
import { Section } from "./section.ts";

/** The valid part of a configuration, and a sentence for each invalid entry. */
interface ParsedWebConfig {
  readonly config: WebConfig;
  readonly problems: readonly string[];
}

/** @param directory base of relative file names */
export function parseWebConfig(text: string, directory: string): ParsedWebConfig {
  const problems: string[] = [];
  const top = new Section(
    parseYaml(text, problems),
    "",
    ["tls_server_config", "http_server_config", "basic_auth_users", "rate_limit"],
    problems,
  );
  const tls = readTls(top.get("tls_server_config"), directory, problems);
  const headers = readHeaders(top.get("http_server_config"), problems);
  const users = readUsers(top.get("basic_auth_users"), problems);
  const rateLimit = readRateLimit(top.get("rate_limit"), problems);
  return { config: { ...(tls && { tls }), headers, users, ...(rateLimit && { rateLimit }) }, problems };
}

/** YAML 1.1, as the toolkit reads it: there `yes` and `off` are booleans. */
function parseYaml(text: string, problems: string[]): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { version: "1.1", prettyErrors: false, lineCounter });
  for (const { code, pos } of document.errors) {
    // Without the parser's message, which may quote a line with a key.
    const { line, col } = lineCounter.linePos(pos[0]);
    problems.push(`the file is not valid YAML at line ${line}, column ${col} (${code})`);
  }
  if (document.errors.length > 0) return undefined;
  try {
    return document.toJS();
  } catch {
    problems.push("the file has YAML aliases that cannot be resolved");
    return undefined;
  }
}

const TLS_KEYS = [
  "cert",
  "key",
  "client_ca",
  "cert_file",
  "key_file",
  "client_ca_file",
  "client_auth_type",
  "client_allowed_sans",
  "min_version",
  "max_version",
  "cipher_suites",
  "prefer_server_cipher_suites",
  "curve_preferences",
];

/** `RequireClientCert` is the old name of RequireAnyClientCert, which the toolkit still accepts. */
const CLIENT_AUTH_NAMES: Readonly<Record<string, ClientAuthType>> = {
  ...(Object.fromEntries(Object.keys(CLIENT_AUTH_TYPES).map((name) => [name, name])) as Record<
    string,
    ClientAuthType
  >),
  RequireClientCert: "RequireAnyClientCert",
};

function readTls(value: unknown, directory: string, problems: string[]): WebTls | undefined {
  const section = new Section(value, "tls_server_config", TLS_KEYS, problems);
  if (section.keys.length === 0) return undefined;
  const certificate = readPem(section, "cert", directory);
  const key = readPem(section, "key", directory);
  const clientCa = readPem(section, "client_ca", directory);
  const sans = section.texts("client_allowed_sans");
  const clientAuthType = section.choice("client_auth_type", CLIENT_AUTH_NAMES) ?? TLS_DEFAULTS.clientAuthType;
  const minVersion = section.choice("min_version", TLS_VERSIONS) ?? TLS_DEFAULTS.minVersion;
  const maxVersion = section.choice("max_version", TLS_VERSIONS) ?? TLS_DEFAULTS.maxVersion;
  const cipherSuites = section.choices("cipher_suites", CIPHER_SUITES) ?? TLS_DEFAULTS.cipherSuites;
  const curvePreferences = section.choices("curve_preferences", CURVES) ?? TLS_DEFAULTS.curvePreferences;
  const preferServerCipherSuites =
    section.boolean("prefer_server_cipher_suites") ?? TLS_DEFAULTS.preferServerCipherSuites;

  if (!section.has("cert") && !section.has("cert_file")) {
    section.problem("cert_file", "is missing: TLS needs a certificate (cert_file or cert)");
  }
  if (!section.has("key") && !section.has("key_file")) {
    section.problem("key_file", "is missing: a certificate needs its key (key_file or key)");
  }
  if (VERSION_ORDER.indexOf(minVersion) > VERSION_ORDER.indexOf(maxVersion)) {
    section.problem("min_version", "is above max_version");
  }
  const { request, verify } = CLIENT_AUTH_TYPES[clientAuthType];
  if (verify && !section.has("client_ca") && !section.has("client_ca_file")) {
    const why = "without it, a certificate of any public CA would be accepted";
    section.problem(
      "client_ca_file",
      `is missing: ${clientAuthType} needs client_ca_file or client_ca; ${why}`,
    );
  }
  if (!request && clientCa) {
    section.problem("client_auth_type", "is missing: without it, the client CA has no effect");
  }
  if (!request && sans) {
    section.problem(
      "client_allowed_sans",
      "has no effect: expected a client_auth_type that requests certificates",
    );
  }
  if (sans?.length === 0) section.problem("client_allowed_sans", "is empty: no client would be accepted");
  if (!certificate || !key) return undefined;
  return {
    certificate,
    key,
    clientAuthType,
    ...(clientCa && { clientCa }),
    ...(sans && { clientAllowedSans: sans }),
    minVersion,
    maxVersion,
    cipherSuites,
    preferServerCipherSuites,
    curvePreferences,
  };
}

/** `<key>` is a PEM text, `<key>_file` the name of a file. */
function readPem(section: Section, key: string, directory: string): Pem | undefined {
  const text = section.text(key);
  const file = section.text(`${key}_file`);
  if (text !== undefined && file !== undefined) {
    return section.problem(key, `and ${key}_file are both set: expected one of them`);
  }
  if (text !== undefined) return { text };
  return file === undefined ? undefined : { file: resolve(directory, file) };
}

/** Headers that may be set, and their possible values. Undefined: any value. */
const HEADERS: Readonly<Record<string, readonly string[] | undefined>> = {
  "Content-Security-Policy": undefined,
  "Strict-Transport-Security": undefined,
  "X-Content-Type-Options": ["nosniff"],
  "X-Frame-Options": ["deny", "sameorigin"],
  "X-XSS-Protection": undefined,
};

function readHeaders(value: unknown, problems: string[]): Record<string, string> {
  const section = new Section(value, "http_server_config", ["http2", "headers"], problems);
  // natscope serves HTTP/1.1 only. The switch is accepted because many files have it.
  section.boolean("http2");
  const names = Object.keys(HEADERS);
  const headers = new Section(section.get("headers"), "http_server_config.headers", names, problems);
  const chosen: Record<string, string> = {};
  for (const name of headers.keys.filter((key) => names.includes(key))) {
    const text = headers.text(name);
    const allowed = HEADERS[name];
    if (text === undefined) continue;
    if (allowed && !allowed.includes(text)) headers.problem(name, invalid(text, enumerate(allowed)));
    else if (!/^[\t\x20-\x7e]*$/.test(text)) headers.problem(name, "is invalid: expected one line of ASCII");
    else chosen[name] = text;
  }
  return chosen;
}

function readUsers(value: unknown, problems: string[]): Map<string, Secret> {
  const section = new Section(value, "basic_auth_users", undefined, problems);
  const users = new Map<string, Secret>();
  for (const name of Object.keys(typeof value === "object" && value !== null ? value : {})) {
    const hash = section.get(name);
    if (name.includes(":")) section.problem(name, "is not a user name: expected a name without a colon");
    else if (typeof hash === "string" && isBcryptHash(hash)) users.set(name, { bcrypt: hash });
    else
      section.problem(
        name,
        "is invalid (and not shown): expected a bcrypt hash, as from htpasswd -nBC 10 USER",
      );
  }
  return users;
}

function readRateLimit(value: unknown, problems: string[]): RateLimit | undefined {
  const section = new Section(value, "rate_limit", ["interval", "burst"], problems);
  const interval = section.text("interval") ?? "0";
  const burst = section.get("burst") ?? 0;
  // A number without unit is nanoseconds in Go, which is hardly ever intended.
  const seconds = parseGoDuration(interval);
  const isDuration = seconds !== undefined && seconds >= 0;
  const isCount = typeof burst === "number" && Number.isInteger(burst) && burst >= 0;
  if (!isDuration) {
    section.problem("interval", invalid(interval, "a duration with its unit, such as 250ms or 1s"));
  }
  if (!isCount) section.problem("burst", invalid(String(burst), "a whole number from 0"));
  if (!isDuration || !isCount || seconds === 0) return undefined;
  if (burst === 0) {
    return section.problem("burst", "is 0: expected 1 or more, as 0 would refuse every request");
  }
  return { intervalMs: seconds * 1000, burst };
}
