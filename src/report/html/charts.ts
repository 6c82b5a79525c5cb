/**
 * Draws the charts, in the browser. The function's own text goes into the page, so it may use nothing that is
 * outside of it but what a page has, and uPlot.
 */
import type { ChartData } from "./figure-data.ts";

/** @param scenarios one for each `.charts` element, in order @param Plot uPlot's constructor */
// biome-ignore-start lint/suspicious/noExplicitAny: uPlot, and the page, as the browser has them
export function drawCharts(scenarios: readonly ChartData[], Plot: any, page: any): void {
  const colours = ["#1f6feb", "#d1242f", "#8250df", "#1a7f37", "#9a6700", "#0a7ea4", "#bf3989"];
  const width = () => Math.max(320, Math.min(1100, page.body.clientWidth - 48));

  /** Lines at the events, and the window's ends. */
  const marks =
    ({ window: [from, until], events }: ChartData) =>
    (plot: any) => {
      const { ctx, bbox } = plot;
      const line = (second: number, colour: string, dash: number[]) => {
        const x = plot.valToPos(second, "x", true);
        if (x < bbox.left || x > bbox.left + bbox.width) return;
        ctx.save();
        ctx.strokeStyle = colour;
        ctx.setLineDash(dash);
        ctx.beginPath();
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
        ctx.stroke();
        ctx.restore();
      };
      line(from, "#888", [4, 4]);
      line(until, "#888", [4, 4]);
      for (const { second } of events) line(second, "#d1242f", []);
    };

  const add = (place: any, title: string, options: object, data: unknown[]) => {
    const figure = page.createElement("figure");
    const caption = page.createElement("figcaption");
    caption.textContent = title;
    figure.append(caption);
    place.append(figure);
    return new Plot({ width: width(), height: 280, ...options }, data, figure);
  };
  const series = (label: string, index: number, more: object = {}) => ({
    label,
    stroke: colours[index % colours.length],
    width: 2,
    points: { show: false },
    ...more,
  });
  const time = { time: false };
  const axes = (bottom: string, left: string) => [{ label: bottom }, { label: left, size: 70 }];

  const spectrum = (place: any, { spectrum: { x, stages } }: ChartData) => {
    if (x.length === 0 || stages.length === 0) return;
    const percent = (value: number) => `${Number((100 * (1 - 1 / value)).toPrecision(7))} %`;
    add(
      place,
      "Percentile spectrum (ms)",
      {
        scales: { x: { time: false, distr: 3, log: 10 }, y: { distr: 3, log: 10 } },
        axes: [
          {
            label: "percentile",
            values: (_: any, splits: number[]) => splits.map((one) => (one ? percent(one) : "")),
          },
          { label: "ms", size: 70 },
        ],
        series: [
          { label: "percentile", value: (_: any, one: number | null) => (one === null ? "" : percent(one)) },
          ...stages.map(({ name }, i) => series(name, i)),
        ],
      },
      [x, ...stages.map(({ y }) => y)],
    );
  };

  const heat = (place: any, data: ChartData) => {
    const { bounds, cells, stage } = data.heat;
    if (bounds.length === 0) return;
    const seconds = data.rates.seconds;
    const most = cells.reduce((largest, [, , count]) => Math.max(largest, count), 1);
    const factor = 10 ** 0.1;
    const paint = (plot: any) => {
      const { ctx } = plot;
      ctx.save();
      for (const [second, index, count] of cells) {
        const bound = bounds[index] as number;
        const left = plot.valToPos(second, "x", true);
        const right = plot.valToPos(second + 1, "x", true);
        const bottom = plot.valToPos(bound, "y", true);
        const top = plot.valToPos(bound * factor, "y", true);
        ctx.fillStyle = `rgba(31, 111, 235, ${0.08 + 0.92 * (Math.log1p(count) / Math.log1p(most))})`;
        ctx.fillRect(left, top, Math.max(1, right - left), Math.max(1, bottom - top));
      }
      ctx.restore();
      marks(data)(plot);
    };
    const low = bounds[0] as number;
    const high = (bounds.at(-1) as number) * factor;
    add(
      place,
      `Latency over time: ${stage} (ms), darker for more operations; lines are p50 and p99 of each second`,
      {
        scales: {
          x: { time: false, range: [0, seconds.length] },
          y: { distr: 3, log: 10, range: [low / factor, high * factor] },
        },
        axes: axes("s", "ms"),
        series: [{ label: "second" }, series("p50", 3), series("p99", 1)],
        hooks: { drawAxes: [paint] },
      },
      [seconds.map((second) => second + 0.5), data.latency.p50, data.latency.p99],
    );
  };

  const rates = (place: any, data: ChartData) => {
    const { seconds, offered, achieved, failed } = data.rates;
    const isOpen = offered.some((one) => one !== null);
    const lines: [string, readonly (number | null)[]][] = [["achieved", achieved]];
    if (isOpen) lines.unshift(["offered", offered]);
    if (failed.some((one) => one > 0)) lines.push(["failed", failed]);
    add(
      place,
      isOpen
        ? "Rate offered and achieved (operations in each second)"
        : "Rate achieved (operations in each second)",
      {
        scales: { x: time },
        axes: axes("s", "operations"),
        series: [
          { label: "second" },
          ...lines.map(([name], i) => series(name, i, i === 0 && isOpen ? { dash: [6, 4] } : {})),
        ],
        hooks: { draw: [marks(data)] },
      },
      [seconds, ...lines.map(([, values]) => values)],
    );
  };

  const server = (place: any, data: ChartData) => {
    for (const { name, seconds, values } of data.server) {
      add(
        place,
        `Server: ${name}`,
        {
          height: 160,
          scales: { x: time },
          axes: axes("s", ""),
          series: [{ label: "second" }, series(name, 5)],
          hooks: { draw: [marks(data)] },
        },
        [seconds, values],
      );
    }
  };

  const places = [...page.querySelectorAll(".charts")];
  scenarios.forEach((data, i) => {
    for (const draw of [spectrum, heat, rates, server]) draw(places[i], data);
  });
}
// biome-ignore-end lint/suspicious/noExplicitAny: see above
