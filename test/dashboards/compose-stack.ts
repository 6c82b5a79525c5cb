/**
 * The stack of compose.yaml without containers: each program gets the files that its container would get, with the
 * names of containers replaced by local addresses.
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

/** Root directory of the project. */
export const PROJECT: string = fileURLToPath(new URL("../..", import.meta.url));

/** The parts of a service in compose.yaml that the tests use. */
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

/** Copies of configuration files in which names of containers are replaced by local addresses. */
export class Stage {
  readonly #directory: string;
  readonly #addresses: Readonly<Record<string, string>>;

  /** @param addresses replacements: `{ "nats-1:8222": "127.0.0.1:34567" }` */
  constructor(directory: string, addresses: Readonly<Record<string, string>>) {
    this.#directory = directory;
    this.#addresses = addresses;
  }

  /** Copies a file of the project with the replacements applied, and returns the path of the copy. */
  file(path: string, change: (text: string) => string = (text) => text): string {
    const copy = join(this.#directory, path);
    mkdirSync(dirname(copy), { recursive: true });
    writeFileSync(copy, change(this.text(readFileSync(join(PROJECT, path), "utf8"))));
    return copy;
  }

  /** A text with the replacements applied. */
  text(text: string): string {
    return Object.entries(this.#addresses).reduce(
      (now, [name, address]) => now.replaceAll(name, address),
      text,
    );
  }
}

/** Starts a program that is killed when the test finishes; its output so far and its exit code are readable. */
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

/** A stand-in for the trace store: accepts exports and counts requests by path. */
export async function startTraceStore(): Promise<{
  readonly address: string;
  readonly requests: Record<string, number>;
}> {
  const requests: Record<string, number> = {};
  const server = createServer((request, response) => {
    requests[request.url ?? ""] = (requests[request.url ?? ""] ?? 0) + 1;
    request.resume().on("end", () => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}
