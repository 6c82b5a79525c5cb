/** The style sheet of a report's page, with a light and a dark theme. uPlot has one of its own. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fff; --panel: #f6f8fa; --ink: #1f2328; --faint: #656d76; --grid: #d8dee4; --event: #cf222e;
  --heat: #0969da;
  --line-0: #0969da; --line-1: #cf222e; --line-2: #8250df; --line-3: #1a7f37; --line-4: #9a6700;
  --line-5: #1b7c83; --line-6: #bf3989; --line-7: #1f2328;
  --valid: #1a7f37; --suspect: #9a6700; --invalid: #cf222e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0d1117; --panel: #161b22; --ink: #e6edf3; --faint: #8d96a0; --grid: #30363d; --event: #ff7b72;
    --heat: #4c9aff;
    --line-0: #58a6ff; --line-1: #ff7b72; --line-2: #bc8cff; --line-3: #56d364; --line-4: #e3b341;
    --line-5: #39c5cf; --line-6: #f778ba; --line-7: #e6edf3;
    --valid: #56d364; --suspect: #e3b341; --invalid: #ff7b72;
  }
}
body {
  font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1.5rem;
  background: var(--paper); color: var(--ink);
}
h1 { font-size: 1.6rem; margin: 0; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 1rem; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
ul { margin: .25rem 0; padding-left: 1.25rem; overflow-wrap: anywhere; }
.small { color: var(--faint); margin: .25rem 0; overflow-wrap: anywhere; }
.table { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .5rem 0; }
th, td { padding: .25rem .75rem; text-align: right; border-bottom: 1px solid var(--grid); white-space: nowrap; }
.table th:first-child, .table td:first-child, details td:first-child { text-align: left; }
.verdict { border-left: 6px solid var(--valid); background: var(--panel); padding: .5rem 1rem; border-radius: 4px; }
.verdict.suspect { border-color: var(--suspect); }
.verdict.invalid { border-color: var(--invalid); }
.verdict h3 { margin: 0; }
.verdict ul { list-style: none; padding: 0; }
.verdict li:first-child { font-weight: 600; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); gap: .75rem; margin: 1rem 0; padding: 0; }
.figures div { background: var(--panel); border-radius: 4px; padding: .5rem 1rem; }
.figures dt { color: var(--faint); font-size: .85rem; }
.figures dd { margin: 0; font-size: 1.25rem; font-weight: 600; font-variant-numeric: tabular-nums; }
figure { margin: 1.25rem 0; background: var(--panel); padding: .75rem; border-radius: 4px; }
figcaption { font-weight: 600; margin-bottom: .5rem; overflow-wrap: anywhere; }
details { font-size: .85rem; margin-top: .25rem; max-height: 24rem; overflow: auto; }
summary { cursor: pointer; color: var(--faint); }
pre { overflow-x: auto; background: var(--panel); padding: .75rem; border-radius: 4px; font-size: .8rem; }
.u-legend { overflow-wrap: anywhere; }
`;
