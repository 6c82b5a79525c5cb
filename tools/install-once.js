/**
 * Installs the packages of package-lock.json once. `npm install` would ask the registry for the packages of other
 * platforms each time, and without a network it waits for minutes.
 *
 * `npm run demo` and `npm test` start with it. It runs before any package is installed, on the installed Node.js (20
 * or newer), so it is plain JavaScript and imports nothing of the project.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const project = fileURLToPath(new URL("../", import.meta.url));
const stamp = `${project}node_modules/.installed`;
const wanted = createHash("sha256")
  .update(readFileSync(`${project}package-lock.json`))
  .update(`${process.platform} ${process.arch}`)
  .digest("hex");

if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
  process.exitCode = install();
  if (process.exitCode === 0) writeFileSync(stamp, wanted);
}

/** Returns npm's exit code. Without --no-save an older npm would rewrite the lock file. */
function install() {
  const npm = process.env.npm_execpath;
  if (npm === undefined) {
    console.error("Run this as: npm run setup");
    return 1;
  }
  const flags = ["--no-save", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status, error } = spawnSync(process.execPath, [npm, "install", ...flags], {
    cwd: project,
    stdio: "inherit",
  });
  if (error) console.error(`npm install: ${error.message}`);
  // Scripts that must receive signals start with `exec`, so that no shell is between npm and them. Windows
  // has no exec.
  if (status === 0 && process.platform === "win32") {
    writeFileSync(`${project}node_modules/.bin/exec.cmd`, "@%*\r\n");
  }
  return status ?? 1;
}
