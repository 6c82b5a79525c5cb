/** Files that exist only in memory, and identities to put into them. */
import { dirname } from "node:path";
import { nkeys } from "nats";
import type { Files } from "../../../src/nats/connect/files.ts";

export const HOME = "/home-of-somebody";

/** Files by path. Other files do not exist. */
export function fakeFiles(texts: Readonly<Record<string, string>> = {}): Files {
  return {
    home: HOME,
    read(path) {
      const text = texts[path];
      if (text === undefined) throw Object.assign(new Error(`no such file: ${path}`), { code: "ENOENT" });
      return text;
    },
    names: (directory) =>
      Object.keys(texts)
        .filter((path) => dirname(path) === directory && texts[path] !== "")
        .map((path) => path.slice(directory.length + 1)),
  };
}

type Pair = ReturnType<typeof nkeys.createUser>;

export const seedOf = (pair: Pair): string => new TextDecoder().decode(pair.getSeed());

/** A JWT in the form of nsc. */
export function signedJwt(subject: string, issuer: Pair, name: string, claims: object): string {
  const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const body = {
    jti: name,
    iat: 1_700_000_000,
    iss: issuer.getPublicKey(),
    sub: subject,
    name,
    nats: claims,
  };
  const text = `${base64({ typ: "JWT", alg: "ed25519-nkey" })}.${base64(body)}`;
  return `${text}.${Buffer.from(issuer.sign(new TextEncoder().encode(text))).toString("base64url")}`;
}

/** Text of a credentials file. */
export function credsText(jwt: string, seed: string): string {
  return [
    "-----BEGIN NATS USER JWT-----",
    jwt,
    "------END NATS USER JWT------",
    "",
    "************************* IMPORTANT *************************",
    "NKEY Seed printed below can be used to sign and prove identity.",
    "",
    "-----BEGIN USER NKEY SEED-----",
    seed,
    "------END USER NKEY SEED------",
    "",
    "*************************************************************",
    "",
  ].join("\n");
}

/** An operator with one account and one user. */
export function issueIdentities() {
  const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()];
  const accountId = account.getPublicKey();
  return {
    operatorJwt: signedJwt(operator.getPublicKey(), operator, "O", { type: "operator", version: 2 }),
    accountId,
    accountJwt: signedJwt(accountId, operator, "A", {
      type: "account",
      version: 2,
      limits: {
        subs: -1,
        data: -1,
        payload: -1,
        imports: -1,
        exports: -1,
        wildcards: true,
        conn: -1,
        leaf: -1,
      },
    }),
    userJwt: signedJwt(user.getPublicKey(), account, "U", {
      type: "user",
      version: 2,
      subs: -1,
      data: -1,
      payload: -1,
    }),
    bearerJwt: signedJwt(user.getPublicKey(), account, "B", {
      type: "user",
      version: 2,
      subs: -1,
      data: -1,
      payload: -1,
      bearer_token: true,
    }),
    userSeed: seedOf(user),
    userId: user.getPublicKey(),
  };
}
