/**
 * The web configuration in force. It is read again when it or a file that it names has changed; an edit that
 * cannot be used is reported once, counted, and changes nothing.
 */

import { type Family, family, type Metric } from "../../metrics/family.ts";
import type { Log } from "../../text/log.ts";
import { WebConfigProblems } from "./config.ts";
import { type LoadedWebConfig, loadWebConfig, type WebConfigSource } from "./load.ts";
import { WatchedFiles } from "./watched-files.ts";

export const RELOAD_FAILURES: Metric = {
  name: "natscope_web_config_reload_failures_total",
  type: "counter",
  help: "Changes of the web configuration, or of a file that it names, that could not be used.",
};
export const RELOAD_SUCCESSFUL: Metric = {
  name: "natscope_web_config_last_reload_successful",
  type: "gauge",
  help: "1 if the web configuration in force is that of the files, 0 if their last change could not be used.",
};

/** Holds the configuration and looks at its files when asked, so nothing runs while nobody connects. */
export class LiveWebConfig {
  readonly #source: WebConfigSource;
  readonly #log: Log;
  #files = new WatchedFiles();
  #loaded: LoadedWebConfig;
  #failures = 0;
  #isCurrent = true;

  /** Throws WebConfigProblems. */
  constructor(source: WebConfigSource, log: Log) {
    this.#source = source;
    this.#log = log;
    this.#loaded = loadWebConfig(source, this.#files);
  }

  /** What holds now. The same object until something changes. */
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
    // Files of the attempt are watched even where it fails, so that mending any of them is noticed.
    this.#files = new WatchedFiles();
    try {
      const loaded = loadWebConfig(this.#source, this.#files);
      refuseToDisarm(this.#loaded, loaded);
      this.#loaded = loaded;
      this.#isCurrent = true;
      this.#log.info("the web configuration has changed and was read again");
    } catch (error) {
      const problems = error instanceof WebConfigProblems ? error.problems : [String(error)];
      this.#failures++;
      this.#isCurrent = false;
      this.#log.error(
        "the web configuration has changed and cannot be used; the previous one stays in force",
        {
          problems,
        },
      );
    }
  }
}

/** A file caught half written looks like one that asks for neither TLS nor passwords. */
function refuseToDisarm(before: LoadedWebConfig, after: LoadedWebConfig): void {
  const problems: string[] = [];
  if (before.tls && !after.tls) {
    problems.push("`tls_server_config` is gone: switching TLS off takes a restart.");
  }
  if (before.users.size > 0 && after.users.size === 0) {
    problems.push("`basic_auth_users` is gone: switching authentication off takes a restart.");
  }
  if (problems.length > 0) throw new WebConfigProblems(problems);
}
