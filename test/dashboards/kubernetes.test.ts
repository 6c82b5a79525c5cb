/** Everything in k8s/, built by kustomize and checked without a cluster: schemas, pod security, natscope's arguments. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { IContainer } from "kubernetes-models/v1/Container";
import type { IPodSpec } from "kubernetes-models/v1/PodSpec";
import { beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { packageVersion } from "../../src/cli/version.ts";
import { readSettingFlags } from "../../src/exporter/settings/command-line.ts";
import { runCommand } from "../../tools/nats-server/command.ts";
import { runNatsServer } from "../../tools/nats-server/run.ts";
import { runNatscope } from "../cli/natscope.ts";
import { temporaryDirectory } from "../exporter/server/fixture.ts";
import { describeWithProgram, SERVER_VERSIONS } from "../outside-programs.ts";
import { type KubernetesObject, problemsOf } from "./kubernetes-schema.ts";
import { PROJECT_RULES, RESTRICTED } from "./pod-security.ts";

const K8S = fileURLToPath(new URL("../../k8s", import.meta.url));
const DASHBOARDS = fileURLToPath(new URL("../../dashboards", import.meta.url));
const OVERLAYS = readdirSync(join(K8S, "overlays"));
/** kubectl apply stores a copy of the object in an annotation, which may have 256 KiB. */
const MAX_DASHBOARD_BYTES = 200_000;

/** The pod spec of an object, if it is or creates a pod. */
function podOf(object: KubernetesObject): IPodSpec | undefined {
  if (object.kind === "Pod") return object.spec;
  return (object.spec?.jobTemplate ?? object)?.spec?.template?.spec;
}

const containersOf = ({ initContainers = [], containers }: IPodSpec): IContainer[] => [
  ...initContainers,
  ...containers,
];

describeWithProgram("kustomize", "k8s/", (kustomize) => {
  const command = basename(kustomize).startsWith("kubectl") ? "kustomize" : "build";
  const built = new Map<string, readonly KubernetesObject[]>();
  const objectsOf = (overlay: string) => built.get(overlay) as readonly KubernetesObject[];
  const pods = () => [...built.values()].flat().flatMap((object) => podOf(object) ?? []);
  const natscopes = () =>
    pods().flatMap((pod) => containersOf(pod).filter(({ name }) => name === "natscope"));

  beforeAll(async () => {
    for (const overlay of OVERLAYS) {
      const text = await runCommand(kustomize, [command, join(K8S, "overlays", overlay)], {
        timeoutMs: 60_000,
      });
      built.set(
        overlay,
        parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject),
      );
    }
  });

  it("builds every overlay and uses every component", () => {
    const used = new Set(
      readdirSync(K8S, { recursive: true, encoding: "utf8" })
        .filter((file) => basename(file) === "kustomization.yaml")
        .flatMap(
          (file) =>
            readFileSync(join(K8S, file), "utf8").match(
              /(?<=- \S*\/components\/|components: \[\.\.\/)[\w-]+/g,
            ) ?? [],
        ),
    );
    expect([...used].sort()).toEqual(readdirSync(join(K8S, "components")).sort());
  });

  it("is valid by the schemas of Kubernetes and of the Prometheus operator", async () => {
    expect(await problemsOf([...built.values()].flat())).toEqual([]);
  });

  it("meets the restricted profile and this project's own rules", () => {
    expect(pods().length).toBeGreaterThanOrEqual(5);
    for (const pod of pods()) {
      for (const { name, violations } of [...RESTRICTED, ...PROJECT_RULES])
        expect(violations(pod), name).toEqual([]);
    }
  });

  it("pins every image, and uses the current version of natscope", () => {
    for (const { image = "" } of pods().flatMap(containersOf)) expect(image).not.toMatch(/:latest$/);
    for (const { image } of natscopes()) expect(image).toBe(`natscope:${packageVersion()}`);
  });

  it("probes natscope, never NATS", () => {
    for (const { livenessProbe, readinessProbe, startupProbe } of natscopes()) {
      const probes = [livenessProbe, readinessProbe, startupProbe].flatMap((probe) => probe ?? []);
      for (const { httpGet } of probes) {
        expect(httpGet).toMatchObject({
          port: "prom-metrics",
          path: expect.stringMatching(/^\/(livez|readyz)$/),
        });
      }
    }
  });

  it("passes only arguments that natscope accepts", () => {
    expect(natscopes().length).toBeGreaterThanOrEqual(5);
    for (const { args = [] } of natscopes().filter((one) => one.args?.[0] === "serve")) {
      const argv = args.map((text) => text.replaceAll("$(POD_NAME)", "nats-0"));
      expect(readSettingFlags("natscope serve", argv.slice(1))).toMatchObject({ problems: [] });
    }
  });

  it("selects every natscope by the PodMonitor, at an existing port", () => {
    for (const overlay of ["standalone", "statefulset-sidecar", "app"]) {
      const objects = objectsOf(overlay);
      const monitor = objects.find(({ kind }) => kind === "PodMonitor") as KubernetesObject;
      const [{ key, values }] = monitor.spec.selector.matchExpressions;
      const watched = objects.filter((object) =>
        values.includes(object.spec?.template?.metadata?.labels?.[key]),
      );
      expect(watched, overlay).toHaveLength(1);
      const ports = watched.flatMap((object) =>
        containersOf(podOf(object) as IPodSpec).flatMap((one) => one.ports ?? []),
      );
      const names = ports.map(({ name }) => name);
      for (const { port } of monitor.spec.podMetricsEndpoints) expect(names, overlay).toContain(port);
    }
  });

  it("adds a native sidecar to each server, with a stable server name", () => {
    const sidecarOf = (overlay: string, kind: string) => {
      const object = objectsOf(overlay).find((one) => one.kind === kind) as KubernetesObject;
      return podOf(object)?.initContainers?.[0];
    };
    expect(sidecarOf("statefulset-sidecar", "StatefulSet")).toMatchObject({
      restartPolicy: "Always",
      args: ["serve", "--monitor=$(POD_NAME)=http://127.0.0.1:8222"],
      env: [{ name: "POD_NAME" }],
    });
    const ofApp = sidecarOf("app", "Deployment");
    expect(ofApp).toMatchObject({
      restartPolicy: "Always",
      args: ["serve", "--monitor=leaf=http://127.0.0.1:8222"],
    });
    expect(ofApp?.env).toBeUndefined();
  });

  it("has every dashboard in a ConfigMap with the label of Grafana's sidecar", () => {
    const files = readdirSync(DASHBOARDS).filter((name) => name.endsWith(".json"));
    const maps = objectsOf("standalone").filter(({ metadata }) => metadata.labels?.grafana_dashboard === "1");
    expect(maps.flatMap(({ data }) => Object.keys(data)).sort()).toEqual(files.sort());
    for (const { metadata, data } of maps) {
      const [[file, text]] = Object.entries(data) as [[string, string]];
      expect(metadata.name).toBe(`natscope-dashboard-${basename(file, ".json")}`);
      expect(metadata.annotations).toEqual({ grafana_folder: "NATS" });
      expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(join(DASHBOARDS, file), "utf8")));
      expect(statSync(join(DASHBOARDS, file)).size).toBeLessThan(MAX_DASHBOARD_BYTES);
    }
  });

  it("restricts access to the standalone natscope, and lets it reach its servers", () => {
    const policy = objectsOf("standalone").find(({ kind }) => kind === "NetworkPolicy") as KubernetesObject;
    const deployment = objectsOf("standalone").find(({ kind }) => kind === "Deployment") as KubernetesObject;
    expect(deployment.spec.template.metadata.labels).toMatchObject(policy.spec.podSelector.matchLabels);
    expect(policy.spec.ingress.flatMap(({ ports }: KubernetesObject) => ports)).toEqual([
      { port: "prom-metrics" },
    ]);
    const configuration = objectsOf("standalone").find(
      ({ data }) => data?.["natscope.yaml"],
    ) as KubernetesObject;
    const watched = configuration.data["natscope.yaml"].match(/(?<=^ +- .*:)\d+$/gm).map(Number);
    const open = policy.spec.egress
      .flatMap(({ ports }: KubernetesObject) => ports)
      .map(({ port }: { port: number }) => port);
    for (const port of watched) expect(open).toContain(port);
    // A policy for a server's pod would block its clients.
    expect(objectsOf("statefulset-sidecar").filter(({ kind }) => kind === "NetworkPolicy")).toEqual([]);
  });

  it("runs benchmarks with the context of the official chart", () => {
    for (const object of objectsOf("bench")) {
      const pod = podOf(object) as IPodSpec;
      expect(pod.volumes).toEqual([{ name: "contexts", secret: { secretName: "nats-box-contexts" } }]);
      expect(pod.containers[0]?.env).toEqual([
        { name: "NATS_CONTEXT", value: "/etc/nats-contexts/default.json" },
      ]);
    }
    const probe = objectsOf("bench").find(({ kind }) => kind === "CronJob") as KubernetesObject;
    expect(probe.spec.concurrencyPolicy).toBe("Forbid");
    expect(podOf(probe)?.containers[0]?.args).toContain("--threshold=lost==0");
  });

  it.skipIf(SERVER_VERSIONS.length === 0)("runs the benchmarks on a real server, shortened", async () => {
    await using server = await runNatsServer({ binary: SERVER_VERSIONS[0]?.binary as string });
    // The context that the chart writes: a URL only.
    const context = join(temporaryDirectory(), "default.json");
    writeFileSync(context, JSON.stringify({ url: server.clientUrl }));
    for (const object of objectsOf("bench")) {
      const { args = [] } = (podOf(object) as IPodSpec).containers[0] as IContainer;
      const shorter = args.map((text) =>
        text
          .replace(/^--duration=.*/, "--duration=2s")
          .replace(/^--rate=.*/, "--rate=500")
          .replace(/^--metrics-listen=.*/, "--metrics-listen=127.0.0.1:0"),
      );
      const { code, stdout, stderr } = await runNatscope([...shorter, "--warmup=0s"], {
        NATS_CONTEXT: context,
      });
      // 3 (threshold not met) and 5 (untrusted run) may happen on a busy machine.
      expect([0, 3, 5], stdout).toContain(code);
      expect(stderr).toMatch(/^(natscope: (metrics of this run are at \S+|.+ is not met: .+)\n)*$/);
      expect(stdout).toMatch(/^Verdict$/m);
      if (object.kind === "CronJob") expect(stdout).toMatch(/^ *lost==0 +0 +met$/m);
    }
  });

  it.skipIf(SERVER_VERSIONS.length === 0)("has configurations that nats-server accepts", async () => {
    for (const { metadata, data = {} } of [...objectsOf("statefulset-sidecar"), ...objectsOf("app")]) {
      for (const [name, text] of Object.entries<string>(data).filter(([file]) => file.endsWith(".conf"))) {
        const file = join(temporaryDirectory(), name);
        writeFileSync(file, text);
        const { status, stderr } = spawnSync(SERVER_VERSIONS[0]?.binary as string, ["-t", "-c", file], {
          env: { ...process.env, POD_NAME: "nats-0" },
          encoding: "utf8",
        });
        expect({ status, stderr }, metadata.name).toMatchObject({ status: 0 });
      }
    }
  });
});

describe("the schemas", () => {
  const deployment = (container: object) => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "natscope" },
    spec: {
      selector: { matchLabels: { a: "b" } },
      template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", ...container }] } },
    },
  });

  it("accept a valid object", async () => {
    expect(await problemsOf([deployment({ image: "i" })])).toEqual([]);
  });

  it.each([
    ["an unknown field", deployment({ imagePullPolcy: "Never" }), "imagePullPolcy"],
    ["a value of the wrong type", deployment({ image: 1 }), "image"],
    ["a missing required field", { ...deployment({}), spec: { replicas: 1 } }, "selector"],
    [
      "an invalid duration in an object of the operator",
      {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "PodMonitor",
        metadata: { name: "m" },
        spec: { selector: {}, podMetricsEndpoints: [{ port: "p", interval: "soon" }] },
      },
      "interval",
    ],
  ])("reject %s", async (_, object, named) => {
    expect((await problemsOf([object])).join("\n")).toContain(named);
  });

  it("reject an object without a schema", async () => {
    await expect(
      problemsOf([{ apiVersion: "a/v1", kind: "B", metadata: { name: "c" } }]),
    ).resolves.not.toEqual([]);
  });
});

describe("the restricted profile", () => {
  const confined = {
    allowPrivilegeEscalation: false,
    runAsNonRoot: true,
    seccompProfile: { type: "RuntimeDefault" as const },
    capabilities: { drop: ["ALL"] },
  };
  const pod = (container: object = {}, spec: object = {}): IPodSpec => ({
    containers: [
      { name: "good", securityContext: confined },
      { name: "c", securityContext: confined, ...container },
    ],
    ...spec,
  });
  const context = (change: object) => pod({ securityContext: { ...confined, ...change } });

  it("accepts a confined pod", () => {
    for (const { violations } of RESTRICTED) expect(violations(pod())).toEqual([]);
  });

  const VIOLATING: readonly (readonly [control: string, pod: IPodSpec, violators: readonly string[]])[] = [
    ["HostProcess", context({ windowsOptions: { hostProcess: true } }), ["c"]],
    ["Host namespaces", pod({}, { hostPID: true, hostNetwork: true }), ["hostNetwork", "hostPID"]],
    ["Privileged containers", context({ privileged: true }), ["c"]],
    ["Host ports", pod({ ports: [{ containerPort: 1, hostPort: 1 }] }), ["c"]],
    ["Host probes and hooks", pod({ livenessProbe: { httpGet: { port: 1, host: "other" } } }), ["c"]],
    ["AppArmor", context({ appArmorProfile: { type: "Unconfined" } }), ["c"]],
    ["SELinux", context({ seLinuxOptions: { type: "spc_t" } }), ["c"]],
    ["/proc mount type", context({ procMount: "Unmasked" }), ["c"]],
    [
      "Sysctls",
      pod({}, { securityContext: { sysctls: [{ name: "kernel.msgmax", value: "1" }] } }),
      ["kernel.msgmax"],
    ],
    ["Volume types", pod({}, { volumes: [{ name: "host", hostPath: { path: "/" } }] }), ["host"]],
    ["Privilege escalation", context({ allowPrivilegeEscalation: undefined }), ["c"]],
    ["Running as non-root", context({ runAsNonRoot: undefined }), ["c"]],
    ["Running as non-root user", pod({}, { securityContext: { runAsUser: 0 } }), ["pod"]],
    ["Seccomp", context({ seccompProfile: { type: "Unconfined" } }), ["c"]],
    ["Capabilities", context({ capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] } }), ["c"]],
  ];

  it("has a violating pod for each control in this test", () => {
    expect(VIOLATING.map(([control]) => control)).toEqual(RESTRICTED.map(({ name }) => name));
  });

  it.each(VIOLATING)("rejects a violation of: %s", (control, bad, violators) => {
    const violated = RESTRICTED.filter(({ violations }) => violations(bad).length > 0);
    expect(violated.map(({ name }) => name)).toEqual([control]);
    expect(violated[0]?.violations(bad)).toEqual(violators);
  });

  it("checks init containers too", () => {
    const bad = { ...pod(), initContainers: [{ name: "first", securityContext: {} }] };
    expect(RESTRICTED.find(({ name }) => name === "Capabilities")?.violations(bad)).toEqual(["first"]);
  });
});
