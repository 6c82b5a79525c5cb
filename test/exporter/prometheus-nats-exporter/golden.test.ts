/**
 * Comparison with saved output of prometheus-nats-exporter: the same replies give the same series, labels, values
 * and types.
 */
import { describe, expect, it } from "vitest";
import type { Target } from "../../../src/exporter/sources/target.ts";
import type { Exposition } from "../../rig/exposition.ts";
import { ExporterProcess, findExporter } from "./exporter-process.ts";
import { GOLDEN_CASES, type GoldenCase, golden, writeGolden } from "./golden-cases.ts";
import { Replay } from "./replay.ts";
import { exporterWatch, scrapeExporter, typesOf, valuesOf } from "./scraping.ts";

const program = findExporter();

describe.each(GOLDEN_CASES)("$name", (goldenCase) => {
  it("matches the saved output of prometheus-nats-exporter", async () => {
    const theirs = golden(goldenCase);
    const ours = await natscope(goldenCase);
    expect(theirs.families.size).toBeGreaterThan(0);
    expect(onlyIn(valuesOf(theirs), valuesOf(ours), goldenCase)).toEqual([]);
    expect(onlyIn(valuesOf(ours), valuesOf(theirs), goldenCase)).toEqual([]);
    expect(typesOf(ours)).toEqual(typesOf(theirs));
  });

  it.skipIf(program === undefined)("matches the current output of prometheus-nats-exporter", async () => {
    const text = await exporter(program as string, goldenCase);
    if (process.env.UPDATE_GOLDEN) writeGolden(goldenCase, text);
    expect(text.split("\n").sort()).toEqual(golden(goldenCase).text.split("\n").sort());
  });
});

/**
 * Upper bound for ages that prometheus-nats-exporter counts from the year 1, because servers before 2.10 report no
 * time with a consumer.
 */
const BEFORE_TIME = -9e9;

/** Series that the other output lacks or has with another value, without intended differences. */
function onlyIn(
  some: ReadonlyMap<string, number>,
  others: ReadonlyMap<string, number>,
  { name }: GoldenCase,
): string[] {
  const isExcused = (series: string): boolean =>
    name.startsWith("2.9.") &&
    /^jetstream_consumer_last_(?:ack|delivery)_seconds/.test(series) &&
    others.has(series) &&
    Math.min(some.get(series) as number, others.get(series) as number) < BEFORE_TIME;
  return [...some]
    .filter(([series, value]) => others.get(series) !== value && !isExcused(series))
    .map(([series, value]) => `${series} ${value} (not ${others.get(series)})`);
}

async function natscope({ replies, options, serverId }: GoldenCase): Promise<Exposition> {
  const replay = await Replay.start(replies);
  const target: Target = { name: "replay", url: replay.url, ...(serverId !== undefined && { serverId }) };
  const scraper = exporterWatch([target], options);
  try {
    return await scrapeExporter(scraper);
  } finally {
    scraper.close();
    replay.stop();
  }
}

async function exporter(program: string, { replies, flags, serverId }: GoldenCase): Promise<string> {
  const replay = await Replay.start(replies);
  try {
    const url = replay.url.origin;
    const process = await ExporterProcess.start(program, [...flags, serverId ? `${serverId},${url}` : url]);
    try {
      return await process.scrape();
    } finally {
      await process.stop();
    }
  } finally {
    replay.stop();
  }
}
