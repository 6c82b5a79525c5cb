/**
 * The image built from the Dockerfile, run as Kubernetes would run it: without root, without new privileges, on a
 * read-only root, as process 1. Only the two base images are local substitutes.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { packageVersion } from "../../src/cli/version.ts";
import { freePort } from "../../tools/nats-server/ports.ts";
import { describeWithProgram } from "../outside-programs.ts";
import { until } from "../rig/until.ts";
import { ImageStore } from "./image-store.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const BASE = "localhost/node:run";
const BUILD_BASE = "localhost/node:build";
const IMAGE = "localhost/natscope:test";

/** Sets up the namespaces and mounts of a container. It uses `exec`, so that the program becomes process 1. */
const RUN_CONTAINED = `
set -e
mount --make-rprivate /
mount --bind "$ROOT" "$ROOT"
mount --rbind /dev "$ROOT/dev"
mount -t proc proc "$ROOT/proc"
mount -o remount,ro,bind "$ROOT"
exec setpriv --no-new-privs --clear-groups chroot --userspec="$USER_ID" "$ROOT" "$@"
`;

interface Contained {
  readonly output: string;
  /** Id of process 1 in the host's namespace. */
  pid(): Promise<number>;
  exit(): Promise<number>;
}

describeWithProgram("buildah", "the image", (buildah) => {
  let store: ImageStore;
  beforeAll(async () => {
    store = await ImageStore.open(buildah);
    await store.createNodeBase(BASE);
    await store.createBuildBase(BUILD_BASE);
    const bases = ["--build-arg", `BASE=${BASE}`, "--build-arg", `BUILD_BASE=${BUILD_BASE}`];
    await store.buildah("bud", "--pull-never", "--format", "docker", ...bases, "--tag", IMAGE, PROJECT);
  }, 10 * 60_000);
  afterAll(() => store[Symbol.asyncDispose]());

  async function start(argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const { Env, User } = await store.config(IMAGE);
    const root = await store.mount(IMAGE);
    const child: ChildProcess = spawn(
      "unshare",
      ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", RUN_CONTAINED, "sh", ...argv],
      {
        env: {
          ...Object.fromEntries(Env.map((one) => one.split(/=(.*)/s).slice(0, 2))),
          PATH: `/nodejs/bin:${process.env.PATH}`,
          ROOT: root,
          USER_ID: User,
          ...environment,
        },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    const closed = once(child, "close") as Promise<[number | null]>;
    onTestFinished(async () => {
      child.kill("SIGKILL");
      await closed;
    });
    const contained: Contained = {
      get output() {
        return output;
      },
      pid: () =>
        until("a process 1", () => {
          const [first] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").split(" ");
          return first ? Number(first) : undefined;
        }),
      exit: async () => (await closed)[0] as number,
    };
    return contained;
  }

  it("has labels, an entry point and a user that is not root", async () => {
    expect(await store.config(IMAGE)).toMatchObject({
      User: "65532:65532",
      Entrypoint: ["node", "/natscope/natscope.js"],
      Cmd: ["serve"],
      ExposedPorts: { "7777/tcp": {} },
      Healthcheck: { Test: ["CMD", "node", "/natscope/natscope.js", "healthcheck"] },
      Labels: {
        "org.opencontainers.image.title": "natscope",
        "org.opencontainers.image.licenses": "Apache-2.0",
        "org.opencontainers.image.version": packageVersion(),
      },
    });
  });

  it("serves metrics, passes its health check, is confined, and exits with 0 on SIGTERM as process 1", async () => {
    const { Entrypoint, Cmd, Healthcheck } = await store.config(IMAGE);
    const listen = {
      NATSCOPE_LISTEN: `127.0.0.1:${await freePort()}`,
      NATSCOPE_MONITOR: `http://127.0.0.1:${await freePort()}`,
    };
    const natscope = await start([...Entrypoint, ...Cmd], listen);
    await until("natscope to listen", () => natscope.output.includes("listening on") || undefined);
    const metrics = await (await fetch(`http://${listen.NATSCOPE_LISTEN}/metrics`)).text();
    expect(metrics).toMatch(/^nats_up\{.*\} 0$/m);
    expect(metrics).toMatch(/^process_resident_memory_bytes \d+$/m);

    const pid = await natscope.pid();
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    expect(status).toMatch(/^NSpid:\s+\d+\s+1$/m);
    expect(status).toMatch(/^Uid:\s+65532\s+65532\s+65532\s+65532$/m);
    expect(status).toMatch(/^CapEff:\s+0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(readFileSync(`/proc/${pid}/mountinfo`, "utf8")).toMatch(/^\S+ \S+ \S+ \S+ \/ ro\b/m);

    const [, ...check] = Healthcheck.Test;
    const healthy = await start(check, listen);
    expect(await healthy.exit()).toBe(0);
    expect(healthy.output).toBe(`natscope is alive at ${listen.NATSCOPE_LISTEN}\n`);

    process.kill(pid, "SIGTERM");
    expect(await natscope.exit()).toBe(0);
    expect(natscope.output).toContain("stopping on SIGTERM");
    const dead = await start(check, listen);
    expect(await dead.exit()).toBe(1);
  });

  it("accepts the arguments of prometheus-nats-exporter", async () => {
    const { Entrypoint } = await store.config(IMAGE);
    const port = await freePort();
    const argv = [`-port=${port}`, "-addr=127.0.0.1", "-varz", "-prefix=nats", "http://127.0.0.1:1/"];
    const natscope = await start([...Entrypoint, ...argv]);
    await until("natscope to listen", () => natscope.output.includes("listening on") || undefined);
    expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(200);
    process.kill(await natscope.pid(), "SIGTERM");
    expect(await natscope.exit()).toBe(0);
  });

  it("adds less than 1 MB to its base", async () => {
    const bare = (await store.compressedLayers(BASE)).reduce((sum, size) => sum + size, 0);
    const whole = (await store.compressedLayers(IMAGE)).reduce((sum, size) => sum + size, 0);
    const megabytes = (bytes: number) => (bytes / 1e6).toFixed(2);
    console.info(
      `the image, compressed: ${megabytes(whole)} MB; its base, a bare Node.js ${process.version}: ${megabytes(bare)} MB; natscope: ${megabytes(whole - bare)} MB`,
    );
    expect(whole - bare).toBeGreaterThan(0);
    expect(whole - bare).toBeLessThan(1e6);
  });
});
