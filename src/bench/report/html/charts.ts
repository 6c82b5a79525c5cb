/**
 * Draws the charts in the browser. The source text of these functions becomes the script of the page, so they may use
 * each other, the browser's globals and uPlot, but nothing that this file imports. A new function has to be added to
 * `chartScript`.
 */
import type { ChartData, Line } from "./figure-data.ts";

/** The script of the page: draws the charts of each scenario into its `.charts` element. */
export function chartScript(): string {
  const functions = [addFigure, addTable, series, axes, marks, overTime, drawSpectrum, drawHeat, drawRates];
  const names = [...functions, drawServers, drawCharts].map(String);
  return `"use strict";\n${names.join("\n")}\ndrawCharts(JSON.parse(document.getElementById("data").textContent));`;
}

// biome-ignore-start lint/suspicious/noExplicitAny: uPlot and the browser have no types here
declare const uPlot: any;
declare const document: any;
declare const window: any;
declare const getComputedStyle: any;
declare const matchMedia: any;

/** A figure: a chart, and its numbers as a table. */
interface Chart {
  readonly title: string;
  readonly options: any;
  /** For uPlot: the horizontal values, then the values of each series. */
  readonly data: readonly (readonly (number | null)[])[];
  readonly table: { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };
}

function addFigure(place: any, { title, options, data, table }: Chart): void {
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  caption.textContent = title;
  const box = document.createElement("div");
  figure.append(caption, box);
  place.append(figure);
  const width = () => Math.max(280, box.clientWidth);
  const hooks = { ...options.hooks, ready: [() => (figure.dataset.drawn = "true")] };
  const plot = new uPlot({ height: 260, ...options, width: width(), hooks }, data, box);
  plot.root.querySelector("canvas").setAttribute("role", "img");
  plot.root
    .querySelector("canvas")
    .setAttribute("aria-label", `${title}; the numbers are in the table below`);
  window.addEventListener("resize", () => plot.setSize({ width: width(), height: plot.height }));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plot.redraw());
  addTable(figure, table);
}

function addTable(figure: any, { head, rows }: Chart["table"]): void {
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  summary.textContent = "as a table";
  const table = document.createElement("table");
  const line = (cells: readonly string[], kind: string) => {
    const row = document.createElement("tr");
    for (const text of cells) {
      const cell = document.createElement(kind);
      cell.textContent = text;
      if (kind === "th") cell.scope = "col";
      row.append(cell);
    }
    return row;
  };
  const top = document.createElement("thead");
  top.append(line(head, "th"));
  const body = document.createElement("tbody");
  body.append(...rows.map((cells) => line(cells, "td")));
  table.append(top, body);
  details.append(summary, table);
  figure.append(details);
}

/** A line of a chart, in a colour of the page's light or dark theme. */
function series(label: string, colour: number, more: object = {}): object {
  const stroke = () => getComputedStyle(document.body).getPropertyValue(`--line-${colour}`).trim();
  return { label, stroke, width: 2, points: { show: false }, spanGaps: false, ...more };
}

function axes(bottom: string, left: string, values: object = {}): object[] {
  const colour = (name: string) => () => getComputedStyle(document.body).getPropertyValue(name).trim();
  const common = {
    stroke: colour("--ink"),
    grid: { stroke: colour("--grid"), width: 1 },
    ticks: { stroke: colour("--grid"), width: 1 },
    labelFont: "12px system-ui, sans-serif",
    font: "12px system-ui, sans-serif",
  };
  return [
    { ...common, label: bottom, size: 32, labelSize: 20, ...values },
    { ...common, label: left, size: 60, labelSize: 20 },
  ];
}

/** Draws a line at both ends of the window, and one at each event with its number. */
function marks({ window: [from, until], events }: ChartData): (plot: any) => void {
  return ({ ctx, bbox, valToPos }: any) => {
    const style = getComputedStyle(document.body);
    const line = (second: number, colour: string, dash: readonly number[], text: string) => {
      const x = valToPos(second, "x", true);
      if (x < bbox.left || x > bbox.left + bbox.width) return;
      ctx.save();
      ctx.strokeStyle = ctx.fillStyle = style.getPropertyValue(colour).trim();
      ctx.lineWidth = window.devicePixelRatio;
      ctx.setLineDash(dash);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.font = `${11 * window.devicePixelRatio}px system-ui, sans-serif`;
      ctx.textBaseline = "top";
      ctx.fillText(text, x + 3, bbox.top + 2);
      ctx.restore();
    };
    line(from, "--faint", [4, 4], "");
    line(until, "--faint", [4, 4], "");
    for (const [i, { second }] of events.entries()) line(second, "--event", [], `${i + 1}`);
  };
}

/** Options of the charts over time: a common cursor, and the whole run on the axis until the user zooms. */
function overTime(data: ChartData): {
  readonly x: object;
  readonly cursor: object;
  /** The middle of each column. */
  readonly middle: readonly number[];
  readonly names: readonly string[];
} {
  const { seconds, step } = data;
  const middle = seconds.map((second) => second + step / 2);
  const whole = [0, (seconds.at(-1) ?? 0) + step];
  const isWhole = (least: number | null, most: number | null) =>
    least === null || most === null || (least <= (middle[0] ?? 0) && most >= (middle.at(-1) ?? 0));
  return {
    x: {
      time: false,
      range: (_: any, least: number, most: number) => (isWhole(least, most) ? whole : [least, most]),
    },
    cursor: { sync: { key: "seconds" }, drag: { x: true, y: false } },
    middle,
    names: seconds.map((second) => (step === 1 ? `${second}` : `${second} to ${second + step}`)),
  };
}

function drawSpectrum(place: any, { spectrum: { x, stages } }: ChartData): void {
  if (x.length === 0 || stages.length === 0) return;
  const percent = (value: number) => `${Number((100 * (1 - 1 / value)).toPrecision(7))} %`;
  addFigure(place, {
    title: "Percentile spectrum (ms)",
    options: {
      scales: { x: { time: false, distr: 3, log: 10 }, y: { distr: 3, log: 10 } },
      axes: axes("percentile", "ms", {
        values: (_: any, splits: number[]) =>
          splits.map((one) => (one && Math.log10(one) % 1 === 0 ? percent(one) : "")),
      }),
      series: [
        { label: "percentile", value: (_: any, one: number | null) => (one === null ? "" : percent(one)) },
        ...stages.map(({ name }, i) => series(name, i)),
      ],
    },
    data: [x, ...stages.map(({ y }) => y)],
    table: {
      head: ["percentile", ...stages.map(({ name }) => `${name} (ms)`)],
      rows: x.map((one, i) => [percent(one), ...stages.map(({ y }) => `${y[i] ?? "-"}`)]),
    },
  });
}

function drawHeat(place: any, data: ChartData): void {
  const { bounds, cells, stage } = data.heat;
  if (bounds.length === 0) return;
  const most = cells.reduce((largest, [, , count]) => Math.max(largest, count), 1);
  const factor = 10 ** 0.1;
  const paint = (plot: any) => {
    const { ctx, bbox } = plot;
    const colour = getComputedStyle(document.body).getPropertyValue("--heat").trim();
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.fillStyle = colour;
    for (const [column, index, count] of cells) {
      const from = data.seconds[column] as number;
      const bound = bounds[index] as number;
      const left = plot.valToPos(from, "x", true);
      const bottom = plot.valToPos(bound, "y", true);
      const width = plot.valToPos(from + data.step, "x", true) - left;
      const height = bottom - plot.valToPos(bound * factor, "y", true);
      ctx.globalAlpha = 0.1 + 0.9 * (Math.log1p(count) / Math.log1p(most));
      ctx.fillRect(left, bottom - height, Math.max(1, width), Math.max(1, height));
    }
    ctx.restore();
    marks(data)(plot);
  };
  const { x, cursor, middle, names } = overTime(data);
  const { p50, p99 } = data.latency;
  addFigure(place, {
    title: `Latency over time: ${stage} (ms); darker for more operations; lines are p50 and p99`,
    options: {
      height: 300,
      scales: {
        x,
        y: {
          distr: 3,
          log: 10,
          range: [(bounds[0] as number) / factor, (bounds.at(-1) as number) * factor * factor],
        },
      },
      cursor,
      axes: axes("s", "ms"),
      series: [
        { label: "second" },
        series("p50", 7, { points: { show: p50.length < 3 } }),
        series("p99", 1, { points: { show: p99.length < 3 } }),
      ],
      hooks: { drawAxes: [paint] },
    },
    data: [middle, p50, p99],
    table: {
      head: ["second", "operations", "p50 (ms)", "p99 (ms)"],
      rows: names.map((name, i) => [
        name,
        `${cells.reduce((sum, [column, , count]) => (column === i ? sum + count : sum), 0)}`,
        `${p50[i] ?? "-"}`,
        `${p99[i] ?? "-"}`,
      ]),
    },
  });
}

function drawRates(place: any, data: ChartData): void {
  const { offered, achieved, failed } = data.rates;
  if (data.seconds.length === 0) return;
  const isOpen = offered.some((one) => one !== null);
  const lines: [name: string, values: Line, colour: number, more: object][] = [["achieved", achieved, 0, {}]];
  if (isOpen) lines.push(["offered", offered, 4, { dash: [6, 4] }]);
  if (failed.some((one) => one !== null && one > 0)) lines.push(["failed", failed, 1, {}]);
  const { x, cursor, middle, names } = overTime(data);
  addFigure(place, {
    title: isOpen ? "Rate offered and achieved (operations/s)" : "Rate achieved (operations/s)",
    options: {
      scales: { x, y: { range: (_: any, __: number, most: number) => [0, Math.max(1, most * 1.1)] } },
      cursor,
      axes: axes("s", "operations/s"),
      series: [
        { label: "second" },
        ...lines.map(([name, values, colour, more]) =>
          series(name, colour, { points: { show: values.length < 3 }, ...more }),
        ),
      ],
      hooks: { draw: [marks(data)] },
    },
    data: [middle, ...lines.map(([, values]) => values)],
    table: {
      head: ["second", ...lines.map(([name]) => name)],
      rows: names.map((name, i) => [name, ...lines.map(([, values]) => `${values[i] ?? "-"}`)]),
    },
  });
}

/** One chart for each value of the servers, with one line per server and the achieved rate. */
function drawServers(place: any, data: ChartData): void {
  const { x, cursor, middle, names } = overTime(data);
  for (const { what, servers } of data.server) {
    const [bottom, left] = axes("s", what);
    const [, right] = axes("", "operations/s");
    addFigure(place, {
      title: `Server: ${what}`,
      options: {
        height: 200,
        scales: {
          x,
          y: { range: (_: any, __: number, most: number) => [0, Math.max(1, most * 1.1)] },
          rate: { range: (_: any, __: number, most: number) => [0, Math.max(1, most * 1.1)] },
        },
        cursor,
        axes: [bottom, left, { ...right, side: 1, scale: "rate", grid: { show: false } }],
        series: [
          { label: "second" },
          series("achieved", 0, { scale: "rate", width: 1, dash: [3, 3] }),
          ...servers.map(({ name, values }, i) =>
            series(name, i + 1, { points: { show: values.length < 3 } }),
          ),
        ],
        hooks: { draw: [marks(data)] },
      },
      data: [middle, data.rates.achieved, ...servers.map(({ values }) => values)],
      table: {
        head: ["second", ...servers.map(({ name }) => name)],
        rows: names.map((name, i) => [name, ...servers.map(({ values }) => `${values[i] ?? "-"}`)]),
      },
    });
  }
}

function drawCharts(scenarios: readonly ChartData[]): void {
  const places = [...document.querySelectorAll(".charts")];
  scenarios.forEach((data, i) => {
    for (const draw of [drawSpectrum, drawHeat, drawRates, drawServers]) draw(places[i], data);
  });
}
// biome-ignore-end lint/suspicious/noExplicitAny: see above
