/**
 * Builds images without a daemon and without a registry: buildah with a temporary store. The base images are created
 * from this machine's Node.js and the libraries that it is linked with.
 */
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findPrograms, runCommand } from "../../tools/nats-server/command.ts";

const PATIENCE_MS = 5 * 60_000;

/** The parts of `docker inspect` that the tests use. */
export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly ExposedPorts: Readonly<Record<string, unknown>>;
  readonly Healthcheck: { readonly Test: readonly string[] };
  readonly Labels: Readonly<Record<string, string>>;
}

export class ImageStore implements AsyncDisposable {
  readonly directory: string;
  readonly #buildah: string;

  private constructor(buildah: string, directory: string) {
    this.#buildah = buildah;
    this.directory = directory;
  }

  static async open(buildah: string): Promise<ImageStore> {
    return new ImageStore(buildah, await mkdtemp(join(tmpdir(), "natscope-images-")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.buildah("unmount", "--all");
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Runs buildah on this store; resolves to its output. */
  async buildah(...args: readonly string[]): Promise<string> {
    const store = ["--root", join(this.directory, "root"), "--runroot", join(this.directory, "run")];
    // A storage driver without kernel support, and isolation without a container runtime.
    const how = { env: { ...process.env, BUILDAH_ISOLATION: "chroot" }, timeoutMs: PATIENCE_MS };
    return (await runCommand(this.#buildah, [...store, "--storage-driver", "vfs", ...args], how)).trim();
  }

  /** Creates a base image with only this machine's Node.js, at the path of the distroless image. */
  async createNodeBase(name: string): Promise<void> {
    const root = await this.#emptyRoot();
    await putProgram(root, process.execPath, "nodejs/bin/node");
    await this.#commit(root, name, []);
  }

  /** Creates a base image for builds, like `node:slim`: Node.js, npm, a shell, and the CA certificates of this machine. */
  async createBuildBase(name: string): Promise<void> {
    const root = await this.#emptyRoot();
    await putProgram(root, process.execPath, "usr/local/bin/node");
    await putProgram(root, "/bin/sh", "bin/sh");
    await putProgram(root, "/usr/bin/env", "usr/bin/env");
    const [npm] = findPrograms("npm");
    if (npm === undefined) throw new Error("no npm on the PATH");
    await cp(join(dirname(await realpath(npm)), ".."), join(root, "usr/local/lib/npm"), { recursive: true });
    await symlink("../lib/npm/bin/npm-cli.js", join(root, "usr/local/bin/npm"));
    const environment = ["PATH=/usr/local/bin:/usr/bin:/bin"];
    const registry = await runCommand(npm, ["config", "get", "registry"], { timeoutMs: PATIENCE_MS });
    environment.push(`npm_config_registry=${registry.trim()}`, "npm_config_update_notifier=false");
    const { NODE_EXTRA_CA_CERTS } = process.env;
    if (NODE_EXTRA_CA_CERTS) {
      await mkdir(join(root, "etc"));
      await cp(NODE_EXTRA_CA_CERTS, join(root, "etc/authorities.pem"), { dereference: true });
      environment.push("NODE_EXTRA_CA_CERTS=/etc/authorities.pem");
    }
    await this.#commit(root, name, environment);
  }

  async config(image: string): Promise<ImageConfig> {
    const inspected = JSON.parse(await this.buildah("inspect", "--type", "image", image));
    return inspected.Docker.config;
  }

  /** Mounts a container of the image; resolves to its root directory. */
  async mount(image: string): Promise<string> {
    return this.buildah("mount", await this.buildah("from", "--pull-never", image));
  }

  /** Compressed bytes of each layer, lowest layer first. */
  async compressedLayers(image: string): Promise<readonly number[]> {
    const directory = join(this.directory, "pushed");
    await this.buildah("push", "--quiet", "--format", "oci", image, `oci:${directory}`);
    const blob = async (digest: string) =>
      JSON.parse(await readFile(join(directory, "blobs", digest.replace(":", "/")), "utf8"));
    const index = JSON.parse(await readFile(join(directory, "index.json"), "utf8"));
    const { layers } = (await blob(index.manifests[0].digest)) as { layers: readonly { size: number }[] };
    await rm(directory, { recursive: true });
    return layers.map(({ size }) => size);
  }

  async #emptyRoot(): Promise<string> {
    const root = await mkdtemp(join(this.directory, "base-"));
    for (const name of ["proc", "dev", "tmp"]) await mkdir(join(root, name));
    return root;
  }

  async #commit(root: string, name: string, environment: readonly string[]): Promise<void> {
    const container = await this.buildah("from", "scratch");
    await this.buildah("copy", "--quiet", container, root, "/");
    await this.buildah("config", ...environment.flatMap((one) => ["--env", one]), container);
    await this.buildah("commit", "--quiet", "--rm", "--format", "docker", container, name);
    await rm(root, { recursive: true });
  }
}

/** Copies a program and the libraries that it is linked with. */
async function putProgram(root: string, program: string, place: string): Promise<void> {
  const linked = await runCommand("ldd", [program], { timeoutMs: PATIENCE_MS });
  for (const [library] of linked.matchAll(/\/\S+/g)) {
    await cp(await realpath(library), join(root, library), { recursive: true });
  }
  await cp(await realpath(program), join(root, place), { recursive: true });
}
