/**
 * The stack of compose.yaml without containers: each program with the very files that its container would have, only
 * the names of containers in them replaced by addresses of this machine.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { parse } from "yaml";

/** The project's folder. */
export const PROJECT: string = fileURLToPath(new URL("../..", import.meta.url));

/** A service of compose.yaml, as far as it is looked at. */
export interface Service {
  readonly image?: string;
  readonly build?: string | { readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly tmpfs?: readonly string[];
}

/** compose.yaml with its anchors resolved. */
export function readCompose(): { readonly services: Readonly<Record<string, Service>> } {
  return parse(readFileSync(join(PROJECT, "compose.yaml"), "utf8"), { merge: true });
}

/** Files of a folder with which containers are configured, under the addresses that stand for their names. */
export class Stage {
  readonly #directory: string;
  readonly #addresses: Readonly<Record<string, string>>;

  /** @param addresses by what is written: `{ "nats-1:8222": "127.0.0.1:34567" }` */
  constructor(directory: string, addresses: Readonly<Record<string, string>>) {
    this.#directory = directory;
    this.#addresses = addresses;
  }

  /** A copy of a file of the project with addresses for names; resolves to its path. */
  file(path: string, change: (text: string) => string = (text) => text): string {
    const copy = join(this.#directory, path);
    mkdirSync(dirname(copy), { recursive: true });
    writeFileSync(copy, change(this.text(readFileSync(join(PROJECT, path), "utf8"))));
    return copy;
  }

  /** A text with addresses for names. */
  text(text: string): string {
    return Object.entries(this.#addresses).reduce(
      (now, [name, address]) => now.replaceAll(name, address),
      text,
    );
  }
}

/** A program that runs until the test has finished, and what it says. */
export function startProgram(
  program: string,
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): { readonly output: string; readonly exitCode: number | null } {
  const child: ChildProcess = spawn(program, argv, {
    cwd: PROJECT,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const closed = once(child, "close");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await closed;
  });
  return {
    get output() {
      return output;
    },
    get exitCode() {
      return child.exitCode;
    },
  };
}

/** What stands for the trace store: takes what is exported and counts it by path. */
export async function startTraceStore(): Promise<{
  readonly address: string;
  readonly taken: Record<string, number>;
}> {
  const taken: Record<string, number> = {};
  const server = createServer((request, response) => {
    taken[request.url ?? ""] = (taken[request.url ?? ""] ?? 0) + 1;
    request.resume().on("end", () => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, taken };
}
