/**
 * What `natscope/register` may be told: it has no options, since the application knows nothing of it. Values
 * come from the environment; a bad one is said, and done without.
 */
import { A_PATTERN, isPattern } from "../labels/subject-folding.ts";

/** What the variables say. */
export interface RegisterSettings {
  /** `NATSCOPE_METRICS_PORT`: serves `/metrics` there. Unset: the application serves prom-client's registry. */
  readonly metricsPort?: number;
  /** `NATSCOPE_METRICS_HOST`: the address to listen on. */
  readonly metricsHost?: string;
  /** `NATSCOPE_SUBJECT_TEMPLATES`: patterns, separated by commas, as `subjects.templates` of `instrument`. */
  readonly templates: readonly string[];
}

/** @returns what is right, and a sentence for each value that is not */
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
