/**
 * The *restricted* profile of the Kubernetes Pod Security Standards, one row for each control, and additional rules of
 * this project.
 *
 * Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
import type { IContainer } from "kubernetes-models/v1/Container";
import type { IPodSpec } from "kubernetes-models/v1/PodSpec";

/** A control of the standard, or a rule of this project. */
export interface Control {
  readonly name: string;
  /** Names of the containers, volumes or pod fields that violate it. */
  violations(pod: IPodSpec): readonly string[];
}

const containersOf = ({ initContainers = [], containers }: IPodSpec): readonly IContainer[] => [
  ...initContainers,
  ...containers,
];

type Context = NonNullable<IPodSpec["securityContext"]> & NonNullable<IContainer["securityContext"]>;

/** Names of the containers that fail the test. */
function inContainers(isAllowed: (container: IContainer, pod: IPodSpec) => boolean): Control["violations"] {
  return (pod) =>
    containersOf(pod)
      .filter((one) => !isAllowed(one, pod))
      .map(({ name }) => name);
}

/** Names of the security contexts, of the pod or its containers, that fail the test. */
function inContexts(isAllowed: (context: Partial<Context>) => boolean): Control["violations"] {
  return (pod) => [
    ...(isAllowed((pod.securityContext ?? {}) as Partial<Context>) ? [] : ["pod"]),
    ...inContainers(({ securityContext }) => isAllowed((securityContext ?? {}) as Partial<Context>))(pod),
  ];
}

/** The effective value for a container: its own setting, or else its pod's. */
const effective = <Key extends "runAsNonRoot" | "runAsUser" | "seccompProfile">(
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

/** Controls in the order of the standard: *baseline*, then *restricted*. */
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
    violations: inContainers((container, pod) => effective("runAsNonRoot", container, pod) === true),
  },
  { name: "Running as non-root user", violations: inContexts(({ runAsUser }) => runAsUser !== 0) },
  {
    name: "Seccomp",
    violations: inContainers((container, pod) =>
      ["RuntimeDefault", "Localhost"].includes(effective("seccompProfile", container, pod)?.type ?? ""),
    ),
  },
  {
    name: "Capabilities",
    violations: inContainers(({ securityContext: { capabilities: { add = [], drop = [] } = {} } = {} }) => {
      return drop.includes("ALL") && add.every((name) => name === "NET_BIND_SERVICE");
    }),
  },
];

/** Rules of this project that the standard does not have. */
export const PROJECT_RULES: readonly Control[] = [
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
