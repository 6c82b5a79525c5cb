/** Which server answers, read anew in every scrape: after a restart it has another id, perhaps another version. */
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
