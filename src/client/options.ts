/** Options of `instrument`: their types, defaults and validation, which reports all problems at once. */
import type { Tracer } from "@opentelemetry/api";
import type { Hooks } from "./instrumentation/hooks.ts";
import type { ProblemListener } from "./instrumentation/problems.ts";
import { A_PATTERN, isPattern } from "./labels/subject-folding.ts";
import type { ClientRegistry } from "./metrics/registry.ts";
import { type Boundaries, DEFAULT_BOUNDARIES } from "./metrics/table.ts";
import type { TracingRules } from "./tracing/tracing.ts";

/** Options of `instrument`. All are optional. */
export interface InstrumentOptions {
  /**
   * The registry for the metrics: a `Registry` of prom-client or `@prometheus-io/client`, or any object with
   * `registerMetric`. Default: prom-client's own `register`. `false`: no registry.
   */
  readonly registry?: ClientRegistry | false;
  /**
   * Creates the spans. Default: a tracer of the provider that is registered with OpenTelemetry's API when
   * `instrument` is called; without a provider there are no spans. `false`: no spans, and no trace contexts in headers.
   */
  readonly tracer?: Tracer | false;
  /** Labels of subjects. A raw subject is never a label: ids in it become `*`. */
  readonly subjects?: {
    /** Patterns such as `orders.*.created`; the first that matches a subject is its label. Default: none. */
    readonly templates?: readonly string[];
    /**
     * Maximum number of subject labels in a registry, 1 to 100,000; further subjects are `_other`. Default: 500.
     * The first connection of a registry decides.
     */
    readonly limit?: number;
  };
  /**
   * Upper bounds of the histograms' buckets, ascending and above 0. Default: `DEFAULT_BOUNDARIES`. The first
   * connection of a registry decides.
   */
  readonly boundaries?: Partial<Boundaries>;
  /**
   * `parent` (default): the span of a consumed message is a child of its sender's, so both are in one trace.
   * `link`: it starts a new trace, and links to the sender.
   */
  readonly consumerParent?: TracingRules["consumerParent"];
  /**
   * Kind of a request's span. `client` (default): CLIENT, so that service maps show an edge. `producer`: PRODUCER, as
   * in OpenTelemetry's messaging conventions.
   */
  readonly requestSpanKind?: TracingRules["requestSpanKind"];
  /** Acks with a span: `ackAck` (default), which waits for the server's confirmation; `all`; or `none`. */
  readonly settleSpans?: TracingRules["settleSpans"];
  /** `record` (default): spans have the subject besides its template. `omit`: only the template. */
  readonly spanSubjects?: TracingRules["subjects"];
  /** Functions called after each publish, consumed message and request. */
  readonly hooks?: Hooks;
  /** Called with the first failure of each part of the instrumentation. Default: a process warning. */
  readonly onProblem?: ProblemListener;
}

/** Complete options. */
export interface Settings {
  readonly registry: ClientRegistry | false | undefined;
  readonly tracer: Tracer | false | undefined;
  readonly templates: readonly string[];
  readonly subjectLimit: number;
  readonly boundaries: Boundaries;
  readonly tracing: TracingRules;
  readonly hooks: Hooks;
  readonly onProblem: ProblemListener | undefined;
}

const DEFAULT_SUBJECT_LIMIT = 500;
const MAX_SUBJECT_LIMIT = 100_000;

const CHOICES = {
  consumerParent: ["parent", "link"],
  requestSpanKind: ["client", "producer"],
  settleSpans: ["ackAck", "all", "none"],
  spanSubjects: ["record", "omit"],
} as const;

/**
 * Completes the options.
 *
 * @throws TypeError naming every invalid option
 */
export function settingsOf(options: InstrumentOptions): Settings {
  const problems = problemsOf(options);
  if (problems.length > 0) throw new TypeError(`instrument: ${problems.join("; ")}`);
  const { subjects, boundaries } = options;
  return {
    registry: options.registry,
    tracer: options.tracer,
    templates: subjects?.templates ?? [],
    subjectLimit: subjects?.limit ?? DEFAULT_SUBJECT_LIMIT,
    boundaries: { ...DEFAULT_BOUNDARIES, ...boundaries },
    tracing: {
      consumerParent: options.consumerParent ?? "parent",
      requestSpanKind: options.requestSpanKind ?? "client",
      settleSpans: options.settleSpans ?? "ackAck",
      subjects: options.spanSubjects ?? "record",
    },
    hooks: options.hooks ?? {},
    onProblem: options.onProblem,
  };
}

function problemsOf(options: InstrumentOptions): string[] {
  const problems: string[] = [];
  const { registry, tracer, subjects, boundaries, hooks } = options;
  if (registry && typeof registry.registerMetric !== "function") {
    problems.push(
      "`registry` has no registerMetric(): expected a Registry of prom-client, one like it, or false",
    );
  }
  if (tracer && typeof tracer.startSpan !== "function") {
    problems.push("`tracer` has no startSpan(): expected an OpenTelemetry Tracer, or false");
  }
  for (const template of subjects?.templates ?? []) {
    if (typeof template !== "string" || !isPattern(template)) {
      problems.push(`\`subjects.templates\` has ${JSON.stringify(template)}: expected ${A_PATTERN}`);
    }
  }
  const limit = subjects?.limit;
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1 && limit <= MAX_SUBJECT_LIMIT)) {
    problems.push(`\`subjects.limit\` is ${limit}: expected a whole number from 1 to ${MAX_SUBJECT_LIMIT}`);
  }
  for (const [which, bounds] of Object.entries(boundaries ?? {})) {
    if (!isAscending(bounds)) {
      problems.push(
        `\`boundaries.${which}\` is ${JSON.stringify(bounds)}: expected an ascending list of numbers above 0`,
      );
    }
  }
  for (const [option, allowed] of Object.entries(CHOICES)) {
    const value = options[option as keyof typeof CHOICES];
    if (value !== undefined && !(allowed as readonly string[]).includes(value)) {
      problems.push(`\`${option}\` is ${JSON.stringify(value)}: expected ${allowed.join(" or ")}`);
    }
  }
  for (const [name, hook] of Object.entries(hooks ?? {})) {
    if (typeof hook !== "function") {
      problems.push(`\`hooks.${name}\` is ${JSON.stringify(hook)}: expected a function`);
    }
  }
  return problems;
}

function isAscending(bounds: readonly number[]): boolean {
  return (
    Array.isArray(bounds) &&
    bounds.length > 0 &&
    bounds.every((bound, i) => Number.isFinite(bound) && bound > (bounds[i - 1] ?? 0))
  );
}
