/**
 * `npm run reference`: writes the references of settings and metrics into the README, between their markers.
 * They are made of the tables that the program runs on; a test fails while the README says something else.
 */
import { readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { OWN_METRICS } from "../cli/own-metrics.ts";
import { metricReference, settingReference } from "../cli/reference.ts";
import { COLLECTORS } from "../scrape/collectors.ts";

/** The file that holds both. */
export const README = new URL("../../README.md", import.meta.url);

/** The text with its references as they should be. Throws where a marker is missing. */
export function withReferences(readme: string): string {
  const metrics = metricReference(COLLECTORS, OWN_METRICS).replace(/^(#+) /gm, "$1# ");
  return [["settings", settingReference()] as const, ["metrics", metrics] as const].reduce(
    (text, [name, reference]) => between(text, name, reference),
    readme,
  );
}

function between(text: string, name: string, reference: string): string {
  const begin = `<!-- ${name} -->\n`;
  const end = `<!-- end of ${name} -->\n`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`README.md has no ${begin.trim()} … ${end.trim()}`);
  return `${text.slice(0, from + begin.length)}\n${reference.trim()}\n\n${text.slice(to)}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await writeFile(README, withReferences(await readFile(README, "utf8")));
}
