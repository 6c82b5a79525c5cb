/** Loads a web configuration for the listener: reads the files that it names and checks that TLS works with them. */

import { constants, createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { dirname, resolve } from "node:path";
import { createSecureContext, DEFAULT_CIPHERS, type TlsOptions } from "node:tls";
import { fileProblem } from "../../input/file-problem.ts";
import { errorMessage } from "../../text/wording.ts";
import type { Users } from "../access/basic-auth.ts";
import type { RateLimit } from "../access/token-bucket.ts";
import { CLIENT_AUTH_TYPES, type ClientAuth } from "./client-auth.ts";
import { type Pem, type WebConfig, WebConfigProblems, type WebTls } from "./config.ts";
import { parseWebConfig } from "./file.ts";
import { TLS13_SUITES } from "./go-names.ts";
import type { WatchedFiles } from "./watched-files.ts";

/** Source of a configuration: a `web-config.yml`, or a value from flags. */
export type WebConfigSource = { readonly file: string } | { readonly config: WebConfig };

/** A configuration that can be used. */
export interface LoadedWebConfig {
  readonly tls?: { readonly options: TlsOptions; readonly clientAuth: ClientAuth };
  readonly headers: Readonly<Record<string, string>>;
  readonly users: Users;
  readonly rateLimit?: RateLimit;
}

/** @throws {WebConfigProblems} with all problems of the configuration and its files */
export function loadWebConfig(source: WebConfigSource, files: WatchedFiles): LoadedWebConfig {
  const problems: string[] = [];
  const config = "file" in source ? readConfig(source.file, files, problems) : source.config;
  const { tls, ...rest } = config;
  const options = tls && readTlsOptions(tls, files, problems);
  if (problems.length > 0) throw new WebConfigProblems(problems);
  if (!tls || !options) return rest;
  return { ...rest, tls: { options, clientAuth: tls } };
}

function readConfig(file: string, files: WatchedFiles, problems: string[]): WebConfig {
  const text = readFile(file, "the web configuration", files, problems);
  const parsed = parseWebConfig(text ?? "", dirname(resolve(file)));
  problems.push(...parsed.problems);
  return parsed.config;
}

function readTlsOptions(tls: WebTls, files: WatchedFiles, problems: string[]): TlsOptions | undefined {
  const found = problems.length;
  const cert = readPem(tls.certificate, "the certificate", files, problems);
  const key = readPem(tls.key, "the key", files, problems);
  const ca = tls.clientCa && readPem(tls.clientCa, "the client CA", files, problems);
  const certificate =
    cert && parseCertificates(cert, nameOf("the certificate", tls.certificate), problems)[0];
  const privateKey = key && parseKey(key, nameOf("the key", tls.key), problems);
  if (ca && tls.clientCa) parseCertificates(ca, nameOf("the client CA", tls.clientCa), problems);
  if (certificate && privateKey && !certificate.checkPrivateKey(privateKey)) {
    problems.push(`${nameOf("the key", tls.key)} does not match the certificate`);
  }
  if (problems.length > found || cert === undefined || key === undefined) return undefined;
  const { request } = CLIENT_AUTH_TYPES[tls.clientAuthType];
  const options: TlsOptions = {
    cert,
    key,
    ...(ca !== undefined && { ca }),
    minVersion: tls.minVersion,
    maxVersion: tls.maxVersion,
    honorCipherOrder: tls.preferServerCipherSuites,
    ciphers: ciphersOf(tls),
    ...(tls.curvePreferences.length > 0 && { ecdhCurve: tls.curvePreferences.join(":") }),
    ALPNProtocols: ["http/1.1"],
    requestCert: request,
    // `reasonToRefuse` decides, for all types.
    rejectUnauthorized: false,
    // A resumed session is not verified again, and its certificate may have expired.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | (request ? constants.SSL_OP_NO_TICKET : 0),
  };
  try {
    createSecureContext(options);
    return options;
  } catch (error) {
    problems.push(`TLS cannot be used: ${errorMessage(error)}`);
    return undefined;
  }
}

/** OpenSSL 3 allows TLS 1.0 and 1.1 only at its lowest security level. */
function ciphersOf({ cipherSuites, minVersion }: WebTls): string {
  const older = cipherSuites.filter((suite) => !TLS13_SUITES.includes(suite));
  const suites = cipherSuites.length > 0 ? [...TLS13_SUITES, ...older].join(":") : DEFAULT_CIPHERS;
  return minVersion === "TLSv1" || minVersion === "TLSv1.1" ? `${suites}:@SECLEVEL=0` : suites;
}

function readPem(pem: Pem, what: string, files: WatchedFiles, problems: string[]): string | undefined {
  return "text" in pem ? pem.text : readFile(pem.file, what, files, problems);
}

function readFile(file: string, what: string, files: WatchedFiles, problems: string[]): string | undefined {
  try {
    return files.read(file);
  } catch (error) {
    problems.push(`${what} ${file} ${fileProblem(error)}`);
    return undefined;
  }
}

function nameOf(what: string, pem: Pem): string {
  return "file" in pem ? `${what} ${pem.file}` : what;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

function parseCertificates(text: string, what: string, problems: string[]): X509Certificate[] {
  try {
    const certificates = [...text.matchAll(CERTIFICATE)].map(([pem]) => new X509Certificate(pem));
    if (certificates.length === 0) problems.push(`${what} has no PEM certificate`);
    return certificates;
  } catch {
    problems.push(`${what} has a malformed certificate`);
    return [];
  }
}

function parseKey(text: string, what: string, problems: string[]): KeyObject | undefined {
  if (/ENCRYPTED/.test(text)) {
    problems.push(`${what} is encrypted: expected a key without a passphrase`);
    return undefined;
  }
  try {
    return createPrivateKey(text);
  } catch {
    problems.push(`${what} has no PEM private key`);
    return undefined;
  }
}
