/** The query parameters of `/metrics` and `/probe`. */
import { HttpError } from "../../http/server.ts";
import { meant } from "../../input/problems.ts";
import type { CollectorName } from "../collect/collector.ts";
import type { Target } from "../sources/target.ts";

/** A query that cannot be answered. The message is sent to the client. */
class QueryError extends HttpError {
  override readonly name = "QueryError";
}

/**
 * Collectors from `collect[]=` or `collect=`, which may repeat; undefined without either, which means all. Throws
 * QueryError.
 */
export function collectorsOf(
  query: URLSearchParams,
  configured: readonly CollectorName[],
): readonly CollectorName[] | undefined {
  const asked = [...query.getAll("collect[]"), ...query.getAll("collect")];
  if (asked.length === 0) return undefined;
  const unknown = asked.filter((name) => !(configured as readonly string[]).includes(name));
  if (unknown.length > 0) {
    const names = [...new Set(unknown)].map(quote).join(", ");
    const hint = meant(unknown[0] as string, configured);
    throw new QueryError(
      400,
      `collect=${names}: not a configured collector${hint} (configured: ${configured.join(", ")})`,
    );
  }
  return asked as CollectorName[];
}

/** The target in `target=`, by name or by URL. Throws QueryError unless it is configured. */
export function targetOf(query: URLSearchParams, targets: readonly Target[]): Target {
  const asked = query.getAll("target");
  const allowed = `expected the name or URL of a configured server: ${targets.map(({ name }) => name).join(", ")}`;
  if (asked.length === 0) throw new QueryError(400, `target is missing: ${allowed}`);
  if (asked.length > 1)
    throw new QueryError(400, "target is given more than once: /probe scrapes one server");
  const wanted = asked[0] as string;
  const target =
    targets.find(({ name }) => name === wanted) ?? targets.find(({ url }) => isSameUrl(wanted, url));
  if (!target) throw new QueryError(403, `target=${quote(wanted)} is not configured: ${allowed}`);
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
