/**
 * A dashboard as an HTML page that shows the same panels in the same places without Grafana, drawn with uPlot. It is a
 * preview only.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Panel } from "../../dashboards/sources/grafana/dashboard.ts";

const require = createRequire(import.meta.url);

/** A panel with the values that Prometheus returned. */
export interface DrawnPanel {
  readonly title: string;
  readonly kind: Panel["kind"] | "row";
  readonly unit: string;
  readonly place: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly max?: number | undefined;
  readonly logarithmic?: boolean | undefined;
  readonly colours?: readonly (readonly [number, string])[] | undefined;
  /** Seconds of the values in `series`. Empty for tables. */
  readonly times: readonly number[];
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
  /** Column titles of a table. */
  readonly head?: readonly string[];
  readonly rows?: readonly (readonly (string | { readonly value: number; readonly unit: string })[])[];
}

const UNIT_HEIGHT = 24;

/** The whole page. */
export function previewPage(title: string, panels: readonly DrawnPanel[]): string {
  const plot = readFileSync(require.resolve("uplot/dist/uPlot.iife.min.js"), "utf8");
  const style = readFileSync(require.resolve("uplot/dist/uPlot.min.css"), "utf8");
  const height = Math.max(...panels.map(({ place }) => place.y + place.h)) * UNIT_HEIGHT;
  const functions = [quantity, drawTimeSeries, drawStat, drawHeatmap, drawTable, drawAll]
    .map(String)
    .join("\n");
  const data = JSON.stringify({ panels, unitHeight: UNIT_HEIGHT }).replaceAll("<", "\\u003c");
  return `<!doctype html><meta charset="utf-8"><title>${title}</title>
<style>${style}
body { margin: 0; padding: 10px 12px; font: 11px/1.35 system-ui, sans-serif; color: #24292f; background: #f4f5f5 }
h1 { font-size: 16px; margin: 0 0 8px } h1 small { font-weight: normal; color: #6a737d }
main { position: relative; height: ${height}px }
section { position: absolute; box-sizing: border-box; padding: 4px 6px; background: #fff; border: 1px solid #dcdfe3; overflow: hidden }
section.row { background: none; border: none; padding: 5px 2px; font-weight: 600; font-size: 12px }
h2 { font-size: 11px; margin: 0 0 2px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
.stat { font-size: 26px; font-weight: 600; text-align: center; padding-top: 14px } .stat small { display: block; font-size: 11px }
.legend { color: #57606a; display: flex; flex-wrap: wrap; gap: 0 10px; font-size: 10px }
.legend i { display: inline-block; width: 9px; height: 3px; margin-right: 3px; vertical-align: middle }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: 1px 6px; border-bottom: 1px solid #eceef0; white-space: nowrap }
</style><h1>${title} <small>preview with real data, not drawn by Grafana</small></h1><main></main>
<script>${plot}</script><script>${functions}
drawAll(${data}); document.body.dataset.drawn = "true";</script>`;
}

// biome-ignore-start lint/suspicious/noExplicitAny: uPlot and the DOM have no types here
declare const uPlot: any;
declare const document: any;

function quantity(value: number, unit: string): string {
  const round = (number: number): string => String(Number(number.toPrecision(3)));
  const scaled = (number: number, base: number, names: readonly string[]): string => {
    let power = 0;
    let left = number;
    while (Math.abs(left) >= base && power < names.length - 1) {
      left /= base;
      power++;
    }
    return `${round(left)}${names[power]}`;
  };
  if (unit === "bytes" || unit === "Bps") {
    return scaled(value, 1024, [" B", " KiB", " MiB", " GiB", " TiB"]) + (unit === "Bps" ? "/s" : "");
  }
  if (unit === "percentunit") return `${round(value * 100)} %`;
  if (unit === "bool_yes_no") return value === 1 ? "yes" : "no";
  if (unit === "s") {
    const size = Math.abs(value);
    if (size === 0) return "0 s";
    if (size < 1e-3) return `${round(value * 1e6)} µs`;
    if (size < 1) return `${round(value * 1e3)} ms`;
    if (size < 120) return `${round(value)} s`;
    if (size < 7200) return `${round(value / 60)} min`;
    return size < 172_800 ? `${round(value / 3600)} h` : `${round(value / 86_400)} d`;
  }
  const text = scaled(value, 1000, ["", "k", "M", "G"]);
  return ["short", "none"].includes(unit) ? text : `${text}/s`;
}

function drawTimeSeries(section: any, panel: DrawnPanel, colours: readonly string[]): void {
  const maximum = (values: readonly (number | null)[]): number =>
    Math.max(...values.map((value) => value ?? 0));
  const shown = [...panel.series].sort((a, b) => maximum(b.values) - maximum(a.values)).slice(0, 10);
  const box = document.createElement("div");
  const legend = document.createElement("div");
  legend.className = "legend";
  shown.slice(0, 4).forEach(({ name }, i) => {
    const entry = document.createElement("span");
    entry.innerHTML = `<i style="background:${colours[i % colours.length]}"></i>`;
    entry.append(name.length > 34 ? `${name.slice(0, 33)}…` : name);
    legend.append(entry);
  });
  if (panel.series.length > 4) legend.append(`${panel.series.length - 4} more`);
  section.append(box, legend);
  const axis = {
    stroke: "#57606a",
    grid: { stroke: "#eceef0", width: 1 },
    font: "10px system-ui",
    ticks: { show: false },
  };
  const values = (_: any, splits: readonly number[]) =>
    splits.map((value) => (value === null ? "" : quantity(value, panel.unit)));
  const options = {
    width: section.clientWidth - 12,
    height: section.clientHeight - 26 - legend.clientHeight,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      y: panel.logarithmic
        ? { distr: 3 }
        : {
            range: (_: any, min: number, max: number) => [
              Math.min(0, min),
              Math.max(panel.max ?? 0, max || 1) * 1.04,
            ],
          },
    },
    axes: [
      { ...axis, size: 20 },
      { ...axis, size: 58, values },
    ],
    series: [
      {},
      ...shown.map((_, i) => ({
        stroke: colours[i % colours.length],
        width: 1.2,
        points: { show: false },
        spanGaps: true,
      })),
    ],
  };
  new uPlot(options, [panel.times, ...shown.map((one) => one.values)], box);
}

function drawStat(section: any, panel: DrawnPanel): void {
  for (const { name, values } of panel.series.slice(0, 2)) {
    const last = values.findLast((value) => value !== null);
    const box = document.createElement("div");
    box.className = "stat";
    if (last === undefined || last === null) box.textContent = "—";
    else {
      const reached = (panel.colours ?? []).filter(([from]) => last >= from).at(-1);
      box.style.color = { red: "#d0293b", orange: "#d9730d", green: "#37872d" }[reached?.[1] ?? "green"];
      box.textContent = quantity(last, panel.unit);
      const small = document.createElement("small");
      small.textContent = name;
      box.append(small);
    }
    section.append(box);
  }
}

function drawHeatmap(section: any, panel: DrawnPanel): void {
  const canvas = document.createElement("canvas");
  canvas.width = section.clientWidth - 60;
  canvas.height = section.clientHeight - 26;
  canvas.style.marginLeft = "44px";
  section.append(canvas);
  const bound = (name: string): number => (name === "+Inf" ? Infinity : Number(name));
  const bounds = [...panel.series].sort((a, b) => bound(a.name) - bound(b.name));
  const context = canvas.getContext("2d");
  const width = canvas.width / panel.times.length;
  const height = canvas.height / bounds.length;
  const inBucket = (bucket: number, time: number): number =>
    (bounds[bucket]?.values[time] ?? 0) - (bounds[bucket - 1]?.values[time] ?? 0);
  const largest = Math.max(...bounds.flatMap((_, b) => panel.times.map((_, t) => inBucket(b, t))));
  bounds.forEach(({ name }, bucket) => {
    panel.times.forEach((_, time) => {
      const share = Math.sqrt(Math.max(0, inBucket(bucket, time)) / largest);
      if (share === 0) return;
      context.fillStyle = `hsl(${220 - 190 * share} 80% ${85 - 35 * share}%)`;
      context.fillRect(time * width, canvas.height - (bucket + 1) * height, width + 0.5, height - 0.5);
    });
    const label = document.createElement("span");
    const top = 22 + canvas.height - (bucket + 1) * height;
    label.style.cssText = `position:absolute;left:4px;top:${top}px;font-size:9px;color:#57606a`;
    if (bucket % 3 === 0 && name !== "+Inf") label.textContent = quantity(Number(name), panel.unit);
    section.append(label);
  });
}

function drawTable(section: any, { head = [], rows = [] }: DrawnPanel): void {
  const table = document.createElement("table");
  const line = (cells: readonly string[], kind: string) => {
    const row = document.createElement("tr");
    for (const text of cells) {
      const cell = document.createElement(kind);
      cell.textContent = text;
      row.append(cell);
    }
    return row;
  };
  table.append(line(head, "th"));
  for (const cells of rows) {
    const texts = cells.map((cell) => (typeof cell === "string" ? cell : quantity(cell.value, cell.unit)));
    table.append(line(texts, "td"));
  }
  section.append(table);
}

function drawAll({ panels, unitHeight }: { panels: readonly DrawnPanel[]; unitHeight: number }): void {
  const colours =
    "#3274d9 #56a64b #e0b400 #a352cc #ff780a #e02f44 #37872d #1f78c1 #8f3bb8 #ba43a9 #705da0 #508642".split(
      " ",
    );
  const main = document.querySelector("main");
  const column = main.clientWidth / 24;
  for (const panel of panels) {
    const section = document.createElement("section");
    const { x, y, w, h } = panel.place;
    section.style.cssText = `left:${x * column + 2}px;top:${y * unitHeight + 2}px;width:${w * column - 4}px;height:${h * unitHeight - 4}px`;
    main.append(section);
    if (panel.kind === "row") {
      section.className = "row";
      section.textContent = panel.title;
      continue;
    }
    const heading = document.createElement("h2");
    heading.textContent = panel.title;
    section.append(heading);
    if (panel.kind === "timeseries") drawTimeSeries(section, panel, colours);
    else if (panel.kind === "stat") drawStat(section, panel);
    else if (panel.kind === "heatmap") drawHeatmap(section, panel);
    else drawTable(section, panel);
  }
}
// biome-ignore-end lint/suspicious/noExplicitAny: see above
