import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { OWN_METRICS } from "../src/cli/own-metrics.ts";
import { README, withReferences } from "../src/documents/reference.ts";
import { COLLECTORS } from "../src/scrape/collectors.ts";

const readme = readFileSync(README, "utf8");
const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

test("the references in the README are those of the code: npm run reference", () => {
  expect(withReferences(readme)).toBe(readme);
});

test("every metric that the documents name exists", () => {
  const known = new Set([
    ...OWN_METRICS.map(({ name }) => name),
    ...COLLECTORS.flatMap(({ tables }) => tables.flatMap(({ rows }) => rows.map(({ name }) => name))),
  ]);
  const texts = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "dashboards/nats.json"].map((name) =>
    readFileSync(new URL(`../${name}`, import.meta.url), "utf8"),
  );
  const named = texts.join("\n").match(/\b(?:nats|natscope)_[a-z0-9_]+[a-z0-9]\b/g) ?? [];
  expect(named.length).toBeGreaterThan(100);
  expect([...new Set(named)].filter((name) => !known.has(name))).toEqual([]);
});

test("every npm script that the documents name exists", () => {
  const named = [...readme.matchAll(/npm (?:run )?([a-z:]+)\b/g)].map(([, name]) => name as string);
  const scripts = Object.keys(manifest.scripts);
  expect(named.filter((name) => !scripts.includes(name) && name !== "package")).toEqual([]);
});
