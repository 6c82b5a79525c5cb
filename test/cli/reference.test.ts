import { describe, expect, it } from "vitest";
import { metricReference, settingReference } from "../../src/cli/reference.ts";
import { COLLECTORS } from "../../src/exporter/collectors.ts";
import { SELF_METRICS } from "../../src/exporter/scrape/self-report.ts";
import { flagOf, keyOf, SETTING_NAMES, variableOf } from "../../src/exporter/settings/settings.ts";

/** Every row has as many cells as its table's head. */
function expectWholeTables(markdown: string): void {
  const widths = markdown
    .split("\n")
    .map((line) => (line.startsWith("|") ? line.split(/(?<!\\)\|/).length : 0));
  widths.forEach((width, i) => {
    if (width > 0 && (widths[i - 1] ?? 0) > 0) expect(width, `line ${i + 1}`).toBe(widths[i - 1]);
  });
}

describe("the reference", () => {
  it("has every setting in all of its spellings", () => {
    const text = settingReference();
    for (const name of SETTING_NAMES) {
      expect(text).toContain(`\`${flagOf(name)} `);
      expect(text).toContain(`\`${variableOf(name)}\``);
      if (name !== "config") expect(text).toContain(`\`${keyOf(name)}\``);
    }
    expectWholeTables(text);
  });

  it("has every metric of every collector, and natscope's own", () => {
    const text = metricReference(COLLECTORS, SELF_METRICS);
    const rows = COLLECTORS.flatMap(({ tables }) => tables.flatMap(({ rows: all }) => all));
    expect(rows.length).toBeGreaterThan(100);
    for (const { name } of [...rows, ...SELF_METRICS]) expect(text).toContain(`| \`${name}\` |`);
    for (const { name } of COLLECTORS) expect(text).toContain(`\n## ${name}\n`);
    expectWholeTables(text);
  });
});
