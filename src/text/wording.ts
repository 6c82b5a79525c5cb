/** How sentences show what somebody wrote, what is allowed and what went wrong, and never a password. */
import { nearest } from "./nearest.ts";

/**
 * Text that may hold the user and password of a URL, fit to be shown: what stands before the last `@` is
 * hidden, because a URL that does not parse does not say where its password begins.
 */
export function conceal(text: string): string {
  const end = text.lastIndexOf("@");
  return end === -1 ? text : `***${text.slice(end)}`;
}

/** The text in quotes for a sentence, shortened and without secrets. */
export function quote(text: string): string {
  const shown = conceal(text);
  return JSON.stringify(shown.length > 200 ? `${shown.slice(0, 200)}...` : shown);
}

/** What an error says. Anything may be thrown. */
export function errorMessage(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** `a, b or c`. */
export function enumerate(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

/** `; did you mean x?`, or nothing where no name is near. */
export function didYouMean(wrong: string, names: Iterable<string>): string {
  const near = nearest(wrong, names);
  return near === undefined ? "" : `; did you mean ${near}?`;
}
