/**
 * Validates objects by the schemas of Kubernetes and of the Prometheus operator. The JSON schemas check patterns and
 * ranges; the TypeScript compiler, which gets the objects as literals of their types, rejects unknown fields.
 */
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

/** A Kubernetes object. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: the fields depend on the kind
  readonly [field: string]: any;
}

/** Module of the schema. For an unknown API version it does not exist, which is reported as a problem. */
function moduleOf({ apiVersion }: KubernetesObject): string {
  const isOperators = apiVersion.startsWith("monitoring.coreos.com/");
  return `${isOperators ? "@kubernetes-models/prometheus-operator" : "kubernetes-models"}/${apiVersion}`;
}

/** Problems of the objects, one line each, with kind and name of the object. */
export async function problemsOf(objects: readonly KubernetesObject[]): Promise<readonly string[]> {
  const invalid = await Promise.all(objects.map(violationsOf));
  return [...invalid.flat(), ...(await unknownFields(objects))];
}

async function violationsOf(object: KubernetesObject): Promise<readonly string[]> {
  const what = `${object.kind} ${object.metadata.name}`;
  try {
    const model = (await import(moduleOf(object)))[object.kind];
    new model(object).validate();
    return [];
  } catch (error) {
    return [`${what}: ${(error as Error).message}`];
  }
}

/** Writes each object as a literal of its type; the compiler rejects fields that the type lacks. */
async function unknownFields(objects: readonly KubernetesObject[]): Promise<readonly string[]> {
  // Inside the project, so that imports resolve.
  const directory = await mkdtemp(join(PROJECT, "node_modules/.kubernetes-objects-"));
  try {
    await Promise.all(
      objects.map((object, i) => {
        const type = `import type { I${object.kind} } from "${moduleOf(object)}";\n`;
        const literal = `export const it: I${object.kind} = ${JSON.stringify(object, null, 1)};\n`;
        return writeFile(join(directory, `${i}-${object.kind}-${object.metadata.name}.ts`), type + literal);
      }),
    );
    await writeFile(join(directory, "package.json"), '{ "type": "module" }');
    const compilerOptions = {
      noEmit: true,
      strict: true,
      skipLibCheck: true,
      module: "nodenext",
      target: "es2023",
      types: [],
    };
    await writeFile(join(directory, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
    const tsc = join(PROJECT, "node_modules/typescript/bin/tsc");
    const argv = [tsc, "--pretty", "false", "-p", directory];
    const { status, stdout } = spawnSync(process.execPath, argv, { cwd: directory, encoding: "utf8" });
    return status === 0 ? [] : stdout.trim().split("\n");
  } finally {
    await rm(directory, { recursive: true });
  }
}
