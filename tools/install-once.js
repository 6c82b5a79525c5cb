/**
 * Installs what package-lock.json names, unless that was done: `npm install` asks the registry for the packages
 * of other platforms every time, and where there is no network it asks for minutes.
 *
 * What `npm run demo` and `npm test` begin with. It runs before anything is installed, on the Node that is there
 * (20 or newer), so it is plain JavaScript and uses nothing of ours.
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

/** Exit code of npm. Without --no-save an older npm would rewrite the lock file. */
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
  // Scripts that must hear signals say `exec`, so that no shell stands between npm and them. Windows has no exec.
  if (status === 0 && process.platform === "win32") {
    writeFileSync(`${project}node_modules/.bin/exec.cmd`, "@%*\r\n");
  }
  return status ?? 1;
}
