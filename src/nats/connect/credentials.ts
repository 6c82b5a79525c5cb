/**
 * Where credentials are and what they must look like: a value may be the thing itself, name a file, or be a
 * reference as natscli's contexts have them (`file://`, `env://NAME`, `data:;base64,...`; jsm.go natscontext,
 * BACKENDS.md). References that run other programs (`op://`, `nsc://`) are refused: a library starts none.
 */
import { nkeys } from "nats";
import { InvalidValue } from "../../input/invalid-value.ts";
import { readText, type Scene } from "./files.ts";

/** Secret material: a file, which may be written anew while we run, or its text. */
export type Material = { readonly file: string } | { readonly text: string };

/** What a credentials file holds. */
export interface UserCredentials {
  readonly jwt: string;
  readonly seed: string;
}

const REFERENCE = /^(?:(file|env|op|nsc):\/\/|(data):)(.*)$/is;
const BLOCK = /^[ \t]*-{3,}[ \t]*BEGIN\b.*-{3,}\s*\n\s*(\S+)\s*$/gm;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const SECRET = /-----BEGIN|^\s*S[A-Z][A-Z2-7]{50,}\s*$|^\s*eyJ[\w-]+\.|\n/;

/** A path with `$NAME`, `${NAME}` and a leading `~` replaced. */
export function expandPath(text: string, { environment, files }: Scene): string | InvalidValue {
  // Whoever puts the key itself where its file belongs shall not find it in a log.
  if (SECRET.test(text)) return new InvalidValue("must name a file, but holds what looks like its content");
  const unset: string[] = [];
  const path = text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced?: string, bare?: string) => {
    const name = braced ?? (bare as string);
    const value = environment[name];
    if (!value) unset.push(name);
    return value ?? "";
  });
  if (unset.length > 0) return new InvalidValue(`speaks of $${unset[0]}, which is not set`);
  return path.replace(/^~(?=$|[/\\])/, () => files.home);
}

/** Secret material where a text without scheme is the name of a file: creds, nkey. */
export function materialOf(text: string, scene: Scene): Material | InvalidValue {
  const reference = REFERENCE.exec(text);
  if (reference && !/^file:/i.test(text)) return resolve(reference, scene);
  const path = expandPath(reference?.[3] ?? text, scene);
  if (!(path instanceof InvalidValue)) return { file: path };
  return SECRET.test(text)
    ? new InvalidValue(`${path.why}; env://NAME takes that from another variable`)
    : path;
}

/** A secret where a text without scheme is the secret itself: password, token, JWT, seed. */
export function secretOf(text: string, scene: Scene): string | InvalidValue {
  const reference = REFERENCE.exec(text);
  // A password may begin like that by chance.
  if (!reference || (reference[2] && !/;\s*base64\s*,/i.test(text))) return text;
  const found = resolve(reference, scene);
  if (found instanceof InvalidValue) return found;
  const secret = "file" in found ? readText(found.file, scene) : found.text;
  return secret instanceof InvalidValue ? secret : secret.replace(/[\r\n]+$/, "");
}

function resolve([, scheme, data, rest = ""]: RegExpExecArray, scene: Scene): Material | InvalidValue {
  if (data) return decode(rest);
  switch (scheme?.toLowerCase()) {
    case "file": {
      const path = expandPath(rest, scene);
      return path instanceof InvalidValue ? path : { file: path };
    }
    case "env": {
      const text = scene.environment[rest];
      return text ? { text } : new InvalidValue("refers by env:// to a variable that is not set");
    }
    default:
      return new InvalidValue(
        `begins with ${scheme}://, which would run a program; allowed are file, env:// and data:`,
      );
  }
}

/** RFC 2397, of which natscli demands base64. */
function decode(text: string): Material | InvalidValue {
  const [, base64] = /^[^,]*;\s*base64\s*,([A-Za-z0-9+/]+=*)\s*$/i.exec(text) ?? [];
  if (base64 === undefined)
    return new InvalidValue("begins with data:, but must go on with ;base64, and Base64");
  return { text: Buffer.from(base64, "base64").toString("utf8") };
}

/** The text of secret material. */
export function textOf(material: Material, scene: Scene): string | InvalidValue {
  return "file" in material ? readText(material.file, scene) : material.text;
}

/** JWT and seed of a text as `nsc generate creds` writes it; undefined where it has not both. */
export function parseUserCredentials(text: string): UserCredentials | undefined {
  const [jwt, seed] = [...text.matchAll(BLOCK)].map(([, content]) => content as string);
  return jwt !== undefined && isJwt(jwt) && seed !== undefined && isUserSeed(seed)
    ? { jwt, seed }
    : undefined;
}

/** The seed of a file that has nothing else, or has it between dashes, or in a line of its own. */
export function parseUserSeed(text: string): string | undefined {
  return text
    .split("\n")
    .map((line) => line.trim())
    .find(isUserSeed);
}

/** Whether a text has the form of a JWT; what it says is for the server to judge. */
export function isJwt(text: string): boolean {
  return JWT.test(text);
}

/** Whether a text is the seed of a user's nkey, checksum included. */
export function isUserSeed(text: string): boolean {
  if (!text.startsWith("SU")) return false;
  try {
    return nkeys.fromSeed(new TextEncoder().encode(text)).getPublicKey().startsWith("U");
  } catch {
    return false;
  }
}
