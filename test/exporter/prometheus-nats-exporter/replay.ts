/**
 * A monitoring port with saved replies. Both exporters scrape it, so that their output can be compared exactly. All
 * replies come from real servers.
 */
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Bodies by path and query. Those of `/connz` by path alone, because the query selects only page and order. */
export type Replies = Readonly<Record<string, string>>;

const REPLY_OF_SAMPLE: Readonly<Record<string, string>> = {
  varz: "/varz",
  routez: "/routez",
  subsz: "/subsz",
  gatewayz: "/gatewayz",
  leafz: "/leafz",
  connz_auth: "/connz",
  accstatz_unused: "/accstatz?unused=1",
  accountz: "/accountz",
  accountz_APP: "/accountz?acc=APP",
  accountz_tenant: "/accountz?acc=AAD3J2ZXW6Z7D5HXK5I45GUMFSY7SILW3UWF7XICL7HF6PVIJL6T4JXR",
  jsz_accounts: "/jsz?accounts=true",
  jsz_streams: "/jsz?streams=true",
  jsz_consumers_config_raft: "/jsz?consumers=true&config=true&raft=true",
};

/** Replies of a node in the saved samples, with a healthy /healthz. */
export function savedReplies(version: string, node: string): Replies {
  const folder = new URL(`../samples/${version}/${node}/`, import.meta.url);
  const replies: Record<string, string> = {
    "/healthz": '{"status":"ok"}',
    "/healthz?js-enabled-only=true": '{"status":"ok"}',
    "/healthz?js-server-only=true": '{"status":"unavailable","error":"JetStream is not current"}',
  };
  for (const file of readdirSync(folder)) {
    const path = REPLY_OF_SAMPLE[file.replace(/\.json$/, "")];
    if (path !== undefined) replies[path] = readFileSync(new URL(file, folder), "utf8");
  }
  return replies;
}

export class Replay {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(replies: Replies): Promise<Replay> {
    const server = createServer(({ url = "" }, response) => {
      const body = replies[url.startsWith("/connz") ? "/connz" : url];
      response.writeHead(body === undefined ? 404 : 200, { "content-type": "application/json" });
      response.end(body ?? "404 page not found\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new Replay(server);
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
