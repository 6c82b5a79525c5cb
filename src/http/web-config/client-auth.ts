/**
 * Decides which clients a TLS port accepts: Go's `tls.ClientAuthType`.
 *
 * OpenSSL checks that the client has the key of its certificate, and the certificate's chain, dates and purpose.
 * This module decides what follows from the result.
 */
import { isIP, SocketAddress } from "node:net";
import type { TLSSocket } from "node:tls";

/** Whether each type requests and requires a certificate, and verifies it against `client_ca`. */
export const CLIENT_AUTH_TYPES = {
  NoClientCert: { request: false, require: false, verify: false },
  RequestClientCert: { request: true, require: false, verify: false },
  RequireAnyClientCert: { request: true, require: true, verify: false },
  VerifyClientCertIfGiven: { request: true, require: false, verify: true },
  RequireAndVerifyClientCert: { request: true, require: true, verify: true },
} as const;

export type ClientAuthType = keyof typeof CLIENT_AUTH_TYPES;

/** Requirements for a client certificate. */
export interface ClientAuth {
  readonly clientAuthType: ClientAuthType;
  readonly clientAllowedSans?: readonly string[];
}

/** Why a client must be disconnected after its handshake; undefined if it is accepted. */
export function reasonToRefuse(socket: TLSSocket, auth: ClientAuth): string | undefined {
  const { require, verify } = CLIENT_AUTH_TYPES[auth.clientAuthType];
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) {
    return require || auth.clientAllowedSans ? "it has no certificate" : undefined;
  }
  if (verify && !socket.authorized) {
    return `its certificate does not verify (${socket.authorizationError ?? "unknown reason"})`;
  }
  if (auth.clientAllowedSans && !hasAllowedSan(certificate.subjectAltName, auth.clientAllowedSans)) {
    return "its certificate has none of the names in client_allowed_sans";
  }
  return undefined;
}

/** Compares DNS names, e-mail addresses, IP addresses and URIs, character by character. */
function hasAllowedSan(subjectAltName: string | undefined, allowed: readonly string[]): boolean {
  const wanted = new Set(allowed.map(canonical));
  return subjectAltNames(subjectAltName ?? "").some((name) => wanted.has(name));
}

const SAN = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/y;
const SAN_KINDS = ["DNS", "email", "IP Address", "URI"];

/**
 * Parses Node's `subjectAltName`: `DNS:a.example, IP Address:10.0.0.1, URI:"https://a/?b,c"`. An ambiguous value is a
 * JSON string in it. The list ends at the first part that cannot be parsed.
 */
export function subjectAltNames(text: string): string[] {
  const names: string[] = [];
  SAN.lastIndex = 0;
  for (let match = SAN.exec(text); match && match[0] !== ""; match = SAN.exec(text)) {
    const [, kind = "", value = ""] = match;
    if (SAN_KINDS.includes(kind)) {
      names.push(canonical(value.startsWith('"') ? String(JSON.parse(value)) : value));
    }
  }
  return names;
}

/** One form for IPv6 addresses, which OpenSSL writes in another form than people do. */
function canonical(name: string): string {
  return isIP(name) === 6 ? new SocketAddress({ address: name, family: "ipv6" }).address : name;
}
