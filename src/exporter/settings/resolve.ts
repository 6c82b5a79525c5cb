/**
 * From what was given to settings: the first source that gives a setting wins, and everything that is wrong
 * anywhere is told at once. Pure; files that settings name are read later (`targets.ts`).
 */

import { type Given, type GivenSetting, type Origin, SOURCES } from "../../input/given.ts";
import { quote } from "../../text/wording.ts";
import {
  chosenCollectors,
  flagOf,
  SETTING_NAMES,
  SETTINGS,
  type SettingName,
  type Settings,
  settingOf,
} from "./settings.ts";

export interface Resolved {
  readonly settings: Settings;
  /** What the value of each setting was read from, in its own texts; empty where a setting is absent. */
  readonly effective: Readonly<Record<SettingName, readonly Given[]>>;
  /** A sentence for everything that is wrong; where there is one, `settings` is only good for finding more. */
  readonly problems: readonly string[];
}

const BY_DEFAULT: Origin = { source: "default", place: "default" };

/** @param decided settings that go before all that is given: the exporter's arguments, read elsewhere */
export function resolve(all: readonly GivenSetting[], decided: Partial<Settings> = {}): Resolved {
  const problems: string[] = [];
  const settings: Record<string, unknown> = { ...decided };
  const effective: Record<string, readonly Given[]> = {};
  const misread = new Set<SettingName>();
  for (const name of Object.keys(decided)) effective[name] = [];
  for (const name of SETTING_NAMES) {
    const setting = settingOf(name);
    const given = all
      .filter((one) => one.setting === name)
      .flatMap((one) =>
        one.fields ? [one] : setting.split(one.text, one.origin.source).map((text) => ({ ...one, text })),
      );
    for (const source of SOURCES) {
      const ofSource = given.filter(({ origin }) => origin.source === source);
      if (ofSource.length === 0) continue;
      problems.push(...repeated(name, ofSource));
      const refusals: string[] = [];
      const value = setting.read(ofSource, (wrong, why) => refusals.push(`${wrong.origin.place} ${why}`));
      problems.push(...refusals);
      // A source that wins does not excuse what is wrong in the others.
      if (name in effective) continue;
      if (refusals.length > 0) misread.add(name);
      effective[name] = ofSource;
      settings[name] = value;
    }
    if (name in effective) continue;
    effective[name] = setting.default.map((text) => ({ origin: BY_DEFAULT, text }));
    settings[name] = setting.read(effective[name], () => {});
  }
  const resolved = {
    settings: settings as unknown as Settings,
    effective: effective as Record<SettingName, readonly Given[]>,
  };
  return { ...resolved, problems: [...problems, ...contradictions(resolved, misread)] };
}

function repeated(name: SettingName, [first, ...others]: readonly Given[]): string[] {
  if (settingOf(name).repeats || !first || others.length === 0) return [];
  const texts = [first, ...others].map(({ text }) => quote(text)).join(" and ");
  return [`${first.origin.place} is given more than once, ${texts}, but takes one value`];
}

const ONLY_COMPATIBLE = "which takes --names prometheus-nats-exporter or --names both";

/**
 * What is wrong between settings that are right by themselves.
 *
 * @param misread settings of which a text was refused, and so is missing from their value
 */
function contradictions(
  { settings, effective }: Omit<Resolved, "problems">,
  misread: ReadonlySet<SettingName>,
): string[] {
  const problems: string[] = [];
  const placeOf = (name: SettingName): string => {
    const { source, place } = effective[name][0]?.origin ?? BY_DEFAULT;
    return source === "default" ? flagOf(name) : place;
  };
  const isGiven = (name: SettingName): boolean => effective[name].some(({ origin }) => origin !== BY_DEFAULT);

  const names = settings.monitor.map(({ name }) => name);
  for (const { name, place } of settings.monitor.filter((_, i) => names.indexOf(names[i] as string) < i)) {
    const text = JSON.stringify(name);
    problems.push(`${place} has the name ${text} a second time: give each monitor its own, as in name=URL`);
  }
  if ((settings.monitorCert === undefined) !== (settings.monitorKey === undefined)) {
    const [there, missing] =
      settings.monitorCert === undefined
        ? (["monitorKey", "monitorCert"] as const)
        : (["monitorCert", "monitorKey"] as const);
    problems.push(`${placeOf(there)} needs ${flagOf(missing)} with it`);
  }
  if (settings.monitor.length > 0 && settings.monitor.every(({ url }) => url.protocol !== "https:")) {
    for (const name of ["monitorCa", "monitorCert", "monitorKey", "monitorServerName"] as const) {
      if (settings[name] !== undefined)
        problems.push(`${placeOf(name)} is for https monitors, and there is none`);
    }
  }
  if (settings.timeoutMargin >= settings.scrapeTimeout) {
    problems.push(
      `${placeOf("timeoutMargin")} must be less than ${flagOf("scrapeTimeout")}, so that time is left to ask`,
    );
  }
  if (settings.names === "natscope") {
    for (const { place } of settings.monitor.filter(({ serverId }) => serverId !== undefined)) {
      problems.push(`${place} has a server_id, ${ONLY_COMPATIBLE}`);
    }
    for (const name of SETTING_NAMES) {
      if (SETTINGS[name].group !== SETTINGS.names.group || name === "names" || !isGiven(name)) continue;
      problems.push(`${placeOf(name)} is for other names, ${ONLY_COMPATIBLE}`);
    }
  }
  if (problems.length === 0 && !misread.has("collect") && chosenCollectors(settings).length === 0) {
    problems.push(`${placeOf("noCollect")} leaves no collector to run`);
  }
  return problems;
}
