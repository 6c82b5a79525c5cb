/**
 * The *restricted* profile of Kubernetes' Pod Security Standards, a row for each control, and what this project asks
 * of its own pods besides.
 *
 * Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
import type { IContainer } from "kubernetes-models/v1/Container";
import type { IPodSpec } from "kubernetes-models/v1/PodSpec";

/** One control. */
export interface Control {
  readonly name: string;
  /** Names of what violates it: a container, a volume, or a field of the pod. */
  violations(pod: IPodSpec): readonly string[];
}

const containersOf = ({ initContainers = [], containers }: IPodSpec): readonly IContainer[] => [
  ...initContainers,
  ...containers,
];

type Context = NonNullable<IPodSpec["securityContext"]> & NonNullable<IContainer["securityContext"]>;

/** Each container that is not so. */
function inContainers(isFine: (container: IContainer, pod: IPodSpec) => boolean): Control["violations"] {
  return (pod) =>
    containersOf(pod)
      .filter((one) => !isFine(one, pod))
      .map(({ name }) => name);
}

/** Each security context, of the pod or a container, that is not so. */
function inContexts(isFine: (context: Partial<Context>) => boolean): Control["violations"] {
  return (pod) => [
    ...(isFine((pod.securityContext ?? {}) as Partial<Context>) ? [] : ["pod"]),
    ...inContainers(({ securityContext }) => isFine((securityContext ?? {}) as Partial<Context>))(pod),
  ];
}

/** What is in force for a container: its own word before its pod's. */
const inForce = <Key extends "runAsNonRoot" | "runAsUser" | "seccompProfile">(
  key: Key,
  { securityContext }: IContainer,
  pod: IPodSpec,
) => securityContext?.[key] ?? pod.securityContext?.[key];

const VOLUMES = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
];
const SYSCTLS = [
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.ping_group_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
];
const SELINUX_TYPES = ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

/** In the order of the standard: those of *baseline* that remain, then those of *restricted*. */
export const RESTRICTED: readonly Control[] = [
  { name: "HostProcess", violations: inContexts(({ windowsOptions }) => !windowsOptions?.hostProcess) },
  {
    name: "Host namespaces",
    violations: (pod) => (["hostNetwork", "hostPID", "hostIPC"] as const).filter((name) => pod[name]),
  },
  {
    name: "Privileged containers",
    violations: inContainers(({ securityContext }) => !securityContext?.privileged),
  },
  {
    name: "Host ports",
    violations: inContainers(({ ports = [] }) => ports.every(({ hostPort }) => !hostPort)),
  },
  {
    name: "Host probes and hooks",
    violations: inContainers(
      ({ livenessProbe, readinessProbe, startupProbe, lifecycle }) =>
        ![livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop].some(
          (one) => one?.httpGet?.host || one?.tcpSocket?.host,
        ),
    ),
  },
  {
    name: "AppArmor",
    violations: inContexts(({ appArmorProfile }) => appArmorProfile?.type !== "Unconfined"),
  },
  {
    name: "SELinux",
    violations: inContexts(
      ({ seLinuxOptions = {} }) =>
        SELINUX_TYPES.includes(seLinuxOptions.type ?? "") && !seLinuxOptions.user && !seLinuxOptions.role,
    ),
  },
  {
    name: "/proc mount type",
    violations: inContexts(({ procMount }) => (procMount ?? "Default") === "Default"),
  },
  {
    name: "Sysctls",
    violations: ({ securityContext }) =>
      (securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !SYSCTLS.includes(name)),
  },
  {
    name: "Volume types",
    violations: ({ volumes = [] }) =>
      volumes
        .filter((volume) => !Object.keys(volume).some((key) => VOLUMES.includes(key)))
        .map(({ name }) => name),
  },
  {
    name: "Privilege escalation",
    violations: inContainers(({ securityContext }) => securityContext?.allowPrivilegeEscalation === false),
  },
  {
    name: "Running as non-root",
    violations: inContainers((container, pod) => inForce("runAsNonRoot", container, pod) === true),
  },
  { name: "Running as non-root user", violations: inContexts(({ runAsUser }) => runAsUser !== 0) },
  {
    name: "Seccomp",
    violations: inContainers((container, pod) =>
      ["RuntimeDefault", "Localhost"].includes(inForce("seccompProfile", container, pod)?.type ?? ""),
    ),
  },
  {
    name: "Capabilities",
    violations: inContainers(({ securityContext: { capabilities: { add = [], drop = [] } = {} } = {} }) => {
      return drop.includes("ALL") && add.every((name) => name === "NET_BIND_SERVICE");
    }),
  },
];

/** What the standard leaves open, and this project does not. */
export const HOUSE: readonly Control[] = [
  {
    name: "Read-only root",
    violations: inContainers(({ securityContext }) => securityContext?.readOnlyRootFilesystem === true),
  },
  {
    name: "No token of a service account",
    violations: ({ automountServiceAccountToken }) =>
      automountServiceAccountToken === false ? [] : ["automountServiceAccountToken"],
  },
  {
    name: "Resources",
    violations: inContainers(
      ({ resources: { requests = {}, limits = {} } = {} }) =>
        "cpu" in requests && "memory" in requests && "memory" in limits,
    ),
  },
];
