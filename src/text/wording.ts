/** Parts of sentences: quoted input without passwords, alternatives, messages of errors. */
/**
 * Hides user and password of a URL: everything before the last `@`, because an invalid URL has no
 * reliable start of the password.
 */
export function conceal(text: string): string {
  const end = text.lastIndexOf("@");
  return end === -1 ? text : `***${text.slice(end)}`;
}

/** The text in quotes, shortened to 200 characters, without user and password of a URL. */
export function quote(text: string): string {
  const shown = conceal(text);
  return JSON.stringify(shown.length > 200 ? `${shown.slice(0, 200)}...` : shown);
}

/** Message of a thrown value, which may be of any type. */
export function errorMessage(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** `a, b or c`. */
export function enumerate(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}
