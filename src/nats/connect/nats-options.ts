/**
 * Options of the client from plain data. They fit the connect functions of both client generations: in both, an
 * authenticator is a function from the server's nonce to the credentials.
 */
import { type Authenticator, type ConnectionOptions, jwtAuthenticator, nkeyAuthenticator } from "nats";
import { InvalidValue } from "../../input/invalid-value.ts";
import type { Authentication, PlainOptions } from "./connection.ts";
import { type Material, parseUserCredentials, parseUserSeed, textOf } from "./credentials.ts";
import { type Files, systemFiles } from "./files.ts";

/** Options for `connect` of `nats` 2.x, or of `@nats-io/transport-node`. */
export function natsOptions(
  { authentication, servers, tls, ...rest }: PlainOptions,
  files: Files = systemFiles,
): ConnectionOptions {
  return {
    ...rest,
    servers: [...servers],
    ...(tls && { tls: { ...tls } }),
    ...(authentication && { authenticator: authenticatorOf(authentication, files) }),
  };
}

function authenticatorOf(authentication: Authentication, files: Files): Authenticator {
  switch (authentication.kind) {
    case "creds": {
      const latest = latestOf(authentication.creds, parseUserCredentials, files);
      return (nonce) => {
        const { jwt, seed } = latest();
        return jwtAuthenticator(jwt, bytes(seed))(nonce);
      };
    }
    case "nkey": {
      const latest = latestOf(authentication.seed, parseUserSeed, files);
      return nkeyAuthenticator(() => bytes(latest()));
    }
    case "jwt":
      return jwtAuthenticator(
        authentication.jwt,
        authentication.seed === undefined ? undefined : bytes(authentication.seed),
      );
  }
}

/**
 * Reads secret material again for each (re)connect: a file may have been replaced by one that has not expired. The
 * last valid content is used while the file is being written or is missing.
 */
function latestOf<Value>(
  material: Material,
  parse: (text: string) => Value | undefined,
  files: Files,
): () => Value {
  let last: Value | undefined;
  return () => {
    const text = textOf(material, { environment: {}, files });
    last = (text instanceof InvalidValue ? undefined : parse(text)) ?? last;
    // It existed a moment ago. The client closes with this error.
    if (last === undefined) throw new Error("the credentials file was removed before the first connect");
    return last;
  };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
