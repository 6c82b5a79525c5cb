/**
 * Settings of natscope from the arguments of prometheus-nats-exporter. They include all of its defaults; the remaining
 * settings come from the environment, the configuration file and natscope's defaults.
 */
import { type WebConfig, WebConfigProblems, webConfigFromFlags } from "../../http/web-config/config.ts";
import type { ExporterSettings } from "../prometheus-nats-exporter/arguments.ts";
import type { ExporterTarget } from "../prometheus-nats-exporter/targets.ts";
import { defaultMonitorName, type MonitorSetting } from "./monitor.ts";
import type { Settings } from "./settings.ts";

/** The settings that the arguments determine. */
export function settingsOfExporter(exporter: ExporterSettings): Partial<Settings> {
  const { listen, path, prefix, collect, jsz, serverId, targets } = exporter;
  return {
    monitor: targets.map(monitorOf),
    listen: [listen.host === "" ? { port: listen.port } : listen],
    metricsPath: path,
    names: "prometheus-nats-exporter",
    prefix,
    serverId,
    collect: ["all"],
    noCollect: [],
    exporterCollect: [...collect, ...(jsz ? (["jsz"] as const) : [])],
    ...(jsz && {
      jszDetail: jsz.detail,
      streamMetadata: jsz.streamMetadataKeys ?? [],
      consumerMetadata: jsz.consumerMetadataKeys ?? [],
    }),
  };
}

function monitorOf({ url, credentials, serverId }: ExporterTarget): MonitorSetting {
  return {
    name: defaultMonitorName(url),
    url,
    ...credentials,
    ...(serverId !== undefined && { serverId }),
    tls: {},
    place: `the URL ${url.href}`,
  };
}

/** TLS and basic auth of natscope's port; undefined without such arguments. */
export function webConfigOfExporter({ tls, basicAuth }: ExporterSettings): {
  readonly web?: WebConfig;
  readonly problems: readonly string[];
} {
  if (!tls && !basicAuth) return { problems: [] };
  try {
    const web = webConfigFromFlags({
      ...(tls && { certificateFile: tls.certificateFile, keyFile: tls.keyFile }),
      ...(tls?.clientAuthoritiesFile !== undefined && { clientCaFile: tls.clientAuthoritiesFile }),
      ...(basicAuth && { user: basicAuth.user, password: basicAuth.password }),
    });
    return { web, problems: [] };
  } catch (error) {
    if (error instanceof WebConfigProblems) return { problems: error.problems };
    throw error;
  }
}
