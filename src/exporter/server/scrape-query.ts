/** What the query of `/metrics` and `/probe` asks for. Pure; a wrong query is a sentence for the client. */
import { HttpError } from "../../http/server.ts";
import { nearest } from "../../text/nearest.ts";
import type { CollectorName } from "../collect/collector.ts";
import type { Target } from "../sources/target.ts";

/** A query that cannot be answered: an HTTP status and a sentence. */
export class QueryError extends HttpError {
  override readonly name = "QueryError";
}

/** Collectors of `collect[]=` or `collect=`, repeatable; undefined, so all, without one. Throws QueryError. */
export function collectorsOf(
  query: URLSearchParams,
  configured: readonly CollectorName[],
): readonly CollectorName[] | undefined {
  const asked = [...query.getAll("collect[]"), ...query.getAll("collect")];
  if (asked.length === 0) return undefined;
  const unknown = asked.filter((name) => !(configured as readonly string[]).includes(name));
  if (unknown.length > 0) {
    const names = [...new Set(unknown)].map(quote).join(", ");
    const meant = nearest(unknown[0] as string, configured);
    const hint = meant ? `; did you mean ${meant}` : "";
    throw new QueryError(
      400,
      `collect: no such collector ${names}${hint}: allowed are ${configured.join(", ")}.`,
    );
  }
  return asked as CollectorName[];
}

/** The target that `target=` means, by name or URL. Throws QueryError for all that is not configured. */
export function targetOf(query: URLSearchParams, targets: readonly Target[]): Target {
  const asked = query.getAll("target");
  const allowed = `allowed are the configured servers, ${targets.map(({ name }) => name).join(", ")}.`;
  if (asked.length === 0) throw new QueryError(400, `target: is missing; ${allowed}`);
  if (asked.length > 1)
    throw new QueryError(400, "target: is given more than once; one probe is of one server.");
  const wanted = asked[0] as string;
  const target =
    targets.find(({ name }) => name === wanted) ?? targets.find(({ url }) => isSameUrl(wanted, url));
  if (!target) throw new QueryError(403, `target: ${quote(wanted)} is not configured; ${allowed}`);
  return target;
}

function isSameUrl(text: string, url: URL): boolean {
  return URL.canParse(text) && withoutSlash(new URL(text).href) === withoutSlash(url.href);
}

function withoutSlash(href: string): string {
  return href.replace(/\/$/, "");
}

const MAX_QUOTED_CHARACTERS = 80;

function quote(text: string): string {
  return JSON.stringify(
    text.length > MAX_QUOTED_CHARACTERS ? `${text.slice(0, MAX_QUOTED_CHARACTERS)}...` : text,
  );
}
