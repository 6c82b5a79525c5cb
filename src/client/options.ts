/** What `instrument` may be told, and what holds when it is not. Read once, with all problems at once. */
import type { Tracer } from "@opentelemetry/api";
import type { Hooks } from "./instrumentation/hooks.ts";
import type { ProblemListener } from "./instrumentation/problems.ts";
import { A_PATTERN, isPattern } from "./labels/subject-folding.ts";
import type { ClientRegistry } from "./metrics/registry.ts";
import { type Boundaries, DEFAULT_BOUNDARIES } from "./metrics/table.ts";
import type { TracingRules } from "./tracing/tracing.ts";

/** Every one is optional. */
export interface InstrumentOptions {
  /**
   * Where the metrics go: prom-client's `Registry` or anything of its shape. Default: prom-client's own
   * `register`. `false`: nowhere.
   */
  readonly registry?: ClientRegistry | false;
  /**
   * Makes the spans. Default: the tracer of the provider that is registered when `instrument` is called; none if
   * none is. `false`: no spans, and no context in headers.
   */
  readonly tracer?: Tracer | false;
  readonly subjects?: {
    /** Patterns such as `orders.*.created`; the first that covers a subject is its label. */
    readonly templates?: readonly string[];
    /** The most labels of a registry, 1 to 100,000, as its first connection says. Default 500; the rest is `_other`. */
    readonly limit?: number;
  };
  /** Buckets of the histograms, as the first connection of a registry says. */
  readonly boundaries?: Partial<Boundaries>;
  /** Default `parent`: one trace from sender to consumer. */
  readonly consumerParent?: TracingRules["consumerParent"];
  /** Default `client`. */
  readonly requestSpanKind?: TracingRules["requestSpanKind"];
  /** Default `ackAck`. */
  readonly settleSpans?: TracingRules["settleSpans"];
  /** Default `record`: spans have the subject as well as its template. */
  readonly spanSubjects?: TracingRules["subjects"];
  readonly hooks?: Hooks;
  /** Told of the first failure of each of natscope's parts. Default: a process warning. */
  readonly onProblem?: ProblemListener;
}

/** Options, complete. */
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

/** Throws one `TypeError` that names everything that is wrong. */
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
    problems.push("`registry` has no registerMetric(): give prom-client's Registry, one like it, or false");
  }
  if (tracer && typeof tracer.startSpan !== "function") {
    problems.push("`tracer` has no startSpan(): give an OpenTelemetry Tracer, or false");
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
        `\`boundaries.${which}\` is not a list of at least one number > 0, each larger than the last`,
      );
    }
  }
  for (const [option, allowed] of Object.entries(CHOICES)) {
    const given = options[option as keyof typeof CHOICES];
    if (given !== undefined && !(allowed as readonly string[]).includes(given)) {
      problems.push(`\`${option}\` is ${JSON.stringify(given)}: expected ${allowed.join(" or ")}`);
    }
  }
  for (const [name, hook] of Object.entries(hooks ?? {})) {
    if (typeof hook !== "function") problems.push(`\`hooks.${name}\` is no function`);
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
