/**
 * The effective configuration as YAML, each value with its source. The output is a valid configuration file, except
 * for hidden secrets. Pure.
 */
import type { Given } from "../../input/given.ts";
import { isFrom, keyOf, type Option } from "../../input/option.ts";
import type { ResolvedSettings } from "./gather.ts";
import type { MonitorSetting } from "./monitor.ts";
import { SETTING_NAMES, SETTINGS, type SettingName } from "./settings.ts";

const HIDDEN = "<hidden>";

export function describeSettings({ values, effective }: ResolvedSettings): string {
  const lines = SETTING_NAMES.flatMap((name) => {
    if (name === "monitor") return monitorLines(values.monitor, effective.monitor);
    return settingLines(name, effective[name]);
  });
  const width = Math.max(...lines.map(({ text }) => Math.min(text.length, 48)));
  return lines
    .map(({ text, origin }) => (origin ? `${text.padEnd(width)}  # ${origin}` : text))
    .join("\n")
    .concat("\n");
}

interface Line {
  readonly text: string;
  readonly origin?: string;
}

function settingLines(name: SettingName, given: readonly Given[]): Line[] {
  const row: Option<unknown> = SETTINGS[name];
  const key = keyOf(name);
  const [first] = given;
  if (!first) return [{ text: `# ${key}:`, origin: "not set" }];
  // A file cannot name itself.
  if (!isFrom("file", row)) return [{ text: `# ${key}: ${scalar(first.text)}`, origin: first.origin.place }];
  if (!row.repeats) return [{ text: `${key}: ${scalar(first.text)}`, origin: first.origin.place }];
  return [
    { text: `${key}:` },
    ...given.map(({ text, origin }) => ({ text: `  - ${scalar(text)}`, origin: origin.place })),
  ];
}

function monitorLines(monitors: readonly MonitorSetting[], given: readonly Given[]): Line[] {
  return [
    { text: "monitor:" },
    ...monitors.flatMap((monitor, i) => {
      const [first, ...others] = monitorFields(monitor).map(([key, value]) => `${key}: ${scalar(value)}`);
      const origin = given[i]?.origin;
      return [
        { text: `  - ${first}`, ...(origin && { origin: origin.place }) },
        ...others.map((text) => ({ text: `    ${text}` })),
      ];
    }),
  ];
}

function monitorFields(monitor: MonitorSetting): (readonly [key: string, value: string])[] {
  const { name, url, serverId, user, password, passwordFile, tls } = monitor;
  const fields = [
    ["name", name],
    ["url", url.href],
    ["server_id", serverId],
    ["user", user && HIDDEN],
    ["password", password && HIDDEN],
    ["password_file", passwordFile],
    ["ca", tls.ca],
    ["certificate", tls.certificate],
    ["key", tls.key],
    ["server_name", tls.serverName],
  ] as const;
  return fields.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
}

/** A plain scalar if YAML reads it as the same text, else a quoted one: JSON is YAML. */
function scalar(text: string): string {
  return /^[A-Za-z0-9/.][\w/.+=-]*$/.test(text) && text !== "null" ? text : JSON.stringify(text);
}
