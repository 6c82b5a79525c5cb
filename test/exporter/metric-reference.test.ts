import { describe, expect, it } from "vitest";
import { COLLECTORS } from "../../src/exporter/collectors.ts";
import { metricReference } from "../../src/exporter/metric-reference.ts";
import { SELF_METRICS } from "../../src/exporter/scrape/self-report.ts";

/** Expects as many cells in every row as in the head of its table. */
function expectWholeTables(markdown: string): void {
  const widths = markdown
    .split("\n")
    .map((line) => (line.startsWith("|") ? line.split(/(?<!\\)\|/).length : 0));
  widths.forEach((width, i) => {
    if (width > 0 && (widths[i - 1] ?? 0) > 0) expect(width, `line ${i + 1}`).toBe(widths[i - 1]);
  });
}

describe("the reference of metrics", () => {
  it("lists every metric of every collector, and natscope's own", () => {
    const text = metricReference(COLLECTORS, SELF_METRICS);
    const rows = COLLECTORS.flatMap(({ tables }) => tables.flatMap(({ rows: all }) => all));
    expect(rows.length).toBeGreaterThan(100);
    for (const { name } of [...rows, ...SELF_METRICS]) expect(text).toContain(`| \`${name}\` |`);
    for (const { name } of COLLECTORS) expect(text).toContain(`\n## ${name}\n`);
    expectWholeTables(text);
  });
});
