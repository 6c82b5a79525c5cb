/**
 * The web configuration in force. It is loaded again when it or a file that it names has changed. A change that
 * cannot be used is logged once, counted, and has no effect.
 */
import { type Family, family, type Metric } from "../../metrics/family.ts";
import type { Log } from "../../text/log.ts";
import { WebConfigProblems } from "./config.ts";
import { type LoadedWebConfig, loadWebConfig, type WebConfigSource } from "./load.ts";
import { WatchedFiles } from "./watched-files.ts";

export const RELOAD_FAILURES: Metric = {
  name: "natscope_web_config_reload_failures_total",
  type: "counter",
  help: "Changes of the web configuration, or of a file that it names, that were invalid and had no effect.",
};
export const RELOAD_SUCCESSFUL: Metric = {
  name: "natscope_web_config_last_reload_successful",
  type: "gauge",
  help: "Whether the last change of the web configuration is in force (1), or was invalid and had no effect (0).",
};

/** Checks the files when the configuration is needed, so nothing runs while no client connects. */
export class LiveWebConfig {
  readonly #source: WebConfigSource;
  readonly #log: Log;
  #files = new WatchedFiles();
  #loaded: LoadedWebConfig;
  #failures = 0;
  #isCurrent = true;

  /** @throws {WebConfigProblems} */
  constructor(source: WebConfigSource, log: Log) {
    this.#source = source;
    this.#log = log;
    this.#loaded = loadWebConfig(source, this.#files);
  }

  /** The configuration in force. The same object until it changes. */
  current(): LoadedWebConfig {
    if (this.#files.haveChanged()) this.#reload();
    return this.#loaded;
  }

  families(): Family[] {
    return [
      family(RELOAD_FAILURES, (samples) => samples.add("", this.#failures)),
      family(RELOAD_SUCCESSFUL, (samples) => samples.add("", Number(this.#isCurrent))),
    ];
  }

  #reload(): void {
    // Also after a failure the new files are watched, so that a repair of any of them is noticed.
    this.#files = new WatchedFiles();
    try {
      const loaded = loadWebConfig(this.#source, this.#files);
      checkProtection(this.#loaded, loaded);
      this.#loaded = loaded;
      this.#isCurrent = true;
      this.#log.info("loaded the changed web configuration");
    } catch (error) {
      const problems = error instanceof WebConfigProblems ? error.problems : [String(error)];
      this.#failures++;
      this.#isCurrent = false;
      this.#log.error("the changed web configuration is invalid; the previous one stays in force", {
        problems,
      });
    }
  }
}

/** A file that is being written looks like one without TLS and users. */
function checkProtection(before: LoadedWebConfig, after: LoadedWebConfig): void {
  const problems: string[] = [];
  if (before.tls && !after.tls) {
    problems.push("tls_server_config is missing: a restart is needed to switch TLS off");
  }
  if (before.users.size > 0 && after.users.size === 0) {
    problems.push("basic_auth_users is missing: a restart is needed to switch authentication off");
  }
  if (problems.length > 0) throw new WebConfigProblems(problems);
}
