/**
 * Suites that need an external program: a nats-server of each supported line, promtool, prometheus, chromium.
 *
 * If a program is missing (never in CI, see the setup), its suites are skipped and the end of the run names it.
 */
import { describe, inject, it } from "vitest";
import type { OutsideProgram, ServerVersion } from "./outside-programs.setup.ts";

export type { ServerVersion };

const { servers, missingServerLines, programs } = inject("outsidePrograms");

/** The servers to test against, newest first: the newest release, one 2.10, one 2.9. */
export const SERVER_VERSIONS: readonly ServerVersion[] = servers;

/** Defines a suite for each server version: `describeEachServer("jsz", ({ version }) => { it(…) })`. */
export function describeEachServer(title: string, suite: (server: ServerVersion) => void): void {
  for (const server of servers) describe(`${title} (nats-server ${server.version})`, () => suite(server));
  for (const line of missingServerLines) describe.skip(`${title} (nats-server ${line})`, placeholder);
}

/** Defines a suite that runs a program, such as `promtool`, by its path. */
export function describeWithProgram(
  name: OutsideProgram,
  title: string,
  suite: (path: string) => void,
): void {
  const path = programs[name];
  if (path === undefined) describe.skip(`${title} (${name})`, placeholder);
  else describe(title, () => suite(path));
}

/** Vitest fails an empty suite instead of skipping it. */
function placeholder(): void {
  it("needs a program that is missing", () => {});
}
