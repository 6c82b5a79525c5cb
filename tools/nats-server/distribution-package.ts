/**
 * Downloads and unpacks the distribution's own nats-server package, without root and without installing it.
 *
 * Works on distributions with apt (Debian, Ubuntu and derivatives); apt verifies the package by its signed lists.
 * Other package managers are not tested and not tried: install the package there, and the PATH has it.
 */
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { findPrograms, messageOf, runCommand } from "./command.ts";
import { satisfies, type Wanted } from "./releases.ts";

const LIST_TIMEOUT_MS = 120_000;
const DOWNLOAD_TIMEOUT_MS = 120_000;
const UNPACK_TIMEOUT_MS = 60_000;
const PACKAGE = "nats-server";

/** Unpacks into `directory` and returns the path of the binary. Rejects with the reason. */
export async function unpackDistributionPackage(wanted: Wanted, directory: string): Promise<string> {
  if (findPrograms("apt-get").length === 0 || findPrograms("dpkg-deb").length === 0) {
    throw new Error("apt-get not found; other package managers are not tried");
  }
  try {
    return await fetchAndUnpack(wanted, directory, []);
  } catch (error) {
    if (error instanceof OtherVersion) throw error;
    // A fresh container has no package lists, and only root may write those of the system.
    const own = await ownPackageLists(directory);
    return await fetchAndUnpack(wanted, directory, own);
  }
}

class OtherVersion extends Error {}

async function fetchAndUnpack(wanted: Wanted, directory: string, lists: readonly string[]): Promise<string> {
  const options = { cwd: directory, timeoutMs: DOWNLOAD_TIMEOUT_MS };
  const command = [...lists, ...sandboxOptions(), "-qq", "download"];
  const uris = await runCommand("apt-get", [...command, "--print-uris", PACKAGE], options);
  const version = /nats-server_(?:\d+(?:%3a|:))?(\d+\.\d+\.\d+)/i.exec(uris)?.[1];
  if (version === undefined) throw new Error(`apt-get has no package ${PACKAGE}`);
  if (!satisfies(version, wanted)) throw new OtherVersion(`the package of this distribution is ${version}`);
  await runCommand("apt-get", [...command, PACKAGE], options);
  const archive = (await readdir(directory)).find((name) => name.endsWith(".deb"));
  if (archive === undefined) throw new Error("apt-get downloaded nothing");
  await runCommand("dpkg-deb", ["-x", archive, "package"], { cwd: directory, timeoutMs: UNPACK_TIMEOUT_MS });
  const binary = await firstExisting(directory, ["package/usr/sbin", "package/usr/bin"]);
  if (binary === undefined) throw new Error(`the package has no ${PACKAGE} in /usr/sbin or /usr/bin`);
  return binary;
}

async function firstExisting(directory: string, places: readonly string[]): Promise<string | undefined> {
  for (const place of places) {
    const names: readonly string[] = await readdir(join(directory, place)).catch(() => []);
    if (names.includes(PACKAGE)) return join(directory, place, PACKAGE);
  }
  return undefined;
}

/** Downloads package lists into `directory` and returns the options with which apt-get uses them. */
async function ownPackageLists(directory: string): Promise<string[]> {
  const [state, cache] = [join(directory, "apt-state"), join(directory, "apt-cache")];
  await mkdir(join(state, "lists", "partial"), { recursive: true });
  await mkdir(join(cache, "archives", "partial"), { recursive: true });
  const options = [
    ...["-o", `Dir::State=${state}`],
    ...["-o", "Dir::State::status=/var/lib/dpkg/status"],
    ...["-o", `Dir::Cache=${cache}`],
    ...["-o", "Acquire::Languages=none"],
    // Without this option apt-get only warns about a list that it cannot download.
    ...["-o", "APT::Update::Error-Mode=any"],
  ];
  try {
    const timing = { cwd: directory, timeoutMs: LIST_TIMEOUT_MS };
    await runCommand("apt-get", [...options, ...sandboxOptions(), "-qq", "update"], timing);
  } catch (error) {
    throw new Error(`apt-get update: ${messageOf(error)}`);
  }
  return options;
}

/** As root, apt-get hands downloads to a user that cannot write to our directory. */
function sandboxOptions(): string[] {
  return process.getuid?.() === 0 ? ["-o", "APT::Sandbox::User=root"] : [];
}
