/** Rows of the benchmark: kinds of instrumentation that are compared with a raw connection. */

/** Instrumentation of the connection that is not raw; see `instrumentations.ts`. */
export type Instrumentation =
  /** No instrumentation: the difference between two equal connections, which is the noise. */
  | "none"
  | "natscope"
  /** Only the calls of OpenTelemetry's SDK that create a span. */
  | "sdk"
  /**
   * Straightforward code: `counter.inc()` of prom-client per message, `headers()`, a propagator's `inject`.
   */
  | "naive"
  /** A module, loaded before the client. */
  | "module";

/** Spans of a variant. */
export type Tracing =
  | "off"
  /** The active span, or that of the message, is not sampled. */
  | "unsampled parent"
  /** No span is active, and the sampler takes no trace. */
  | "ratio 0"
  /** No span is active, and every span reaches a batch processor. */
  | "sampled";

export type Section = "publish" | "delivery" | "request";

/** A row of the table. */
export interface Variant {
  readonly section: Section;
  readonly name: string;
  readonly instrumentation: Instrumentation;
  readonly tracing: Tracing;
  /** Maximum ratio to the raw connection. */
  readonly target?: number;
  /** Messages published in one turn of the event loop. Default: `PUBLISHED_IN_A_TURN` in `workloads.ts`. */
  readonly publishedInATurn?: number;
}

const row = (
  section: Section,
  name: string,
  instrumentation: Instrumentation,
  tracing: Tracing,
  target?: number,
): Variant => ({
  section,
  name,
  instrumentation,
  tracing,
  ...(target !== undefined && { target }),
});

/** Rows of natscope have a target; the others are for comparison. */
export const VARIANTS: readonly Variant[] = [
  row("publish", "raw, again", "none", "off"),
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
  row("delivery", "raw, again", "none", "off"),
  row("delivery", "metrics", "natscope", "off", 1.05),
  row("delivery", "metrics, spans: parent not sampled", "natscope", "unsampled parent", 1.5),
  row("delivery", "metrics, spans: sampled, batched", "natscope", "sampled", 3),
  row("request", "raw, again", "none", "off"),
  row("request", "metrics", "natscope", "off", 1.05),
  row("request", "metrics, spans: sampled, batched", "natscope", "sampled", 3),
];

/** Returns the rows for an additional module. */
export function variantsOfModule(module: string): readonly Variant[] {
  const name = module.replace(/^.*node_modules[/\\]/, "");
  return (["publish", "delivery", "request"] as const).map((section) => row(section, name, "module", "off"));
}
