/** uPlot as its package has it for pages. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** Makes the global `uPlot`. */
export const plotScript = (): string => readFileSync(require.resolve("uplot/dist/uPlot.iife.min.js"), "utf8");
/** The style that it needs. */
export const plotStyle = (): string => readFileSync(require.resolve("uplot/dist/uPlot.min.css"), "utf8");
