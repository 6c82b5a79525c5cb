/**
 * Subjects made few: what a metric's `subject` label says, and what spans call a destination's template. A raw
 * subject is never a label: `orders.8f2c.created` exists as often as there are orders.
 */
import { OTHER } from "../metrics/cells.ts";

const NUMBER = /^[+-]?\d+$/;
/** What NATS itself makes: 22 characters of base 62. */
const NUID = /^[0-9A-Za-z]{22}$/;
/** One NUID in fifty has no digit; a word of that length has none, and fewer humps. */
const CASE_CHANGE = /[a-z](?=[A-Z])|[A-Z](?=[a-z])/g;
const MAX_CASE_CHANGES_IN_WORD = 5;
const DIGIT = /\d/;
/** With a digit: some words have no other letters. */
const HEXADECIMAL = /^[0-9a-f]{8,}$/i;
/** UUIDs and ULIDs are longer. */
const MAX_WORD_LENGTH = 24;
const MAX_TOKENS = 16;

/** Whether a token looks like one of many of its kind: a number, an id, a hash. */
export function looksLikeId(token: string): boolean {
  if (token.length > MAX_WORD_LENGTH) return true;
  if (DIGIT.test(token)) return NUMBER.test(token) || HEXADECIMAL.test(token) || NUID.test(token);
  return NUID.test(token) && (token.match(CASE_CHANGE)?.length ?? 0) > MAX_CASE_CHANGES_IN_WORD;
}

/** `orders.42.created` is `orders.*.created`. What comes after 15 tokens is `>`: a label has an end. */
export function foldIds(subject: string): string {
  const tokens = subject.split(".", MAX_TOKENS + 1);
  const kept = tokens.length > MAX_TOKENS ? [...tokens.slice(0, MAX_TOKENS - 1), ">"] : tokens;
  return kept.map((token) => (looksLikeId(token) ? "*" : token)).join(".");
}

/** Prefix of the subjects that replies go to, unless a connection has its own. */
export const DEFAULT_INBOX_PREFIX = "_INBOX";

/** What all inboxes are called. */
export const INBOX = "_INBOX";

/** Whether a subject is one that a client made up for replies. Replies may go to another client's inbox. */
export function isInbox(subject: string, inboxPrefix = DEFAULT_INBOX_PREFIX): boolean {
  return startsWithToken(subject, inboxPrefix) || startsWithToken(subject, DEFAULT_INBOX_PREFIX);
}

/**
 * One name for all subjects of a kind that NATS itself makes, or undefined for the application's own:
 * `_INBOX`, `$JS.ACK`, `$JS.API`, `$JS`, `$KV.bucket.*`, `$O.bucket.C.*` (content) and `.M.*` (meta), `$SRV`,
 * `$SYS`.
 */
export function systemSubject(subject: string, inboxPrefix?: string): string | undefined {
  if (isInbox(subject, inboxPrefix)) return INBOX;
  if (subject.charCodeAt(0) !== 36 /* $ */) return undefined;
  const [root = "", second = "", third = ""] = subject.split(".", 3);
  if (root === "$JS") return second === "ACK" || second === "API" ? `${root}.${second}` : root;
  if (root === "$KV") return `${root}.${second}.*`;
  if (root === "$O") return `${root}.${second}.${third === "C" || third === "M" ? third : "*"}.*`;
  if (root === "$SRV" || root === "$SYS") return root;
  return undefined;
}

/** Whether a pattern with wildcards (`*` one token, `>` one or more at the end) covers a subject. */
export function covers(pattern: string, subject: string): boolean {
  const wanted = pattern.split(".");
  const given = subject.split(".");
  for (const [i, token] of wanted.entries()) {
    if (token === ">") return i === wanted.length - 1 && given.length > i;
    if (given[i] === undefined || (token !== "*" && token !== given[i])) return false;
  }
  return wanted.length === given.length;
}

/** What `isPattern` wants, for a sentence. */
export const A_PATTERN = "a subject with * for a token, > at the end";

/** Whether a subject may be a template: tokens that are not empty, wildcards alone in theirs, `>` last. */
export function isPattern(subject: string): boolean {
  const tokens = subject.split(".");
  return tokens.every(
    (token, i) =>
      token !== "" &&
      !/\s/.test(token) &&
      (token === ">" ? i === tokens.length - 1 : token === "*" || !/[*>]/.test(token)),
  );
}

/** Whether a label says nothing of its subject. */
export function isNameless(label: string): boolean {
  return label === INBOX || label === OTHER;
}

function startsWithToken(subject: string, prefix: string): boolean {
  return subject.startsWith(prefix) && (subject.length === prefix.length || subject[prefix.length] === ".");
}
