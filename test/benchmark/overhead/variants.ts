/** What is measured: one row for each thing that is put beside a raw connection. */

/** Who observes the connection that is not raw; see `observers.ts`. */
export type Observing =
  /** Nobody: what two equal things differ by. */
  | "nobody"
  | "natscope"
  /** The calls of OpenTelemetry's SDK that a span needs, with nothing of natscope's around them. */
  | "sdk"
  /** What one writes without much thought: prom-client's counters, `headers()`, a propagator's `inject`. */
  | "naive"
  /** A module that was named, loaded before the client. */
  | "module";

/** Which spans there are. */
export type Tracing =
  | "off"
  /** The active span, or that of the message, is not sampled. */
  | "unsampled parent"
  /** No span is active, and the sampler takes none. */
  | "ratio 0"
  /** No span is active, and every span goes to a batch processor. */
  | "sampled";

export type Section = "publish" | "delivery" | "request";

/** A row. */
export interface Variant {
  readonly section: Section;
  readonly name: string;
  readonly observing: Observing;
  readonly tracing: Tracing;
  /** What it is to cost at the most, by raw. */
  readonly target?: number;
  /** Messages published before the event loop goes on. Default: see `workloads.ts`. */
  readonly publishedInATurn?: number;
}

const row = (
  section: Section,
  name: string,
  observing: Observing,
  tracing: Tracing,
  target?: number,
): Variant => ({
  section,
  name,
  observing,
  tracing,
  ...(target !== undefined && { target }),
});

/** Those of natscope have a target; the others are for scale. */
export const VARIANTS: readonly Variant[] = [
  row("publish", "raw, again", "nobody", "off"),
  row("publish", "metrics", "natscope", "off", 1.05),
  row("publish", "metrics, spans: parent not sampled", "natscope", "unsampled parent", 1.5),
  row("publish", "metrics, spans: root, ratio 0", "natscope", "ratio 0", 1.5),
  row("publish", "  the SDK alone", "sdk", "ratio 0"),
  row("publish", "metrics, spans: sampled, batched", "natscope", "sampled", 3),
  row("publish", "  the SDK alone", "sdk", "sampled"),
  {
    ...row("publish", "  and one message in a turn of the loop", "natscope", "sampled"),
    publishedInATurn: 1,
  },
  row("publish", "naive metrics", "naive", "off"),
  row("publish", "naive metrics, spans: root, ratio 0", "naive", "ratio 0"),
  row("publish", "naive metrics, spans: sampled, batched", "naive", "sampled"),
  row("delivery", "raw, again", "nobody", "off"),
  row("delivery", "metrics", "natscope", "off", 1.05),
  row("delivery", "metrics, spans: parent not sampled", "natscope", "unsampled parent", 1.5),
  row("delivery", "metrics, spans: sampled, batched", "natscope", "sampled", 3),
  row("request", "raw, again", "nobody", "off"),
  row("request", "metrics", "natscope", "off", 1.05),
  row("request", "metrics, spans: sampled, batched", "natscope", "sampled", 3),
];

/** Rows for a module that is loaded beside. */
export function variantsOfModule(module: string): readonly Variant[] {
  const name = module.replace(/^.*node_modules[/\\]/, "");
  return (["publish", "delivery", "request"] as const).map((section) => row(section, name, "module", "off"));
}
