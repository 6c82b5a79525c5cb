/** Positions of panels: 24 columns, from left to right, each line as high as its highest panel. */
import type { Panel, Row } from "./dashboard.ts";
import type * as schema from "./schema.ts";

const COLUMNS = 24;
const HEIGHTS = { timeseries: 8, stat: 4, heatmap: 8, table: 8 } as const;
const WIDTHS = { timeseries: 12, stat: 4, heatmap: 12, table: 24 } as const;

/** Places the rows one below the other. `render` converts a panel to Grafana's JSON; ids count up from 1. */
export function place(
  rows: readonly Row[],
  render: (panel: Panel, id: number, position: schema.GridPosition) => schema.Panel,
): (schema.Panel | schema.RowPanel)[] {
  const placed: (schema.Panel | schema.RowPanel)[] = [];
  let y = 0;
  for (const { title, panels } of rows) {
    placed.push({
      id: placed.length + 1,
      type: "row",
      title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: COLUMNS, h: 1 },
    });
    y += 1;
    let x = 0;
    let lineHeight = 0;
    for (const panel of panels) {
      const w = panel.width ?? WIDTHS[panel.kind];
      const h = HEIGHTS[panel.kind];
      if (x + w > COLUMNS) {
        y += lineHeight;
        x = 0;
        lineHeight = 0;
      }
      placed.push(render(panel, placed.length + 1, { x, y, w, h }));
      x += w;
      lineHeight = Math.max(lineHeight, h);
    }
    y += lineHeight;
  }
  return placed;
}
