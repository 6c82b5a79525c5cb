/** Text from elsewhere (a subject, a server's name, a command line) made safe for a terminal. */

/**
 * The text on one line: each run of white space becomes one space, and each control or formatting character is
 * shown as an escape such as `\u{1b}`, so that the text can neither control the terminal nor reverse a line.
 */
export function visible(text: string): string {
  return text
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`);
}
