/**
 * A strict parser of `/metrics` for tests: Prometheus text 0.0.4 and OpenMetrics 1.0.
 *
 * It accepts less than Prometheus: a family is declared once, with help, and has samples; no series appears twice; only
 * necessary escapes are allowed. It shares no code with the exposition that it checks. Not supported: timestamps and
 * exemplars, which natscope does not write.
 */
import type { ExpositionFormat } from "../src/metrics/exposition.ts";

export interface ReadFamily {
  /** As declared: without `_total` and `_info` in OpenMetrics. */
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
  readonly samples: readonly ReadSample[];
}

export interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Parses an exposition. Throws an Error with the number of the first invalid line. */
export function readExposition(bytes: Uint8Array, format: ExpositionFormat): ReadFamily[] {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  return new Reading(format).read(text);
}

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(,(?=.)|$)/suy;
/** Numbers of Go's strconv.ParseFloat, without hexadecimal and underscores. */
const FLOAT = /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]Inf|NaN)$/;

const TYPES: Readonly<Record<ExpositionFormat, readonly string[]>> = {
  "prometheus-text": ["counter", "gauge", "histogram", "summary", "untyped"],
  openmetrics: ["counter", "gauge", "histogram", "summary", "info", "stateset", "unknown"],
};

/** Suffixes of sample names by type; the text format declares a counter by its whole name. */
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  histogram: ["_bucket", "_sum", "_count"],
  summary: ["", "_sum", "_count"],
  info: ["_info"],
};

interface OpenFamily {
  name: string;
  type: string | undefined;
  help: string | undefined;
  unit: string;
  samples: ReadSample[];
}

class Reading {
  readonly #format: ExpositionFormat;
  readonly #families: OpenFamily[] = [];
  readonly #names = new Set<string>();
  readonly #series = new Set<string>();

  constructor(format: ExpositionFormat) {
    this.#format = format;
  }

  read(text: string): ReadFamily[] {
    const lines = text.split("\n");
    if (lines.pop() !== "") throw new Error("the last line has no end");
    if (this.#format === "openmetrics" && lines.pop() !== "# EOF") throw new Error("does not end in # EOF");
    lines.forEach((line, i) => {
      try {
        if (line.startsWith("#")) this.#declaration(line);
        else this.#sample(line);
      } catch (error) {
        throw new Error(`line ${i + 1}: ${(error as Error).message}: ${line.slice(0, 300)}`);
      }
    });
    return this.#families.map(complete);
  }

  #declaration(line: string): void {
    const [, keyword, name, rest] = /^# (HELP|TYPE|UNIT) (\S+) (.*)$/s.exec(line) ?? [];
    if (keyword === undefined || name === undefined || rest === undefined)
      throw new Error("not a declaration");
    const family = this.#familyDeclaredBy(name);
    if (keyword === "HELP") {
      if (family.help !== undefined) throw new Error("a second HELP");
      family.help = unescaped(rest, this.#format === "openmetrics" ? /\\[\\"n]/g : /\\[\\n]/g);
    } else if (keyword === "TYPE") {
      if (family.type !== undefined) throw new Error("a second TYPE");
      if (!TYPES[this.#format].includes(rest)) throw new Error("not a type of this format");
      family.type = rest;
    } else {
      if (this.#format !== "openmetrics") throw new Error("UNIT in the text format");
      if (!name.endsWith(`_${rest}`)) throw new Error("the name does not end in its unit");
      family.unit = rest;
    }
  }

  #familyDeclaredBy(name: string): OpenFamily {
    const last = this.#families.at(-1);
    if (last?.name === name) {
      if (last.samples.length > 0) throw new Error("declared after its samples");
      return last;
    }
    if (!METRIC_NAME.test(name)) throw new Error("not a metric name");
    if (this.#names.has(name)) throw new Error("a family in two places");
    this.#names.add(name);
    const family = { name, type: undefined, help: undefined, unit: "", samples: [] };
    this.#families.push(family);
    return family;
  }

  #sample(line: string): void {
    const [, name, labelText = "", value] = SAMPLE.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error("not a sample");
    if (!FLOAT.test(value)) throw new Error("not a number");
    const family = this.#families.at(-1);
    if (!family?.type) throw new Error("a sample before its TYPE");
    const counterSuffix = this.#format === "openmetrics" ? "_total" : "";
    const suffixes = family.type === "counter" ? [counterSuffix] : (SUFFIXES[family.type] ?? [""]);
    if (!suffixes.some((suffix) => family.name + suffix === name))
      throw new Error("not of the declared family");
    const labels = readLabels(labelText);
    const key = JSON.stringify([name, ...Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
    if (this.#series.has(key)) throw new Error("a series twice");
    this.#series.add(key);
    const sample = { name, labels, value: Number(value.replace("Inf", "Infinity")) };
    if (family.type === "info" && sample.value !== 1) throw new Error("an info that is not 1");
    family.samples.push(sample);
  }
}

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const [, name, value] = LABEL.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new Error("bad labels");
    if (name.startsWith("__")) throw new Error("a reserved label name");
    if (Object.hasOwn(labels, name)) throw new Error("a label twice");
    labels[name] = unescaped(value, /\\[\\"n]/g);
  }
  return labels;
}

function unescaped(text: string, escapes: RegExp): string {
  if (text.replaceAll(escapes, "").includes("\\")) throw new Error("a backslash without an escape");
  return text.replaceAll(escapes, (escaped) => (escaped === "\\n" ? "\n" : (escaped[1] as string)));
}

function complete({ name, type, help, unit, samples }: OpenFamily): ReadFamily {
  if (type === undefined) throw new Error(`${name} has no TYPE`);
  if (help === undefined) throw new Error(`${name} has no HELP`);
  if (samples.length === 0) throw new Error(`${name} has no samples`);
  return { name, type, help, unit, samples };
}
