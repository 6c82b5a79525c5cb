/**
 * Certificates for tests, issued here: Node can read X.509 but not write it, and an `openssl` command is not on
 * every machine. Just enough DER for P-256 keys and the extensions that TLS looks at.
 */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

export interface Issued {
  readonly name: string;
  readonly certificate: string;
  readonly key: string;
  readonly privateKey: KeyObject;
}

export interface CertificateOptions {
  readonly name: string;
  /** Signs itself where absent. */
  readonly issuer?: Issued;
  readonly isAuthority?: true;
  readonly purpose?: "server" | "client";
  readonly sans?: readonly { readonly kind: "dns" | "email" | "ip" | "uri"; readonly value: string }[];
  readonly notAfter?: Date;
}

const HOUR_MS = 3_600_000;

export function issue(options: CertificateOptions): Issued {
  const { name, issuer, notAfter = new Date(Date.now() + 24 * HOUR_MS) } = options;
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const notBefore = new Date(notAfter.getTime() - 48 * HOUR_MS);
  const algorithm = sequence(ECDSA_WITH_SHA256);
  const signed = sequence(
    tagged(0xa0, integer(2)),
    integer(...randomBytes(8).map((byte) => byte & 0x7f)),
    algorithm,
    distinguishedName(issuer?.name ?? name),
    sequence(utcTime(notBefore), utcTime(notAfter)),
    distinguishedName(name),
    publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(...extensions(options))),
  );
  const signature = sign("sha256", signed, issuer?.privateKey ?? privateKey);
  const der = sequence(signed, algorithm, tagged(0x03, Buffer.of(0), signature));
  return {
    name,
    certificate: `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    privateKey,
  };
}

export function issueAuthority(name: string): Issued {
  return issue({ name, isAuthority: true });
}

const ECDSA_WITH_SHA256 = Buffer.from("06082a8648ce3d040302", "hex");
const COMMON_NAME = Buffer.from("0603550403", "hex");
const BASIC_CONSTRAINTS = Buffer.from("0603551d13", "hex");
const EXTENDED_KEY_USAGE = Buffer.from("0603551d25", "hex");
const SUBJECT_ALT_NAME = Buffer.from("0603551d11", "hex");
const PURPOSES = {
  server: Buffer.from("06082b06010505070301", "hex"),
  client: Buffer.from("06082b06010505070302", "hex"),
};
const SAN_TAGS = { email: 0x81, dns: 0x82, uri: 0x86, ip: 0x87 };

function extensions({ isAuthority, purpose, sans = [] }: CertificateOptions): Buffer[] {
  const critical = Buffer.from("0101ff", "hex");
  const found: Buffer[] = [];
  if (isAuthority)
    found.push(sequence(BASIC_CONSTRAINTS, critical, octets(sequence(Buffer.from("0101ff", "hex")))));
  else found.push(sequence(BASIC_CONSTRAINTS, octets(sequence())));
  if (purpose) found.push(sequence(EXTENDED_KEY_USAGE, octets(sequence(PURPOSES[purpose]))));
  if (sans.length > 0) {
    const names = sans.map(({ kind, value }) =>
      tagged(SAN_TAGS[kind], kind === "ip" ? addressBytes(value) : Buffer.from(value)),
    );
    found.push(sequence(SUBJECT_ALT_NAME, octets(sequence(...names))));
  }
  return found;
}

/** IPv4, and IPv6 in its full form. */
function addressBytes(address: string): Buffer {
  if (!address.includes(":")) return Buffer.from(address.split(".").map(Number));
  return Buffer.from(
    address
      .split(":")
      .map((group) => group.padStart(4, "0"))
      .join(""),
    "hex",
  );
}

function distinguishedName(name: string): Buffer {
  return sequence(tagged(0x31, sequence(COMMON_NAME, tagged(0x0c, Buffer.from(name)))));
}

function utcTime(when: Date): Buffer {
  return tagged(0x17, Buffer.from(`${when.toISOString().replace(/[-:T]/g, "").slice(2, 14)}Z`));
}

function integer(...bytes: number[]): Buffer {
  return tagged(0x02, Buffer.from([Math.max(bytes[0] ?? 0, 1), ...bytes.slice(1)]));
}

function octets(content: Buffer): Buffer {
  return tagged(0x04, content);
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, ...parts);
}

function tagged(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}
