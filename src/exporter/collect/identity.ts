/**
 * Identity of the server that answers, read again in every scrape: a restart changes the id and possibly the
 * version.
 */

import { at, text } from "../sources/json.ts";
import { CollectionFailure } from "../sources/monitoring-port/failure.ts";

export interface Identity {
  /** Public nkey of this run of the process. Changes with each start. */
  readonly serverId: string;
  /** Configured name, or the id if no name is configured. Servers name leaders by it. */
  readonly serverName: string;
  readonly version: string;
}

/** Identity from a `/varz` reply; undefined if the value is no such reply. */
export function identityOf(varz: unknown): Identity | undefined {
  const serverId = text(at(varz, ["server_id"]));
  if (serverId === "") return undefined;
  return {
    serverId,
    serverName: text(at(varz, ["server_name"])) || serverId,
    version: text(at(varz, ["version"])),
  };
}

/**
 * Throws CollectionFailure if a reply lacks the `server_id` that every server sends.
 *
 * @param request the request for the error message: `GET /varz from n1`
 */
export function requireServerId(request: string, answer: unknown): void {
  if (text(at(answer, ["server_id"])) !== "") return;
  throw new CollectionFailure(
    "body",
    `${request} returned JSON without a server_id: check that the URL is a NATS monitoring port`,
  );
}

const RELEASE = /^v?(\d+)\.(\d+)\.(\d+)/;

/**
 * Whether `version` (`2.14.0`, `2.14.0-RC.1`) is `first` or later; false if either is not a release number. A field
 * that servers leave out while it is false looks like a field that the release does not have: only this tells them
 * apart.
 */
export function isSince(version: string | undefined, first: string): boolean {
  const has = RELEASE.exec(version ?? "");
  const needs = RELEASE.exec(first);
  if (!has || !needs) return false;
  for (let part = 1; part <= 3; part++) {
    const difference = Number(has[part]) - Number(needs[part]);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
