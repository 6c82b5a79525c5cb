/**
 * Suites that need a program from outside: each server version natscope supports, promtool, prometheus,
 * chromium.
 * What is missing (never in CI, see the setup) is skipped and said at the end.
 */
import { describe, inject, it } from "vitest";
import type { OutsideProgram, ServerVersion } from "./outside-programs.setup.ts";

export type { ServerVersion };

const { servers, missingServerLines, programs } = inject("outsidePrograms");

/** The servers to test against, newest first: the newest release, one 2.10, one 2.9. */
export const SERVER_VERSIONS: readonly ServerVersion[] = servers;

/** One suite for each server version: `describeEachServer("jsz", ({ version }) => { it(…) })`. */
export function describeEachServer(title: string, suite: (server: ServerVersion) => void): void {
  for (const server of servers) describe(`${title} (nats-server ${server.version})`, () => suite(server));
  for (const line of missingServerLines) describe.skip(`${title} (nats-server ${line})`, placeholder);
}

/** One suite that runs a program, such as `promtool`; it is given the path. */
export function describeWithProgram(
  name: OutsideProgram,
  title: string,
  suite: (path: string) => void,
): void {
  const path = programs[name];
  if (path === undefined) describe.skip(`${title} (${name})`, placeholder);
  else describe(title, () => suite(path));
}

/** An empty suite would fail instead of being skipped. */
function placeholder(): void {
  it("needs a program that is missing", () => {});
}
