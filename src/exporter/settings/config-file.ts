/** Settings in a YAML file: a mapping from names to values or lists of values, each kept with its line. */

import type { Gathered } from "../../input/given.ts";
import { openYamlFile, type Vocabulary, YamlFile } from "../../input/yaml-file.ts";
import { keyOf, SETTING_NAMES, settingOf } from "./settings.ts";

/** Settings of the file named by a setting at `place`. Never rejects: a file that cannot be read is a problem. */
export async function gatherConfigFile(path: string, place: string): Promise<Gathered> {
  const file = await openYamlFile(path, place);
  return typeof file === "string" ? { given: [], problems: [file] } : gather(file);
}

/** Settings in the text of a file called `path`. */
export function gatherYaml(text: string, path: string, yaml: typeof import("yaml")): Gathered {
  return gather(new YamlFile(text, path, yaml));
}

function gather(file: YamlFile): Gathered {
  const given = file.settings(file.entries('of settings, such as listen: ":7777"'), VOCABULARY);
  return { given, problems: file.problems };
}

const VOCABULARY: Vocabulary = {
  one: "a setting",
  keys: new Map(
    SETTING_NAMES.filter((name) => !settingOf(name).notInFile).map((name) => [
      keyOf(name),
      { setting: name, isPath: settingOf(name).isPath },
    ]),
  ),
};
