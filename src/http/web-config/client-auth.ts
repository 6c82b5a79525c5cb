/**
 * Which clients a TLS port lets in: Go's `tls.ClientAuthType`, enforced.
 *
 * OpenSSL proves in each case that the client holds the key of the certificate it shows, and checks chain,
 * dates and purpose; what follows from the result is decided here.
 */
import { isIP, SocketAddress } from "node:net";
import type { TLSSocket } from "node:tls";

/** What each type asks of a client; `verify` is against `client_ca`. */
export const CLIENT_AUTH_TYPES = {
  NoClientCert: { request: false, require: false, verify: false },
  RequestClientCert: { request: true, require: false, verify: false },
  RequireAnyClientCert: { request: true, require: true, verify: false },
  VerifyClientCertIfGiven: { request: true, require: false, verify: true },
  RequireAndVerifyClientCert: { request: true, require: true, verify: true },
} as const;

export type ClientAuthType = keyof typeof CLIENT_AUTH_TYPES;

/** What a client has to show: a certificate as the type demands, with one of the names where there are any. */
export interface ClientAuth {
  readonly clientAuthType: ClientAuthType;
  readonly clientAllowedSans?: readonly string[];
}

/** Why a client that completed its handshake must go, or undefined where it may stay. */
export function reasonToRefuse(socket: TLSSocket, auth: ClientAuth): string | undefined {
  const { require, verify } = CLIENT_AUTH_TYPES[auth.clientAuthType];
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) {
    return require || auth.clientAllowedSans ? "it showed no certificate" : undefined;
  }
  if (verify && !socket.authorized) {
    return `its certificate does not verify (${socket.authorizationError ?? "unknown reason"})`;
  }
  if (auth.clientAllowedSans && !hasAllowedSan(certificate.subjectAltName, auth.clientAllowedSans)) {
    return "its certificate carries none of `client_allowed_sans`";
  }
  return undefined;
}

/** DNS names, e-mail addresses, IP addresses and URIs count; equal means every character. */
function hasAllowedSan(subjectAltName: string | undefined, allowed: readonly string[]): boolean {
  const wanted = new Set(allowed.map(canonical));
  return subjectAltNames(subjectAltName ?? "").some((name) => wanted.has(name));
}

const SAN = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/y;
const SAN_KINDS = ["DNS", "email", "IP Address", "URI"];

/**
 * Reads Node's `subjectAltName`: `DNS:a.example, IP Address:10.0.0.1, URI:"https://a/?b,c"`. A value that
 * could be taken for more than one is a JSON string there. Anything not understood ends the list.
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

/** OpenSSL and people write IPv6 addresses differently. */
function canonical(name: string): string {
  return isIP(name) === 6 ? new SocketAddress({ address: name, family: "ipv6" }).address : name;
}
