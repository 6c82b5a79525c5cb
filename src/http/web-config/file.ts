/**
 * Parses `web-config.yml`, the file format of Prometheus' exporter-toolkit. Reads no other file.
 *
 * Stricter than the toolkit where it would let in whom the file seems to keep out: `client_allowed_sans`
 * without client certificates, verifying without a client CA (Go would trust every public authority), TLS
 * settings without a certificate (Go would serve plain HTTP).
 *
 * Source: https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md
 */
import { resolve } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import { parseGoDuration } from "../../time/go-time.ts";
import type { Secret } from "../access/basic-auth.ts";
import { isBcryptHash } from "../access/bcrypt.ts";
import type { RateLimit } from "../access/token-bucket.ts";
import { CLIENT_AUTH_TYPES, type ClientAuthType } from "./client-auth.ts";
import { type Pem, TLS_DEFAULTS, type WebConfig, type WebTls } from "./config.ts";
import { CIPHER_SUITES, CURVES, TLS_VERSIONS, VERSION_ORDER } from "./go-names.ts";
import { Section } from "./section.ts";

/** A configuration as far as it could be understood, and what is wrong with it. */
export interface ParsedWebConfig {
  readonly config: WebConfig;
  readonly problems: readonly string[];
}

/** @param directory that file names in the text are relative to */
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
    // Not the parser's own message: it may quote a line, and the line may be a key.
    const { line, col } = lineCounter.linePos(pos[0]);
    problems.push(`The file is not valid YAML at line ${line}, column ${col} (${code}).`);
  }
  if (document.errors.length > 0) return undefined;
  try {
    return document.toJS();
  } catch {
    problems.push("The file uses YAML aliases that cannot be resolved.");
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

/** Older files call RequireAnyClientCert so; the toolkit still reads it. */
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
    section.problem("cert_file", "is missing (or `cert`): without a certificate there is no TLS");
  }
  if (!section.has("key") && !section.has("key_file")) {
    section.problem("key_file", "is missing (or `key`): a certificate needs its key");
  }
  if (VERSION_ORDER.indexOf(minVersion) > VERSION_ORDER.indexOf(maxVersion)) {
    section.problem("min_version", "is above `max_version`");
  }
  const { request, verify } = CLIENT_AUTH_TYPES[clientAuthType];
  if (verify && !section.has("client_ca") && !section.has("client_ca_file")) {
    const why = "without it, whoever has a certificate of any public authority would be let in";
    section.problem("client_ca_file", `is missing (or \`client_ca\`), which ${clientAuthType} needs: ${why}`);
  }
  if (!request && clientCa) {
    section.problem("client_auth_type", "is missing: a client CA alone lets everybody in");
  }
  if (!request && sans) {
    section.problem("client_allowed_sans", "needs a `client_auth_type` that asks for a certificate");
  }
  if (sans?.length === 0) section.problem("client_allowed_sans", "is empty, which would let in nobody");
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

/** `<key>` holds a PEM text, `<key>_file` the name of a file. */
function readPem(section: Section, key: string, directory: string): Pem | undefined {
  const text = section.text(key);
  const file = section.text(`${key}_file`);
  if (text !== undefined && file !== undefined) {
    return section.problem(key, `and \`${key}_file\` are both there; keep one`);
  }
  if (text !== undefined) return { text };
  return file === undefined ? undefined : { file: resolve(directory, file) };
}

/** Headers that may be set, and the values that may be set; any where undefined. */
const HEADERS: Readonly<Record<string, readonly string[] | undefined>> = {
  "Content-Security-Policy": undefined,
  "Strict-Transport-Security": undefined,
  "X-Content-Type-Options": ["nosniff"],
  "X-Frame-Options": ["deny", "sameorigin"],
  "X-XSS-Protection": undefined,
};

function readHeaders(value: unknown, problems: string[]): Record<string, string> {
  const section = new Section(value, "http_server_config", ["http2", "headers"], problems);
  // natscope speaks HTTP/1.1 only; the switch is accepted because it is in many files, and true by default.
  section.boolean("http2");
  const names = Object.keys(HEADERS);
  const headers = new Section(section.get("headers"), "http_server_config.headers", names, problems);
  const chosen: Record<string, string> = {};
  for (const name of headers.keys.filter((key) => names.includes(key))) {
    const text = headers.text(name);
    const allowed = HEADERS[name];
    if (text === undefined) continue;
    if (allowed && !allowed.includes(text)) headers.problem(name, `must be ${allowed.join(" or ")}`);
    else if (!/^[\t\x20-\x7e]*$/.test(text)) headers.problem(name, "must be one line of plain ASCII");
    else chosen[name] = text;
  }
  return chosen;
}

function readUsers(value: unknown, problems: string[]): Map<string, Secret> {
  const section = new Section(value, "basic_auth_users", undefined, problems);
  const users = new Map<string, Secret>();
  for (const name of Object.keys(typeof value === "object" && value !== null ? value : {})) {
    const hash = section.get(name);
    if (name.includes(":"))
      section.problem(name, "cannot be a user: basic authentication ends names at a colon");
    else if (typeof hash === "string" && isBcryptHash(hash)) users.set(name, { bcrypt: hash });
    else section.problem(name, "must be a bcrypt hash, as `htpasswd -nBC 10 <user>` makes it");
  }
  return users;
}

function readRateLimit(value: unknown, problems: string[]): RateLimit | undefined {
  const section = new Section(value, "rate_limit", ["interval", "burst"], problems);
  const interval = section.text("interval") ?? "0";
  const burst = section.get("burst") ?? 0;
  // A bare number is nanoseconds in Go, which nobody means.
  const seconds = parseGoDuration(interval);
  const isDuration = seconds !== undefined && seconds >= 0;
  const isCount = typeof burst === "number" && Number.isInteger(burst) && burst >= 0;
  if (!isDuration) {
    section.problem("interval", "must be a duration of 0 or more with its unit, such as 250ms or 1s");
  }
  if (!isCount) section.problem("burst", "must be a whole number of 0 or more");
  if (!isDuration || !isCount || seconds === 0) return undefined;
  if (burst === 0) {
    return section.problem("burst", "must be at least 1: a burst of 0 would refuse every request");
  }
  return { intervalMs: seconds * 1000, burst };
}
