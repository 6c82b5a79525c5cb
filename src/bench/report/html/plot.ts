/** uPlot, read from its package, to be embedded in a page. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** The script, which defines the global `uPlot`. */
export const plotScript = (): string => readFileSync(require.resolve("uplot/dist/uPlot.iife.min.js"), "utf8");
/** The style sheet. */
export const plotStyle = (): string => readFileSync(require.resolve("uplot/dist/uPlot.min.css"), "utf8");
