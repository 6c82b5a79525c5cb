/**
 * A web configuration as a value: TLS, users, headers and rate limit of the HTTP server. `web-config.yml` and the
 * flags of prometheus-nats-exporter are read into it. File names in it are absolute.
 *
 * Source: https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md
 */
import type { SecureVersion } from "node:tls";
import { ExpectedError } from "../../text/expected-error.ts";
import type { Users } from "../access/basic-auth.ts";
import { isBcryptHash } from "../access/bcrypt.ts";
import type { RateLimit } from "../access/token-bucket.ts";
import type { ClientAuthType } from "./client-auth.ts";

/** A PEM text, or the name of its file. */
export type Pem = { readonly text: string } | { readonly file: string };

/** TLS of the port: its certificate, client certificates, versions and ciphers. */
export interface WebTls {
  readonly certificate: Pem;
  readonly key: Pem;
  readonly clientAuthType: ClientAuthType;
  /** CA certificates for client certificates. Present if the type verifies them. */
  readonly clientCa?: Pem;
  /** A client's certificate must have one of these names. Default: any name. */
  readonly clientAllowedSans?: readonly string[];
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion;
  /** OpenSSL's names, for TLS 1.2 and below. If empty, the default of Node.js. */
  readonly cipherSuites: readonly string[];
  readonly preferServerCipherSuites: boolean;
  /** OpenSSL's names, best first. If empty, its default. */
  readonly curvePreferences: readonly string[];
}

/** A web configuration with its defaults. */
export interface WebConfig {
  /** Absent: plain HTTP. */
  readonly tls?: WebTls;
  /** Sent with every response. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty: no authentication. */
  readonly users: Users;
  readonly rateLimit?: RateLimit;
}

/** A web configuration that cannot be used. */
export class WebConfigProblems extends ExpectedError {
  override readonly name = "WebConfigProblems";
  /** One sentence each, without a full stop and without secrets. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/** The flags of prometheus-nats-exporter for its web server. */
interface WebFlags {
  readonly certificateFile?: string;
  readonly keyFile?: string;
  /** If given, clients need a certificate of these CAs. */
  readonly clientCaFile?: string;
  readonly user?: string;
  /** A plain password or a bcrypt hash. */
  readonly password?: string;
}

/** @throws {WebConfigProblems} */
export function webConfigFromFlags(flags: WebFlags): WebConfig {
  const { certificateFile, keyFile, clientCaFile, user = "", password = "" } = flags;
  const problems: string[] = [];
  if ((certificateFile === undefined) !== (keyFile === undefined)) {
    problems.push("a certificate or its key is missing: expected both");
  }
  if (clientCaFile !== undefined && certificateFile === undefined) {
    problems.push("a client CA is given without a certificate: clients can only be verified over TLS");
  }
  if ((user === "") !== (password === "")) {
    problems.push("a user or a password is missing: expected both");
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

/** The defaults of the exporter-toolkit. */
export const TLS_DEFAULTS = {
  clientAuthType: "NoClientCert",
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.3",
  cipherSuites: [],
  preferServerCipherSuites: true,
  curvePreferences: [],
} as const satisfies Partial<WebTls>;
