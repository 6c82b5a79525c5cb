/**
 * Environment variables of `natscope/register`, which cannot take options. An invalid value is reported and
 * ignored.
 */
import { A_PATTERN, isPattern } from "../labels/subject-folding.ts";

/** Values of the variables. */
interface RegisterSettings {
  /**
   * `NATSCOPE_METRICS_PORT`: port that serves `/metrics`, 0 to 65535. Unset: no server; the application
   * serves its registry.
   */
  readonly metricsPort?: number;
  /** `NATSCOPE_METRICS_HOST`: address to listen on. Default: all addresses of this machine. */
  readonly metricsHost?: string;
  /** `NATSCOPE_SUBJECT_TEMPLATES`: patterns separated by commas, as `subjects.templates` of `instrument`. */
  readonly templates: readonly string[];
}

/** @returns the valid settings, and a message for each invalid one */
export function registerSettings(environment: NodeJS.ProcessEnv): {
  readonly settings: RegisterSettings;
  readonly problems: readonly string[];
} {
  const {
    NATSCOPE_METRICS_PORT: port = "",
    NATSCOPE_METRICS_HOST: host = "",
    NATSCOPE_SUBJECT_TEMPLATES: list = "",
  } = environment;
  const problems: string[] = [];
  const isPort = /^\d{1,5}$/.test(port) && Number(port) <= 65_535;
  if (port && !isPort) {
    problems.push(
      `NATSCOPE_METRICS_PORT is ${JSON.stringify(port)}: expected a whole number from 0 to 65535`,
    );
  }
  const templates = list
    .split(",")
    .map((template) => template.trim())
    .filter((template) => template !== "");
  for (const template of templates.filter((one) => !isPattern(one))) {
    problems.push(`NATSCOPE_SUBJECT_TEMPLATES has ${JSON.stringify(template)}: expected ${A_PATTERN}`);
  }
  return {
    settings: {
      ...(isPort && { metricsPort: Number(port) }),
      ...(host && { metricsHost: host }),
      templates: templates.filter(isPattern),
    },
    problems,
  };
}
