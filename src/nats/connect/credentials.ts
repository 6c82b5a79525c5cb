/**
 * Reads credentials and checks their form. A value may be the secret itself, the name of a file, or a
 * reference as in natscli's contexts (`file://`, `env://NAME`, `data:;base64,...`; jsm.go natscontext, BACKENDS.md).
 * References that run other programs (`op://`, `nsc://`) are errors: a library must not start programs.
 */
import { nkeys } from "nats";
import { InvalidValue } from "../../input/invalid-value.ts";
import { readText, type System } from "./files.ts";

/** Secret material: a file, which may be replaced while the program runs, or a text. */
export type Material = { readonly file: string } | { readonly text: string };

/** Content of a credentials file. */
interface UserCredentials {
  readonly jwt: string;
  readonly seed: string;
}

const REFERENCE = /^(?:(file|env|op|nsc):\/\/|(data):)(.*)$/is;
const BLOCK = /^[ \t]*-{3,}[ \t]*BEGIN\b.*-{3,}\s*\n\s*(\S+)\s*$/gm;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const SECRET = /-----BEGIN|^\s*S[A-Z][A-Z2-7]{50,}\s*$|^\s*eyJ[\w-]+\.|\n/;

/** Replaces `$NAME`, `${NAME}` and a leading `~` in a path. */
export function expandPath(text: string, { environment, files }: System): string | InvalidValue {
  // A key in place of the name of its file must not get into a log.
  if (SECRET.test(text)) return new InvalidValue("looks like a secret: expected the name of a file");
  const unset: string[] = [];
  const path = text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced?: string, bare?: string) => {
    const name = braced ?? (bare as string);
    const value = environment[name];
    if (!value) unset.push(name);
    return value ?? "";
  });
  if (unset.length > 0) return new InvalidValue(`uses $${unset[0]}, which is not set`);
  return path.replace(/^~(?=$|[/\\])/, () => files.home);
}

/** Secret material of a setting that names a file unless its text has a scheme: creds, nkey. */
export function materialOf(text: string, system: System): Material | InvalidValue {
  const reference = REFERENCE.exec(text);
  if (reference && !/^file:/i.test(text)) return resolve(reference, system);
  const path = expandPath(reference?.[3] ?? text, system);
  if (!(path instanceof InvalidValue)) return { file: path };
  return SECRET.test(text)
    ? new InvalidValue(`${path.why}, or env://NAME for the content in another variable`)
    : path;
}

/** A secret of a setting that is the secret itself unless its text has a scheme: password, token, JWT, seed. */
export function secretOf(text: string, system: System): string | InvalidValue {
  const reference = REFERENCE.exec(text);
  // A password may happen to begin with "data:".
  if (!reference || (reference[2] && !/;\s*base64\s*,/i.test(text))) return text;
  const found = resolve(reference, system);
  if (found instanceof InvalidValue) return found;
  const secret = "file" in found ? readText(found.file, system) : found.text;
  return secret instanceof InvalidValue ? secret : secret.replace(/[\r\n]+$/, "");
}

function resolve([, scheme, data, rest = ""]: RegExpExecArray, system: System): Material | InvalidValue {
  if (data) return decode(rest);
  switch (scheme?.toLowerCase()) {
    case "file": {
      const path = expandPath(rest, system);
      return path instanceof InvalidValue ? path : { file: path };
    }
    case "env": {
      const text = system.environment[rest];
      return text ? { text } : new InvalidValue("is an env:// reference to a variable that is not set");
    }
    default:
      return new InvalidValue(
        `begins with ${scheme}://, which would run a program: expected a file, env:// or data:`,
      );
  }
}

/** RFC 2397. natscli requires base64. */
function decode(text: string): Material | InvalidValue {
  const [, base64] = /^[^,]*;\s*base64\s*,([A-Za-z0-9+/]+=*)\s*$/i.exec(text) ?? [];
  if (base64 === undefined)
    return new InvalidValue("is a data: reference without Base64: expected data:;base64, and Base64 text");
  return { text: Buffer.from(base64, "base64").toString("utf8") };
}

/** Text of secret material. */
export function textOf(material: Material, system: System): string | InvalidValue {
  return "file" in material ? readText(material.file, system) : material.text;
}

/** JWT and seed in the form that `nsc generate creds` writes; undefined if one is missing. */
export function parseUserCredentials(text: string): UserCredentials | undefined {
  const [jwt, seed] = [...text.matchAll(BLOCK)].map(([, content]) => content as string);
  return jwt !== undefined && isJwt(jwt) && seed !== undefined && isUserSeed(seed)
    ? { jwt, seed }
    : undefined;
}

/** The seed on a line of its own, which may stand between lines of dashes. */
export function parseUserSeed(text: string): string | undefined {
  return text
    .split("\n")
    .map((line) => line.trim())
    .find(isUserSeed);
}

/** Whether a text has the form of a JWT. The server checks its content. */
export function isJwt(text: string): boolean {
  return JWT.test(text);
}

/** Whether a text is the seed of a user's nkey, with a valid checksum. */
export function isUserSeed(text: string): boolean {
  if (!text.startsWith("SU")) return false;
  try {
    return nkeys.fromSeed(new TextEncoder().encode(text)).getPublicKey().startsWith("U");
  } catch {
    return false;
  }
}
