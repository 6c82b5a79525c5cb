/** The package as npm installs it: packed, and installed from the registry into an application with its own clients. */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TYPESCRIPT = join(ROOT, "node_modules/typescript/bin/tsc");
const INSTALL_TIMEOUT_MS = 240_000;

/** Older than the versions that natscope is developed with, and within its ranges. prom-client is missing. */
const OWN_VERSIONS = { nats: "2.29.1", "@opentelemetry/api": "1.9.0" };

const APPLICATION = `
import type { NatsConnection } from "nats";
import { Registry } from "prom-client";
import { connect, connectFromEnv, instrument, publishWithRetry, startMetricsServer } from "natscope/client";

export async function main(own: NatsConnection): Promise<void> {
  const registry = new Registry();
  const nc: NatsConnection = instrument(own, { registry, subjects: { templates: ["orders.*"] } });
  const stream: string = (await publishWithRetry(nc.jetstream(), "orders.1", "x", { attempts: 2 })).stream;
  await using server = await startMetricsServer({ port: 0, registry });
  const other: NatsConnection = await connect({ servers: server.url + stream });
  const third: NatsConnection = await connectFromEnv();
  await Promise.all([other.close(), third.close()]);
}

// @ts-expect-error: \`registry\` must have registerMetric()
export const wrong = (own: NatsConnection) => instrument(own, { registry: {} });
`;

const run = promisify(execFile);

let directory: string;
let application: string;

beforeAll(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), "natscope-package-")));
  const packed = join(directory, "package");
  application = join(directory, "application");
  await mkdir(packed);
  await mkdir(application);
  for (const name of ["package.json", "README.md", "LICENSE", "CHANGELOG.md"]) {
    await cp(join(ROOT, name), join(packed, name));
  }
  const build = ["-p", join(ROOT, "tsconfig.build.json"), "--outDir", join(packed, "dist")];
  await run(process.execPath, [TYPESCRIPT, ...build]);
  const { stdout } = await run("npm", ["pack", "--json", "--ignore-scripts"], { cwd: packed });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  const dependencies = { ...OWN_VERSIONS, natscope: `file:${join(packed, filename)}` };
  await writeFile(
    join(application, "package.json"),
    JSON.stringify({ name: "application", private: true, type: "module", dependencies }),
  );
  await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"], {
    cwd: application,
    timeout: INSTALL_TIMEOUT_MS,
  });
}, INSTALL_TIMEOUT_MS + 60_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

/** Versions of all installed copies of a package. */
async function copiesOf(name: string): Promise<string[]> {
  const { packages } = JSON.parse(await readFile(join(application, "package-lock.json"), "utf8")) as {
    packages: Record<string, { version: string }>;
  };
  return Object.entries(packages)
    .filter(([path]) => path === `node_modules/${name}` || path.endsWith(`/node_modules/${name}`))
    .map(([, { version }]) => version);
}

describe("the installed package", () => {
  it("uses the application's own client and OpenTelemetry API", async () => {
    expect(await copiesOf("nats")).toEqual([OWN_VERSIONS.nats]);
    expect(await copiesOf("@opentelemetry/api")).toEqual([OWN_VERSIONS["@opentelemetry/api"]]);
  });

  it("brings one prom-client if the application has none", async () => {
    expect(await copiesOf("prom-client")).toEqual([expect.stringMatching(/^15\./)]);
  });

  it("leaves out the optional packages", async () => {
    expect(await copiesOf("@nats-io/nats-core")).toEqual([]);
    expect(await copiesOf("@opentelemetry/sdk-node")).toEqual([]);
  });

  it("has a command that runs", async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as { version: string };
    const command = join(application, "node_modules/.bin/natscope");
    const { stdout } = await run(process.execPath, [command, "--version"]);
    expect(stdout).toBe(`natscope ${version}\n`);
  });

  it("instruments the application's client and uses its default registry", async () => {
    const script = `
      import { register } from "prom-client";
      import { connect, startMetricsServer } from "natscope/client";
      const error = await connect({ servers: "127.0.0.1:1", reconnect: false }).catch((error) => error);
      await using server = await startMetricsServer({ port: 0, registry: register });
      console.log(error.code, (await fetch(server.url)).status);`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], {
      cwd: application,
    });
    expect(stdout).toBe("CONNECTION_REFUSED 200\n");
  });

  it("has types that resolve", async () => {
    await writeFile(join(application, "main.ts"), APPLICATION);
    const options = {
      strict: true,
      noEmit: true,
      module: "nodenext",
      target: "esnext",
      skipLibCheck: true,
      typeRoots: [join(ROOT, "node_modules/@types")],
      types: ["node"],
    };
    await writeFile(
      join(application, "tsconfig.json"),
      JSON.stringify({ compilerOptions: options, files: ["main.ts"] }),
    );
    const errors = await run(process.execPath, [TYPESCRIPT, "-p", application]).then(
      ({ stdout }) => stdout,
      ({ stdout }: { stdout: string }) => stdout,
    );
    expect(errors).toBe("");
  });
});
