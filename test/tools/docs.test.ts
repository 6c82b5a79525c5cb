import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { LIVE_METRICS } from "../../src/bench/progress/table.ts";
import { CLIENT_METRICS } from "../../src/client/metrics/table.ts";
import { COLLECTORS } from "../../src/exporter/collectors.ts";
import { OWN_METRICS } from "../../src/exporter/server/own-metrics.ts";
import { DOCS, REFERENCES } from "../../tools/docs/reference.ts";

const ROOT = new URL("../../", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, ROOT), "utf8");

/** Every page of Markdown, from the root of the project. */
const PAGES = [
  ...readdirSync(ROOT),
  ...["docs", "examples", "k8s", "dashboards", "compose"].flatMap((folder) =>
    readdirSync(new URL(folder, ROOT), { recursive: true }).map((name) => `${folder}/${name}`),
  ),
].filter((name) => name.endsWith(".md") && !name.includes("node_modules"));

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
  const scripts = Object.keys(manifest.scripts);
  for (const page of PAGES) {
    const named = [...read(page).matchAll(/npm (?:run (?:-s )?)([a-z:]+)\b/g)].map(
      ([, name]) => name as string,
    );
    expect(
      named.filter((name) => !scripts.includes(name)),
      page,
    ).toEqual([]);
  }
});

test("every link of the documents leads to a file", () => {
  const broken = PAGES.flatMap((page) =>
    [...withoutCode(read(page)).matchAll(/\]\(((?!\w+:)[^)#\s]+)/g)]
      .map(([, path]) => path as string)
      .filter((path) => !existsSync(new URL(path, new URL(page, ROOT))))
      .map((path) => `${page} links to ${path}`),
  );
  expect(broken).toEqual([]);
});

function withoutCode(markdown: string): string {
  return markdown.replaceAll(/^```[\s\S]*?^```/gm, "");
}
