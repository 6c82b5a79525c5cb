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
import { entriesOf, oneOf, Section, someOf, text, texts, trueOrFalse, unchecked } from "./section.ts";

/** The valid part of a configuration, and a sentence for each invalid entry. */
interface ParsedWebConfig {
  readonly config: WebConfig;
  readonly problems: readonly string[];
}

/** Keys of the file. */
const FILE_KEYS = {
  tls_server_config: unchecked,
  http_server_config: unchecked,
  basic_auth_users: unchecked,
  rate_limit: unchecked,
};

/** @param directory base of relative file names */
export function parseWebConfig(yaml: string, directory: string): ParsedWebConfig {
  const problems: string[] = [];
  const { values } = new Section(parseYaml(yaml, problems), "", FILE_KEYS, problems);
  const tls = readTls(values.tls_server_config, directory, problems);
  const headers = readHeaders(values.http_server_config, problems);
  const users = readUsers(values.basic_auth_users, problems);
  const rateLimit = readRateLimit(values.rate_limit, problems);
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

/** `RequireClientCert` is the old name of RequireAnyClientCert, which the toolkit still accepts. */
const CLIENT_AUTH_NAMES: Readonly<Record<string, ClientAuthType>> = {
  ...(Object.fromEntries(Object.keys(CLIENT_AUTH_TYPES).map((name) => [name, name])) as Record<
    string,
    ClientAuthType
  >),
  RequireClientCert: "RequireAnyClientCert",
};

/** Keys of `tls_server_config`. */
const TLS_KEYS = {
  cert: text,
  cert_file: text,
  key: text,
  key_file: text,
  client_ca: text,
  client_ca_file: text,
  client_auth_type: oneOf(CLIENT_AUTH_NAMES, TLS_DEFAULTS.clientAuthType),
  client_allowed_sans: texts,
  min_version: oneOf(TLS_VERSIONS, TLS_DEFAULTS.minVersion),
  max_version: oneOf(TLS_VERSIONS, TLS_DEFAULTS.maxVersion),
  cipher_suites: someOf(CIPHER_SUITES, TLS_DEFAULTS.cipherSuites),
  prefer_server_cipher_suites: { ...trueOrFalse, default: TLS_DEFAULTS.preferServerCipherSuites as boolean },
  curve_preferences: someOf(CURVES, TLS_DEFAULTS.curvePreferences),
};

function readTls(value: unknown, directory: string, problems: string[]): WebTls | undefined {
  const section = new Section(value, "tls_server_config", TLS_KEYS, problems);
  if (section.present.length === 0) return undefined;
  const { values } = section;
  const certificate = readPem(section, "cert", directory);
  const key = readPem(section, "key", directory);
  const clientCa = readPem(section, "client_ca", directory);
  const sans = values.client_allowed_sans;
  const clientAuthType = values.client_auth_type;

  if (!section.has("cert") && !section.has("cert_file")) {
    section.problem("cert_file", "is missing: TLS needs a certificate (cert_file or cert)");
  }
  if (!section.has("key") && !section.has("key_file")) {
    section.problem("key_file", "is missing: a certificate needs its key (key_file or key)");
  }
  if (VERSION_ORDER.indexOf(values.min_version) > VERSION_ORDER.indexOf(values.max_version)) {
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
    minVersion: values.min_version,
    maxVersion: values.max_version,
    cipherSuites: values.cipher_suites,
    preferServerCipherSuites: values.prefer_server_cipher_suites,
    curvePreferences: values.curve_preferences,
  };
}

/** `<key>` is a PEM text, `<key>_file` the name of a file. */
function readPem(
  section: Section<typeof TLS_KEYS>,
  key: "cert" | "key" | "client_ca",
  directory: string,
): Pem | undefined {
  const pem = section.values[key];
  const file = section.values[`${key}_file`];
  if (pem !== undefined && file !== undefined) {
    return section.problem(key, `and ${key}_file are both set: expected one of them`);
  }
  if (pem !== undefined) return { text: pem };
  return file === undefined ? undefined : { file: resolve(directory, file) };
}

/** Headers that may be set, and their possible values. Undefined: any value. */
const ALLOWED_HEADERS: Readonly<Record<string, readonly string[] | undefined>> = {
  "Content-Security-Policy": undefined,
  "Strict-Transport-Security": undefined,
  "X-Content-Type-Options": ["nosniff"],
  "X-Frame-Options": ["deny", "sameorigin"],
  "X-XSS-Protection": undefined,
};

/** Keys of `http_server_config`. natscope serves HTTP/1.1 only; it accepts `http2`, which many files have. */
const HTTP_KEYS = { http2: trueOrFalse, headers: unchecked };
const HEADER_KEYS = Object.fromEntries(Object.keys(ALLOWED_HEADERS).map((name) => [name, text]));

function readHeaders(value: unknown, problems: string[]): Record<string, string> {
  const { values } = new Section(value, "http_server_config", HTTP_KEYS, problems);
  const section = new Section(values.headers, "http_server_config.headers", HEADER_KEYS, problems);
  const chosen: Record<string, string> = {};
  for (const name of section.present) {
    const header = section.values[name];
    const allowed = ALLOWED_HEADERS[name];
    if (header === undefined) continue;
    if (allowed && !allowed.includes(header)) section.problem(name, invalid(header, enumerate(allowed)));
    else if (!/^[\t\x20-\x7e]*$/.test(header))
      section.problem(name, "is invalid: expected one line of ASCII");
    else chosen[name] = header;
  }
  return chosen;
}

function readUsers(value: unknown, problems: string[]): Map<string, Secret> {
  const users = new Map<string, Secret>();
  for (const [name, hash] of entriesOf(value, "basic_auth_users", problems)) {
    const place = `basic_auth_users.${name}`;
    if (name.includes(":")) problems.push(`${place} is not a user name: expected a name without a colon`);
    else if (typeof hash === "string" && isBcryptHash(hash)) users.set(name, { bcrypt: hash });
    else
      problems.push(
        `${place} is invalid (and not shown): expected a bcrypt hash, as from htpasswd -nBC 10 USER`,
      );
  }
  return users;
}

/** Keys of `rate_limit`. */
const RATE_LIMIT_KEYS = {
  interval: { ...text, default: "0" },
  burst: { ...unchecked, default: 0 as unknown },
};

function readRateLimit(value: unknown, problems: string[]): RateLimit | undefined {
  const section = new Section(value, "rate_limit", RATE_LIMIT_KEYS, problems);
  const { interval, burst } = section.values;
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
