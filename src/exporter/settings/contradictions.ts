/** Problems between settings that are valid by themselves. Pure. */
import { formatDuration } from "../../input/kinds.ts";
import { flagOf } from "../../input/option.ts";
import type { Resolved } from "../../input/resolve.ts";
import { chosenCollectors, SETTING_NAMES, SETTINGS } from "./settings.ts";

type ResolvedSettings = Resolved<typeof SETTINGS>;

/** A sentence for each problem. */
export function contradictions(resolved: ResolvedSettings): readonly string[] {
  const problems = [
    ...monitorProblems(resolved),
    ...timeoutProblems(resolved),
    ...exporterNameProblems(resolved),
  ];
  if (problems.length > 0 || resolved.problems.length > 0) return problems;
  if (chosenCollectors(resolved.values).length > 0) return [];
  return [`${resolved.placeOf("noCollect")} excludes every collector: expected one or more to remain`];
}

function monitorProblems({ values, placeOf }: ResolvedSettings): readonly string[] {
  const problems: string[] = [];
  const names = values.monitor.map(({ name }) => name);
  for (const { name, place } of values.monitor.filter((_, i) => names.indexOf(names[i] as string) < i)) {
    const text = JSON.stringify(name);
    problems.push(`${place} has the name ${text} of another monitor: expected a unique name, as in name=URL`);
  }
  if (values.monitorCert !== undefined && values.monitorKey === undefined) {
    problems.push(`${placeOf("monitorCert")} needs ${flagOf("monitorKey")}`);
  }
  if (values.monitorKey !== undefined && values.monitorCert === undefined) {
    problems.push(`${placeOf("monitorKey")} needs ${flagOf("monitorCert")}`);
  }
  if (values.monitor.length > 0 && values.monitor.every(({ url }) => url.protocol !== "https:")) {
    for (const name of ["monitorCa", "monitorCert", "monitorKey", "monitorServerName"] as const) {
      if (values[name] !== undefined) problems.push(`${placeOf(name)} needs a monitor with https://`);
    }
  }
  return problems;
}

function timeoutProblems({ values, placeOf }: ResolvedSettings): readonly string[] {
  const { timeoutMargin, scrapeTimeout } = values;
  if (timeoutMargin < scrapeTimeout) return [];
  const [margin, timeout] = [timeoutMargin, scrapeTimeout].map((one) => formatDuration(one / 1000));
  return [
    `${placeOf("timeoutMargin")} is ${margin}: expected less than ${flagOf("scrapeTimeout")}, ${timeout}`,
  ];
}

function exporterNameProblems({ values, placeOf, isGiven }: ResolvedSettings): readonly string[] {
  if (values.names !== "natscope") return [];
  const needs = "needs --names prometheus-nats-exporter or --names both";
  const monitors = values.monitor.filter(({ serverId }) => serverId !== undefined);
  const settings = SETTING_NAMES.filter(
    (name) => SETTINGS[name].group === SETTINGS.names.group && name !== "names" && isGiven(name),
  );
  return [
    ...monitors.map(({ place }) => `${place} has a server_id, which ${needs}`),
    ...settings.map((name) => `${placeOf(name)} ${needs}`),
  ];
}
