/**
 * Reads samples by name and labels from the Prometheus text format, as far as the demo needs them.
 *
 * It trusts its input, which natscope writes; comments and timestamps are skipped.
 */

/** One series at one time. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One response of `/metrics`. */
export interface Reading {
  /** Time of the request, in seconds of a monotonic clock. */
  readonly atSeconds: number;
  readonly tookSeconds: number;
  readonly bytes: number;
  readonly series: number;
  readonly samples: ReadonlyMap<string, readonly Sample[]>;
}

/** Requests a URL and parses the response. Rejects if it is not a 200 within ten seconds. */
export async function readMetrics(url: string): Promise<Reading> {
  const started = performance.now();
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 200)}`);
  const samples = parseExposition(text);
  return {
    atSeconds: started / 1000,
    tookSeconds: (performance.now() - started) / 1000,
    bytes: Buffer.byteLength(text),
    series: [...samples.values()].reduce((sum, ofName) => sum + ofName.length, 0),
    samples,
  };
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

/** Samples by metric name, in the order of the text. */
export function parseExposition(text: string): Map<string, Sample[]> {
  const samples = new Map<string, Sample[]>();
  for (const line of text.split("\n")) {
    const match = SAMPLE.exec(line);
    if (!match) continue;
    const [, name = "", labels = "", value = ""] = match;
    const ofName = samples.get(name) ?? [];
    ofName.push({ labels: readLabels(labels), value: readValue(value) });
    samples.set(name, ofName);
  }
  return samples;
}

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(LABEL)) {
    labels[name as string] = (value as string).replace(/\\(.)/g, (_, letter) =>
      letter === "n" ? "\n" : letter,
    );
  }
  return labels;
}

function readValue(text: string): number {
  return Number(text.replace("+Inf", "Infinity").replace("-Inf", "-Infinity"));
}

/** Returns the samples of a metric whose labels include these. */
export function samplesOf(
  reading: Reading,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Sample[] {
  const wanted = Object.entries(labels);
  return (reading.samples.get(name) ?? []).filter((sample) =>
    wanted.every(([label, value]) => sample.labels[label] === value),
  );
}

/** Returns the value of the first such sample, or undefined. */
export function sampleValue(
  reading: Reading,
  name: string,
  labels?: Readonly<Record<string, string>>,
): number | undefined {
  return samplesOf(reading, name, labels)[0]?.value;
}

/** Change per second between two readings; undefined if either lacks the sample. */
export function changePerSecond(
  [first, second]: readonly [Reading, Reading],
  name: string,
  labels?: Readonly<Record<string, string>>,
): number | undefined {
  const [before, after] = [sampleValue(first, name, labels), sampleValue(second, name, labels)];
  if (before === undefined || after === undefined) return undefined;
  return (after - before) / (second.atSeconds - first.atSeconds);
}
