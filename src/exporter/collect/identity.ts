/** Which server answers, read anew in every scrape: after a restart it has another id, perhaps another version. */

import { at, text } from "../sources/json.ts";
import { CollectionFailure } from "../sources/monitoring-port/failure.ts";

export interface Identity {
  /** Public nkey of this run of the process; another one after each start. */
  readonly serverId: string;
  /** Configured name, or the id where none is configured. Leaders are named by it. */
  readonly serverName: string;
  readonly version: string;
}

/** From a `/varz` document; undefined where it is not one. */
export function identityOf(varz: unknown): Identity | undefined {
  const serverId = text(at(varz, ["server_id"]));
  if (serverId === "") return undefined;
  return {
    serverId,
    serverName: text(at(varz, ["server_name"])) || serverId,
    version: text(at(varz, ["version"])),
  };
}

/** Throws CollectionFailure where an answer that every server signs with its id is nobody's. */
export function requireServerId(what: string, answer: unknown): void {
  if (text(at(answer, ["server_id"])) !== "") return;
  throw new CollectionFailure("body", `${what} answered JSON without a server_id`);
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
