/**
 * Objects judged by the schemas of Kubernetes and of the Prometheus operator: by the compiled JSON schemas, which
 * know patterns and ranges, and by the TypeScript compiler as literals of their types, which knows every field.
 */
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

/** An object as it is sent to Kubernetes. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: of each kind another
  readonly [field: string]: any;
}

/** There is none for what nobody has a schema for, and that is a problem. */
function moduleOf({ apiVersion }: KubernetesObject): string {
  const isOperators = apiVersion.startsWith("monitoring.coreos.com/");
  return `${isOperators ? "@kubernetes-models/prometheus-operator" : "kubernetes-models"}/${apiVersion}`;
}

/** A line for each problem, with the object's kind and name. */
export async function problemsOf(objects: readonly KubernetesObject[]): Promise<readonly string[]> {
  const invalid = await Promise.all(objects.map(violationsOf));
  return [...invalid.flat(), ...(await strangeFields(objects))];
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

/** Each object becomes a file in which it is a literal; the compiler refuses fields that the type does not have. */
async function strangeFields(objects: readonly KubernetesObject[]): Promise<readonly string[]> {
  // Inside the project, so that the packages are found.
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
