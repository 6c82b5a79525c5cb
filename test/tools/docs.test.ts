import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { LIVE_METRICS } from "../../src/bench/progress/table.ts";
import { CLIENT_METRICS } from "../../src/client/metrics/table.ts";
import { COLLECTORS } from "../../src/exporter/collectors.ts";
import { OWN_METRICS } from "../../src/exporter/server/own-metrics.ts";
import { DOCS, REFERENCES } from "../../tools/docs/reference.ts";

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
const readme = read("README.md");
const manifest = JSON.parse(read("package.json"));

test.each(Object.entries(REFERENCES))("docs/%s is up to date (npm run reference writes it)", (name, text) => {
  expect(readFileSync(new URL(name, DOCS), "utf8")).toBe(text());
});

test("every metric named in the documents exists", () => {
  const known = new Set([
    ...OWN_METRICS.map(({ name }) => name),
    ...LIVE_METRICS.map(({ name }) => name),
    ...Object.values(CLIENT_METRICS).map(({ name }) => name),
    ...COLLECTORS.flatMap(({ tables }) => tables.flatMap(({ rows }) => rows.map(({ name }) => name))),
  ]);
  const pages = readdirSync(DOCS).filter((name) => name.endsWith(".md"));
  const texts = [
    ...["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].map(read),
    ...pages.map((name) => readFileSync(new URL(name, DOCS), "utf8")),
  ];
  const named = texts.join("\n").match(/\b(?:nats|natscope)_[a-z0-9_]+[a-z0-9]\b/g) ?? [];
  // The parts of a histogram have names, too.
  const metrics = new Set(
    named.map((name) => (known.has(name) ? name : name.replace(/_(bucket|sum|count)$/, ""))),
  );
  expect(named.length).toBeGreaterThan(300);
  expect([...metrics].filter((name) => !known.has(name))).toEqual([]);
});

test("every npm script named in the documents exists", () => {
  const named = [...readme.matchAll(/npm (?:run )?([a-z:]+)\b/g)].map(([, name]) => name as string);
  const scripts = Object.keys(manifest.scripts);
  expect(named.filter((name) => !scripts.includes(name) && name !== "package")).toEqual([]);
});

test("every link of the documents leads to a file", () => {
  const links = [...readme.matchAll(/\]\(((?!https?:)[^)#]+)/g)].map(([, path]) => path as string);
  expect(links.length).toBeGreaterThan(3);
  for (const path of links) expect(read(path).length, path).toBeGreaterThan(0);
});
