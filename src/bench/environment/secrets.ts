/**
 * Removes secrets from command lines before they are saved, because results are shared. It removes values of secret
 * options and the user information of URLs; it cannot find a secret in an unknown place.
 */

const HIDDEN = "***";
/** Options of `natscope`, natscli and curl whose values are secret. */
const SECRET_OPTION =
  "(?:password|pass|passwd|token|secret|seed|jwt|nkey-seed|user-seed|authorization|key-passphrase|passphrase)";
const BY_EQUALS = new RegExp(`(--?[\\w-]*${SECRET_OPTION}=)("[^"]*"|'[^']*'|\\S+)`, "gi");
const BY_SPACE = new RegExp(`((?:^|\\s)--?[\\w-]*${SECRET_OPTION}\\s+)("[^"]*"|'[^']*'|\\S+)`, "gi");
const BY_VARIABLE = /\b(\w*(?:PASSWORD|PASS|TOKEN|SECRET|SEED|JWT)=)("[^"]*"|'[^']*'|\S+)/g;
const IN_URL = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s"']*@/gi;
const JWT = /\beyJ[\w-]+\.[\w-]+\.[\w-]+/g;
/** Seeds of nkeys: operators, accounts, users, curves. */
const SEED = /\bS[OAUNCX][A-Z2-7]{50,}\b/g;
const OPTION = new RegExp(`^--?[\\w-]*${SECRET_OPTION}$`, "i");

/** Removes secrets from a text: a shell's command line, or its output. */
export function withoutSecrets(text: string): string {
  return text
    .replace(BY_EQUALS, `$1${HIDDEN}`)
    .replace(BY_SPACE, `$1${HIDDEN}`)
    .replace(BY_VARIABLE, `$1${HIDDEN}`)
    .replace(IN_URL, `$1${HIDDEN}@`)
    .replace(JWT, HIDDEN)
    .replace(SEED, HIDDEN);
}

const SECRET_HEADER = /auth|token|secret|password|cookie|credential|api[-_]?key/i;

/** Removes the value of a header line whose name suggests a secret. */
export function headerWithoutSecret([name, value]: readonly [string, string]): readonly [string, string] {
  return [name, SECRET_HEADER.test(name) ? HIDDEN : withoutSecrets(value)];
}

const HEADER_OPTION = /^(?:-H|--header)$/;
const HEADER = /^((?:-H|--header)?=?)([^:\s=]+):(.*)$/s;

/**
 * Removes secrets from a command's arguments. A server's password may come without a scheme:
 * `user:password@host`.
 */
export function argumentsWithoutSecrets(words: readonly string[]): readonly string[] {
  return words.map((word, i) => {
    const before = words[i - 1] ?? "";
    if (OPTION.test(before)) return HIDDEN;
    if (HEADER_OPTION.test(before) || /^(?:-H.|--header=)/.test(word)) return headerWord(word);
    const shown = withoutSecrets(word);
    return /\s/.test(word) ? shown : shown.replace(/^(--?[\w-]+=)?\S*@/, `$1${HIDDEN}@`);
  });
}

function headerWord(word: string): string {
  const [, option = "", name = "", value = ""] = HEADER.exec(word) ?? [];
  if (name === "") return withoutSecrets(word);
  const [shownName, shown] = headerWithoutSecret([name, value.trim()]);
  return `${option}${shownName}:${shown}`;
}
