/**
 * The server as one item: its values and its identity. Facts that identify this run, build or configuration are
 * labels of an info metric only.
 */
import { number } from "../../collect/conversions.ts";
import type { Table } from "../../collect/table.ts";
import { at, list, text } from "../../sources/json.ts";
import { serverProcess } from "./process.ts";
import { settings } from "./settings.ts";
import { connections, traffic } from "./traffic.ts";
import { trouble } from "./trouble.ts";

export const server: Table<unknown> = {
  item: "server",
  endpoint: "/varz",
  labels: [],
  identify: () => [],
  rows: [...traffic, ...connections, ...trouble, ...serverProcess, ...settings],
};

export const serverInfo: Table<unknown> = {
  item: "run of a server",
  endpoint: "/varz",
  labels: [
    "server_name",
    "server_id",
    "version",
    "git_commit",
    "go",
    "protocol",
    "cluster",
    "gateway",
    "domain",
    "tags",
  ],
  identify: (varz) => [
    text(at(varz, ["server_name"])),
    text(at(varz, ["server_id"])),
    text(at(varz, ["version"])),
    text(at(varz, ["git_commit"])),
    text(at(varz, ["go"])),
    String(number(at(varz, ["proto"])) ?? ""),
    text(at(varz, ["cluster", "name"])),
    text(at(varz, ["gateway", "name"])),
    text(at(varz, ["jetstream", "config", "domain"])),
    list(at(varz, ["tags"]))
      .filter((tag) => typeof tag === "string")
      .join(","),
  ],
  rows: [
    {
      name: "nats_server_info",
      type: "info",
      help: "Identity and version of the server. Always 1. `server_id` changes with each start.",
      field:
        "server_id, server_name, version, git_commit, go, proto, cluster.name, gateway.name, jetstream.config.domain, tags",
      read: (varz) => (text(at(varz, ["server_id"])) === "" ? undefined : 1),
    },
  ],
};

export const serverConfig: Table<unknown> = {
  item: "configuration of a server",
  endpoint: "/varz",
  labels: ["digest"],
  identify: (varz) => [text(at(varz, ["config_digest"]))],
  rows: [
    {
      name: "nats_server_config_info",
      type: "info",
      help: "Digest of the configuration in use, to find servers of a cluster that differ. Always 1. Absent without a configuration file.",
      since: "2.11.0",
      field: "config_digest",
      read: (varz) => (text(at(varz, ["config_digest"])) === "" ? undefined : 1),
    },
  ],
};
