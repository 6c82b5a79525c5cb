/** Which subjects a pattern covers, by NATS's own rules. */

/** @param subject may have wildcards itself: then all that it covers has to be covered */
export function covers(pattern: string, subject: string): boolean {
  const wanted = pattern.split(".");
  const tokens = subject.split(".");
  for (const [i, token] of wanted.entries()) {
    if (token === ">") return tokens.length > i;
    const own = tokens[i];
    if (own === undefined || own === ">") return false;
    if (token !== "*" && token !== own) return false;
  }
  return wanted.length === tokens.length;
}
