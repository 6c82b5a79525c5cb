import { describe, expect, it } from "vitest";
import { parseExporterArguments } from "../../../src/exporter/prometheus-nats-exporter/arguments.ts";
import { gatherSettings } from "../../../src/exporter/settings/gather.ts";
import {
  settingsOfExporter,
  webConfigOfExporter,
} from "../../../src/exporter/settings/prometheus-nats-exporter.ts";
import { collectorsOf } from "../../../src/exporter/settings/watching.ts";

function exporterOf(...argv: string[]) {
  const parsed = parseExporterArguments(argv);
  if (parsed.kind !== "settings") throw new Error(`not settings: ${JSON.stringify(parsed)}`);
  return parsed.settings;
}

const resolved = (argv: string[], environment: Record<string, string> = {}) =>
  gatherSettings({ given: [], problems: [] }, environment, settingsOfExporter(exporterOf(...argv)));

describe("prometheus-nats-exporter's arguments as settings", () => {
  it("include those of the Helm chart", async () => {
    const argv =
      "-connz -routez -subz -varz -prefix=nats -use_internal_server_id -jsz=all http://localhost:8222/";
    const { values: settings, problems } = await resolved(argv.split(" "));
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      listen: [{ host: "0.0.0.0", port: 7777 }],
      metricsPath: "/metrics",
      names: "prometheus-nats-exporter",
      prefix: "nats",
      serverId: "server-id",
      jszDetail: "consumers",
    });
    expect(settings.monitor.map(({ name, url }) => [name, url.href])).toEqual([
      ["localhost:8222", "http://localhost:8222/"],
    ]);
    const collectors = collectorsOf(settings);
    expect(collectors.map(({ collector }) => collector.name).sort()).toEqual([
      "connz",
      "jsz",
      "routez",
      "subsz",
      "varz",
    ]);
    expect(collectors.every(({ serverLabel }) => !serverLabel)).toBe(true);
  });

  it("take precedence over the environment, which sets the rest", async () => {
    const environment = { NATSCOPE_LISTEN: ":1", NATSCOPE_MAX_BODY: "1MiB", NATSCOPE_COLLECT: "jsz" };
    const { values: settings, problems } = await resolved(["-varz", "http://localhost:8222"], environment);
    expect(problems).toEqual([]);
    expect(settings.listen).toMatchObject([{ port: 7777 }]);
    expect(settings.maxBody).toBe(2 ** 20);
    expect(collectorsOf(settings).map(({ collector }) => collector.name)).toEqual(["varz"]);
  });

  it("keep ids and credentials of several servers", () => {
    const { monitor } = settingsOfExporter(exporterOf("-varz", "east,http://u:p@a:1", "http://b:2/base"));
    expect(monitor).toMatchObject([
      { name: "a:1", url: new URL("http://a:1"), serverId: "east", user: "u", password: "p" },
      { name: "b:2/base", url: new URL("http://b:2/base") },
    ]);
  });

  it("configure TLS and a user only if given", () => {
    expect(webConfigOfExporter(exporterOf("-varz", "http://a"))).toEqual({ problems: [] });
    const flags = ["-tlscert=c", "-tlskey=k", "-tlscacert=ca", "-http_user=u", "-http_pass=p"];
    expect(webConfigOfExporter(exporterOf("-varz", ...flags, "http://a"))).toMatchObject({
      problems: [],
      web: {
        tls: {
          certificate: { file: "c" },
          key: { file: "k" },
          clientCa: { file: "ca" },
          clientAuthType: "RequireAndVerifyClientCert",
        },
        users: new Map([["u", { password: "p" }]]),
      },
    });
  });
});
