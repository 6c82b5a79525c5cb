/**
 * What a web configuration says: who may connect and how. The shape that `web-config.yml` is parsed into and
 * that flags are put into; file names in it are absolute.
 *
 * Source: https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md
 */
import type { SecureVersion } from "node:tls";
import type { Users } from "../access/basic-auth.ts";
import { isBcryptHash } from "../access/bcrypt.ts";
import type { RateLimit } from "../access/token-bucket.ts";
import type { ClientAuthType } from "./client-auth.ts";

/** A PEM text, or the file that holds it. */
export type Pem = { readonly text: string } | { readonly file: string };

/** TLS of the port: its certificate, what clients must show, which versions and ciphers. */
export interface WebTls {
  readonly certificate: Pem;
  readonly key: Pem;
  readonly clientAuthType: ClientAuthType;
  /** Authorities of client certificates; there where the type verifies. */
  readonly clientCa?: Pem;
  /** A client's certificate must carry one of these; any where absent. */
  readonly clientAllowedSans?: readonly string[];
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion;
  /** OpenSSL's names, for TLS 1.2 and below; Node's default where empty. */
  readonly cipherSuites: readonly string[];
  readonly preferServerCipherSuites: boolean;
  /** OpenSSL's names, best first; its default where empty. */
  readonly curvePreferences: readonly string[];
}

/** All of a web configuration, defaults filled in. */
export interface WebConfig {
  /** Plain HTTP where absent. */
  readonly tls?: WebTls;
  /** Put into every response. */
  readonly headers: Readonly<Record<string, string>>;
  /** Nobody needs to say who they are where empty. */
  readonly users: Users;
  readonly rateLimit?: RateLimit;
}

/** A web configuration that cannot be used. Each problem is a sentence without secrets. */
export class WebConfigProblems extends Error {
  override readonly name = "WebConfigProblems";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/** What prometheus-nats-exporter takes as flags. */
export interface WebFlags {
  readonly certificateFile?: string;
  readonly keyFile?: string;
  /** Where given, clients must show a certificate of these authorities. */
  readonly clientCaFile?: string;
  readonly user?: string;
  /** Plain, or a bcrypt hash. */
  readonly password?: string;
}

/** Throws WebConfigProblems. */
export function webConfigFromFlags(flags: WebFlags): WebConfig {
  const { certificateFile, keyFile, clientCaFile, user = "", password = "" } = flags;
  const problems: string[] = [];
  if ((certificateFile === undefined) !== (keyFile === undefined)) {
    problems.push("A certificate and its key must be given together, only one of them is.");
  }
  if (clientCaFile !== undefined && certificateFile === undefined) {
    problems.push("Clients can only be verified over TLS: a client CA needs a certificate and its key.");
  }
  if ((user === "") !== (password === "")) {
    problems.push("A user and a password must be given together, only one of them is.");
  }
  if (problems.length > 0) throw new WebConfigProblems(problems);
  const secret = isBcryptHash(password) ? { bcrypt: password } : { password };
  return {
    ...(certificateFile !== undefined &&
      keyFile !== undefined && {
        tls: {
          ...TLS_DEFAULTS,
          certificate: { file: certificateFile },
          key: { file: keyFile },
          ...(clientCaFile !== undefined && {
            clientCa: { file: clientCaFile },
            clientAuthType: "RequireAndVerifyClientCert" as const,
          }),
        },
      }),
    headers: {},
    users: new Map(user === "" ? [] : [[user, secret]]),
  };
}

/** What holds where a configuration says nothing; the defaults of the exporter-toolkit. */
export const TLS_DEFAULTS = {
  clientAuthType: "NoClientCert",
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.3",
  cipherSuites: [],
  preferServerCipherSuites: true,
  curvePreferences: [],
} as const satisfies Partial<WebTls>;
