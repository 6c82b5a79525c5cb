import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { render } from "../../../src/bench/report/formats.ts";
import type { Result } from "../../../src/bench/result/schema.ts";
import { runNatsServer } from "../../../tools/nats-server/run.ts";
import { describeWithProgram, SERVER_VERSIONS } from "../../outside-programs.ts";
import { Browser, type Page } from "./browser.ts";
import { resultOfRealRun, shortRun } from "./real-run.ts";
import { faultyScenario, resultOf, scenarioOf, scenarioResultOf } from "./results.ts";

const HOSTILE = `</script><img src=x onerror="document.title='owned'"><!-- \u202e"'&amp; <b>`;

/** The visible parts of each figure: its caption, whether it has more than one colour, the rows of its table. */
const FIGURES = `[...document.querySelectorAll("figure")].map((figure) => {
  const canvas = figure.querySelector("canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const colours = new Set(new Uint32Array(data.buffer));
  return {
    title: figure.querySelector("figcaption").textContent,
    drawn: figure.dataset.drawn === "true",
    colours: colours.size,
    rows: figure.querySelectorAll("details tbody tr").length,
  };
})`;

interface Figure {
  readonly title: string;
  readonly drawn: boolean;
  readonly colours: number;
  readonly rows: number;
}

describeWithProgram("chromium", "the page of a report, in a browser", (program) => {
  let browser: Browser;
  let directory: string;
  let pages = 0;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "natscope-report-"));
    browser = await Browser.launch(program);
  });

  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  async function openText(text: string, options: Parameters<Browser["open"]>[1] = {}): Promise<Page> {
    const path = join(directory, `${++pages}.html`);
    await writeFile(path, text);
    return browser.open(path, options);
  }

  /** Opens a report, and expects what is expected of every one. */
  async function open(result: Result, options: Parameters<Browser["open"]>[1] = {}) {
    const page = await openText(render(result, "html"), options);
    expect(page.complaints).toEqual([]);
    expect(page.requests).toEqual([expect.stringMatching(/^file:.*\.html$/)]);
    const figures = (await page.evaluate(FIGURES)) as readonly Figure[];
    for (const { title, drawn, colours } of figures) {
      expect({ title, drawn, isEmpty: colours < 5 }).toEqual({ title, drawn: true, isEmpty: false });
    }
    return { page, figures };
  }

  const titles = (figures: readonly Figure[]) => figures.map(({ title }) => title.split(/[:(;]/)[0]?.trim());

  it("detects violations, errors and requests, so that the other tests are meaningful", async () => {
    const text = render(resultOf([scenarioResultOf(1)]), "html").replace(
      "</body>",
      `<p style="color: red">x</p><script>1</script><img src="missing.png"></body>`,
    );
    const { complaints } = await openText(text);
    expect(complaints).toHaveLength(3);
    for (const complaint of complaints) expect(complaint).toContain("Content Security Policy");
    const loose = `<script>console.log("said"); throw new Error("thrown")</script><img src="missing.png">`;
    const page = await openText(loose);
    expect(page.complaints.join("\n")).toMatch(/said[\s\S]*thrown/);
    expect(page.requests.map((url) => url.split("/").at(-1))).toEqual([`${pages}.html`, "missing.png"]);
  });

  it.each(["light", "dark"] as const)("draws every chart of a run with faults, %s", async (scheme) => {
    const { page, figures } = await open(resultOf([faultyScenario()]), { scheme });
    expect(figures.map(({ title }) => title)).toEqual([
      "Percentile spectrum (ms)",
      "Latency over time: response (ms); darker for more operations; lines are p50 and p99",
      "Rate offered and achieved (operations/s)",
      "Server: processor (%)",
      "Server: memory (MiB)",
      "Server: slow consumers cut",
    ]);
    expect(figures.slice(1).map(({ rows }) => rows)).toEqual([6, 6, 6, 6, 6]);
    expect(await page.evaluate(`getComputedStyle(document.body).backgroundColor`)).toBe(
      scheme === "dark" ? "rgb(13, 17, 23)" : "rgb(255, 255, 255)",
    );
    // Text of too little contrast is not readable.
    expect(await page.evaluate(`getComputedStyle(document.body).color`)).toBe(
      scheme === "dark" ? "rgb(230, 237, 243)" : "rgb(31, 35, 40)",
    );
    expect(await page.evaluate(`document.querySelector(".verdict").innerText`)).toContain("INVALID");
  });

  it.skipIf(SERVER_VERSIONS.length === 0)("draws a run that has just been", async () => {
    await using server = await runNatsServer({ binary: SERVER_VERSIONS[0]?.binary as string });
    const { figures } = await open(await resultOfRealRun(server.clientUrl, shortRun()));
    expect(titles(figures)).toEqual([
      "Percentile spectrum",
      "Latency over time",
      "Rate offered and achieved",
    ]);
  });

  it("has the numbers of each chart in a table", async () => {
    const { page } = await open(resultOf([scenarioResultOf(3, 1000)]));
    const rows = await page.evaluate(
      `[...document.querySelectorAll("details tbody")].map((body) => [...body.rows].map((row) => [...row.cells].map((cell) => cell.textContent)))`,
    );
    expect(rows[0][0]).toEqual(["0 %", "0.320256", "0.300032", "0.02"]);
    expect(rows[2]).toEqual([0, 1, 2].map((second) => [`${second}`, "1000", "1000"]));
  });

  it("follows the pointer, in all charts over time at once", async () => {
    const { page } = await open(resultOf([scenarioResultOf(30)]));
    const legend = await page.evaluate(`new Promise((resolve) => {
      const over = document.querySelectorAll(".u-over")[2];
      const { left, top, width } = over.getBoundingClientRect();
      const at = { clientX: left + width / 2, clientY: top + 20, bubbles: true };
      over.dispatchEvent(new MouseEvent("mouseenter", at));
      over.dispatchEvent(new MouseEvent("mousemove", at));
      requestAnimationFrame(() => requestAnimationFrame(() =>
        resolve([...document.querySelectorAll("figure")].map((one) => one.querySelector(".u-legend").innerText))));
    })`);
    expect(legend[2]).toMatch(/achieved\W*1,000/);
    expect(legend[1]).toMatch(/p99\W*\d/);
    expect(page.complaints).toEqual([]);
  });

  it("is readable on a narrow screen", async () => {
    const { page } = await open(resultOf([faultyScenario()]), { width: 400 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(400);
  });

  it("shows the available sections if nothing was measured", async () => {
    const nothing = scenarioResultOf(0, 0, { measured: {}, window: { from: 0, until: 0, drained: 0 } });
    const { page, figures } = await open(resultOf([nothing], { interrupted: "SIGINT" }));
    expect(figures).toEqual([]);
    expect(await page.evaluate("document.body.innerText")).toContain("Interrupted: SIGINT");
    const idle = await open(resultOf([scenarioResultOf(3, 0)]));
    expect(titles(idle.figures)).toEqual(["Rate offered and achieved"]);
  });

  it("draws a run of one second and one of one operation", async () => {
    for (const one of [scenarioResultOf(1), scenarioResultOf(1, 1)]) {
      const { figures } = await open(resultOf([one]));
      expect(titles(figures)).toEqual([
        "Percentile spectrum",
        "Latency over time",
        "Rate offered and achieved",
      ]);
    }
  });

  it("draws ten thousand seconds in a page of bounded size", async () => {
    const rows = scenarioResultOf(6, 10).seconds;
    const seconds = Array.from({ length: 10_000 }, (_, second) => ({
      ...(rows[second % rows.length] as (typeof rows)[number]),
      second,
    }));
    const server = seconds.map(({ second }) => ({ second, server: "n1", values: { cpu: second % 100 } }));
    const long = scenarioResultOf(6, 10, {
      scenario: scenarioOf(10_000),
      window: { from: 0, until: 10_000, drained: 10_000 },
      seconds,
      server,
    });
    const { figures, page } = await open(resultOf([long]));
    expect(figures.at(1)?.rows).toBeLessThanOrEqual(300);
    expect(figures.at(1)?.rows).toBeGreaterThan(250);
    expect(await page.evaluate("document.documentElement.outerHTML.length")).toBeLessThan(1_000_000);
    // Merging seconds loses no operations.
    const sum = await page.evaluate(
      `[...document.querySelectorAll("figure")][1].querySelectorAll("details tbody tr").values().reduce((sum, row) => sum + Number(row.cells[1].textContent), 0)`,
    );
    expect(sum).toBe(100_000);
  });

  it("shows several scenarios, each with its charts", async () => {
    const closed = scenarioResultOf(3, 1000, {
      scenario: scenarioOf(3, { name: "closed", load: { kind: "closed", inFlight: 1 } }),
      seconds: scenarioResultOf(3).seconds.map(({ offered: _, ...second }) => second),
    });
    const { page, figures } = await open(resultOf([scenarioResultOf(2), closed]));
    expect(titles(figures).slice(2)).toEqual([
      "Rate offered and achieved",
      "Percentile spectrum",
      "Latency over time",
      "Rate achieved",
    ]);
    expect(await page.evaluate(`document.querySelectorAll("section").length`)).toBe(2);
  });

  it("escapes hostile names", async () => {
    const one = faultyScenario();
    const hostile = {
      ...one,
      scenario: { ...one.scenario, name: HOSTILE },
      server: one.server.map((row) => ({ ...row, server: HOSTILE })),
      events: [{ second: 1, kind: "command", what: HOSTILE } as const],
      verdict: { verdict: "suspect", reasons: [{ severity: "suspect", sentence: HOSTILE }] } as const,
    };
    const result = resultOf([hostile], { interrupted: HOSTILE });
    const servers = [{ name: HOSTILE, version: HOSTILE, tls: true, local: false }];
    const { page, figures } = await open({ ...result, environment: { ...result.environment, servers } });
    expect(figures).toHaveLength(6);
    expect(await page.evaluate("document.querySelectorAll('img, b').length")).toBe(0);
    expect(await page.evaluate("document.title")).toContain("</script><img");
    expect(await page.evaluate("document.querySelector('h2').innerText")).toContain("<b>");
  });
});
