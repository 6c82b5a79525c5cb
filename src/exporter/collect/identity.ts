/** Which server answers, read anew in every scrape: after a restart it has another id, perhaps another version. */
import { CollectionFailure } from "../sources/monitoring-port/failure.ts";
import { at, text } from "./json.ts";

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
export function refuseAnonymous(what: string, answer: unknown): void {
  if (text(at(answer, ["server_id"])) !== "") return;
  throw new CollectionFailure("body", `${what} answered JSON without a server_id`);
}
