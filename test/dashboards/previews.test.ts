/**
 * Pictures of the dashboards, with the data of the test stage. A normal test run only checks that they exist;
 * `npm run dashboards:previews` draws `docs/previews/*.png` in a few minutes.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DASHBOARDS } from "../../dashboards/sources/boards/dashboards.ts";
import {
  type Dashboard,
  type Panel,
  queriesOf,
  type Table,
} from "../../dashboards/sources/grafana/dashboard.ts";
import { grafanaJson } from "../../dashboards/sources/grafana/grafana.ts";
import { Browser } from "../bench/report/browser.ts";
import { describeWithProgram, SERVER_VERSIONS } from "../outside-programs.ts";
import { withPalette } from "./palette-png.ts";
import { type DrawnPanel, previewPage } from "./preview-page.ts";
import { withValues } from "./promql.ts";
import { INTERVAL, RATE_INTERVAL, type Stage, startStage } from "./stage.ts";

const PREVIEWS = new URL("../../docs/previews/", import.meta.url);
const DRAWS = process.env.MODE === "previews";
const MAX_BYTES = 150_000;
/** Height of the README's picture: the first row of the overview. */
const README_HEIGHT = 352;
/** Seconds of traffic in a picture. */
const SHOWN = 150;
const MINUTES = 60_000;

describe.skipIf(DRAWS)("previews", () => {
  it.each(["readme", ...DASHBOARDS.map(({ name }) => name)])(
    "%s has one that is small enough for a web page",
    async (name) => {
      const png = await readFile(new URL(`${name}.png`, PREVIEWS));
      expect(png.subarray(1, 4).toString()).toBe("PNG");
      expect(png.length).toBeLessThan(MAX_BYTES);
    },
  );
});

if (DRAWS) {
  describeWithProgram("prometheus", "previews", (prometheus) => {
    describeWithProgram("chromium", "drawn by chromium", (chromium) => {
      it(
        "are drawn",
        async () => {
          await mkdir(PREVIEWS, { recursive: true });
          await using stage = await startStage(prometheus, SERVER_VERSIONS[0]?.version ?? "");
          await new Promise((resolve) => setTimeout(resolve, (SHOWN + 10) * 1000));
          const boards: (readonly [Dashboard, readonly DrawnPanel[]])[] = [];
          for (const board of DASHBOARDS) boards.push([board, await panelsOf(board, stage)]);
          await using browser = await Browser.launch(chromium);
          for (const [{ name, title }, panels] of boards) {
            const file = join(tmpdir(), `natscope-preview-${name}.html`);
            await writeFile(file, previewPage(`NATS / ${title}`, panels));
            const page = await browser.open(file, { width: 1000 });
            expect(page.complaints).toEqual([]);
            expect(await page.evaluate("document.body.dataset.drawn")).toBe("true");
            const screenshot = Buffer.from(await page.screenshot(), "base64");
            await writeFile(new URL(`${name}.png`, PREVIEWS), withPalette(screenshot));
            if (name === "overview") {
              await writeFile(new URL("readme.png", PREVIEWS), withPalette(screenshot, README_HEIGHT));
            }
          }
        },
        20 * MINUTES,
      );
    });
  });
}

async function panelsOf(board: Dashboard, stage: Stage): Promise<DrawnPanel[]> {
  const sources = board.rows.flatMap(({ panels }) => panels);
  const drawn: DrawnPanel[] = [];
  for (const { title = "", gridPos, type } of grafanaJson(board, DASHBOARDS).panels) {
    const place = gridPos ?? { x: 0, y: 0, w: 24, h: 1 };
    const panel = sources.find((one) => one.title === title);
    if (type === "row" || !panel) drawn.push({ title, kind: "row", unit: "", place, times: [], series: [] });
    else drawn.push({ ...(await answered(panel, stage)), place });
  }
  return drawn;
}

async function answered(panel: Panel, { prometheus }: Stage): Promise<Omit<DrawnPanel, "place">> {
  const to = Math.floor(Date.now() / 1000 / INTERVAL) * INTERVAL;
  const range = { from: to - SHOWN, to, step: INTERVAL };
  const times = Array.from({ length: SHOWN / INTERVAL + 1 }, (_, i) => range.from + i * INTERVAL);
  const answers = await Promise.all(
    queriesOf(panel).map(async ({ expr, legend }) => {
      const query = withValues(expr, { interval: RATE_INTERVAL, range: `${SHOWN}s` });
      return { legend, lines: (await prometheus.draw(query, range)).lines };
    }),
  );
  const series = answers.flatMap(({ legend, lines }) =>
    lines.map(({ metric, points }) => {
      const at = new Map(
        points.map(([when, value]) => [Math.round(when), Number.isFinite(value) ? value : null]),
      );
      const name = legend.replace(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? "");
      return { name, values: times.map((time) => at.get(time) ?? null) };
    }),
  );
  const { title, kind, unit } = panel;
  return {
    title,
    kind,
    unit,
    times,
    series,
    ...(panel.kind === "timeseries" && { max: panel.max, logarithmic: panel.logarithmic }),
    ...(panel.kind === "stat" && { colours: panel.thresholds }),
    ...(panel.kind === "table" &&
      tableOf(
        panel,
        answers.map(({ lines }) => lines),
      )),
  };
}

/** Header and rows of a table: one row per item, with the last value of each column. */
function tableOf(
  { keys, columns, sortBy }: Table,
  answers: readonly (readonly {
    metric: Readonly<Record<string, string>>;
    points: readonly (readonly [number, number])[];
  }[])[],
): Pick<DrawnPanel, "head" | "rows"> {
  const items = new Map<string, (string | { value: number; unit: string })[]>();
  answers.forEach((lines, column) => {
    for (const { metric, points } of lines) {
      const names = keys.map((key) => metric[key] ?? "");
      const row = items.get(names.join("\n")) ?? [...names, ...columns.map(() => "")];
      items.set(names.join("\n"), row);
      row[keys.length + column] = { value: points.at(-1)?.[1] ?? 0, unit: columns[column]?.unit ?? "" };
    }
  });
  const head = [...keys, ...columns.map(({ title }) => title)];
  const by = head.indexOf(sortBy);
  const size = (cell: unknown): number => (cell as { value?: number })?.value ?? -Infinity;
  return { head, rows: [...items.values()].sort((a, b) => size(b[by]) - size(a[by])).slice(0, 12) };
}
