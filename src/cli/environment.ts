/** Settings in the environment: `NATSCOPE_LISTEN`. An empty variable is as good as none. */
import type { Gathered, GivenSetting } from "./given.ts";
import { didYouMean, enumerate } from "./kinds.ts";
import { SETTING_NAMES, variableOf } from "./settings.ts";

/**
 * What Kubernetes puts into every container of a namespace that has a service called natscope or natscope-...:
 * `NATSCOPE_SERVICE_HOST`, `NATSCOPE_PORT_7777_TCP_ADDR` and, told from a mistake by its value, `NATSCOPE_PORT`.
 */
const SERVICE_LINK =
  /_SERVICE_HOST$|_SERVICE_PORT(_[A-Z0-9_]+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/;
const SERVICE_ADDRESS = /^(tcp|udp|sctp):\/\//;

export function gatherEnvironment(environment: Readonly<Record<string, string | undefined>>): Gathered {
  const settings = new Map(SETTING_NAMES.map((name) => [variableOf(name), name]));
  const given: GivenSetting[] = [];
  const problems: string[] = [];
  for (const [variable, text = ""] of Object.entries(environment)) {
    if (!variable.startsWith("NATSCOPE_") || text === "") continue;
    const setting = settings.get(variable);
    if (setting) given.push({ setting, text, origin: { source: "environment", place: variable } });
    else if (!SERVICE_LINK.test(variable) && !(variable.endsWith("_PORT") && SERVICE_ADDRESS.test(text))) {
      problems.push(unknownVariable(variable, [...settings.keys()]));
    }
  }
  return { given, problems };
}

function unknownVariable(variable: string, known: readonly string[]): string {
  // The common beginning would make everything near.
  const ends = known.map((name) => name.slice("NATSCOPE_".length));
  const near = didYouMean(variable.slice("NATSCOPE_".length), ends).replace("mean ", "mean NATSCOPE_");
  return `${variable} is not a setting${near || `: natscope knows ${enumerate(known)}`}`;
}
