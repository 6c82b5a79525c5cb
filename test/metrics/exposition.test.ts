/** Rendering in both formats, parsed again by an independent reader. */
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CONTENT_TYPE, type ExpositionFormat, formatValue, render } from "../../src/metrics/exposition.ts";
import { type Family, family, labelText, type Metric, Samples } from "../../src/metrics/family.ts";
import { readExposition } from "../exposition-validator.ts";
import { describeWithProgram } from "../outside-programs.ts";

const FORMATS: readonly ExpositionFormat[] = ["prometheus-text", "openmetrics"];

const bytesOf = (families: readonly Family[], format: ExpositionFormat): Buffer =>
  Buffer.concat(Array.from(render(families, format), (chunk) => Buffer.from(chunk)));
const textOf = (families: readonly Family[], format: ExpositionFormat): string =>
  bytesOf(families, format).toString("utf8");
const one = (metric: Metric, value = 1, labels = ""): Family =>
  family(metric, (samples) => samples.add(labels, value));

const counter = one({ name: "nats_bytes_total", type: "counter", help: "Bytes." }, 3, 'server="n1"');
const info = one({ name: "nats_server_info", type: "info", help: "Facts." }, 1, 'version="2"');
const seconds = one({ name: "nats_rtt_seconds", type: "gauge", help: "Time." }, 0.5);
const unknown = one({ name: "other", type: "unknown", help: "?" });

describe("the text format", () => {
  it("declares every family by its full name, before its samples", () => {
    expect(textOf([counter, info, seconds, unknown], "prometheus-text")).toBe(
      `# HELP nats_bytes_total Bytes.
# TYPE nats_bytes_total counter
nats_bytes_total{server="n1"} 3
# HELP nats_server_info Facts.
# TYPE nats_server_info gauge
nats_server_info{version="2"} 1
# HELP nats_rtt_seconds Time.
# TYPE nats_rtt_seconds gauge
nats_rtt_seconds 0.5
# HELP other ?
# TYPE other untyped
other 1
`,
    );
  });

  it("escapes only backslash and line feed in help", () => {
    const text = textOf([one({ name: "a", type: "gauge", help: 'a\\b "c"\nd' })], "prometheus-text");
    expect(text).toContain('# HELP a a\\\\b "c"\\nd\n');
  });
});

describe("OpenMetrics", () => {
  it("declares counters and infos without their suffix, adds units, and writes the end", () => {
    expect(textOf([counter, info, seconds, unknown], "openmetrics")).toBe(
      `# TYPE nats_bytes counter
# UNIT nats_bytes bytes
# HELP nats_bytes Bytes.
nats_bytes_total{server="n1"} 3
# TYPE nats_server info
# HELP nats_server Facts.
nats_server_info{version="2"} 1
# TYPE nats_rtt_seconds gauge
# UNIT nats_rtt_seconds seconds
# HELP nats_rtt_seconds Time.
nats_rtt_seconds 0.5
# TYPE other unknown
# HELP other ?
other 1
# EOF
`,
    );
  });

  it("does not rename a counter or an info metric of another exporter", () => {
    const text = textOf(
      [
        one({ name: "in_msgs", type: "counter", help: "C." }),
        one({ name: "facts", type: "info", help: "I." }),
      ],
      "openmetrics",
    );
    expect(text).toContain("# TYPE in_msgs unknown\n");
    expect(text).toContain("\nin_msgs 1\n");
    expect(text).toContain("# TYPE facts gauge\n");
    expect(text).toContain("\nfacts 1\n");
  });

  it("escapes double quotes in help too", () => {
    const text = textOf([one({ name: "a", type: "gauge", help: 'a\\b "c"\nd' })], "openmetrics");
    expect(text).toContain('# HELP a a\\\\b \\"c\\"\\nd\n');
  });
});

describe.each(FORMATS)("in %s", (format) => {
  it("omits a family without samples; an empty exposition is only the end", () => {
    const empty: Family = { metric: { name: "a", type: "gauge", help: "A." }, columns: [new Samples()] };
    const columnless: Family = { metric: { name: "b", type: "gauge", help: "B." }, columns: [] };
    expect(textOf([empty, columnless], format)).toBe(format === "openmetrics" ? "# EOF\n" : "");
  });

  it("declares a histogram once, followed by its columns with their suffixes", () => {
    const bucket = new Samples("_bucket");
    bucket.add('le="1"', 2);
    bucket.add('le="+Inf"', 3);
    const sum = new Samples("_sum");
    sum.add("", 4.5);
    const count = new Samples("_count");
    count.add("", 3);
    const metric: Metric = { name: "wait_seconds", type: "histogram", help: "W." };
    const text = textOf([{ metric, columns: [bucket, sum, count] }], format);
    const samples = text.split("\n").filter((line) => !line.startsWith("#") && line !== "");
    expect(samples).toEqual([
      'wait_seconds_bucket{le="1"} 2',
      'wait_seconds_bucket{le="+Inf"} 3',
      "wait_seconds_sum 4.5",
      "wait_seconds_count 3",
    ]);
    expect(text.match(/# TYPE wait_seconds histogram/g)).toHaveLength(1);
  });

  it("preserves any labels, values and help", () => {
    const anything = fc.string({ unit: "binary", maxLength: 40 });
    const series = fc.uniqueArray(fc.tuple(anything, fc.double()), {
      minLength: 1,
      selector: ([label]) => label.toWellFormed(),
    });
    fc.assert(
      fc.property(anything, series, (help, given) => {
        const whole = family({ name: "a", type: "gauge", help }, (samples) => {
          for (const [label, value] of given) samples.add(labelText(["x"], [label]), value);
        });
        const [read] = readExposition(bytesOf([whole], format), format);
        expect(read?.help).toBe(help.toWellFormed());
        expect(read?.samples.map(({ labels, value }) => [labels.x, value])).toEqual(
          given.map(([label, value]) => [label.toWellFormed(), value === 0 ? 0 : value]),
        );
      }),
    );
  });

  it("splits many samples into chunks of bounded size without cutting characters", () => {
    const label = labelText(["x"], ["\u{1f600}".repeat(1000)]);
    const big = family({ name: "a", type: "gauge", help: "A." }, (samples) => {
      for (let i = 0; i < 500; i++) samples.add(`${label},i="${i}"`, i);
    });
    const chunks = Array.from(render([big], format), (chunk) => Buffer.from(chunk));
    expect(chunks.length).toBeGreaterThan(5);
    for (const chunk of chunks) expect(chunk.length).toBeLessThan(300_000);
    const [read] = readExposition(Buffer.concat(chunks), format);
    expect(read?.samples).toHaveLength(500);
  });

  it("names format, version and charset in the content type", () => {
    expect(CONTENT_TYPE[format]).toMatch(/^[a-z]+\/[a-z-]+; version=[\d.]+; charset=utf-8$/);
  });
});

describe("a sample value", () => {
  it.each([
    [0, "0"],
    [-0, "0"],
    [1, "1"],
    [-1.5, "-1.5"],
    [1e21, "1e+21"],
    [2 ** 53, "9007199254740992"],
    [2 ** 64, "18446744073709552000"],
    [5e-324, "5e-324"],
    [Number.MAX_VALUE, "1.7976931348623157e+308"],
    [Number.POSITIVE_INFINITY, "+Inf"],
    [Number.NEGATIVE_INFINITY, "-Inf"],
    [Number.NaN, "NaN"],
  ])("writes %d as %s", (value, written) => {
    expect(formatValue(value)).toBe(written);
  });

  it("follows the grammar of Go's ParseFloat and loses no precision", () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const written = formatValue(value);
        expect(written).toMatch(/^(?:-?\d+(?:\.\d+)?(?:e[+-]\d+)?|[+-]Inf|NaN)$/);
        expect(Number(written.replace("Inf", "Infinity"))).toBe(value === 0 ? 0 : value);
      }),
    );
  });
});

describeWithProgram("promtool", "promtool check metrics", (promtool) => {
  it("accepts all types and all characters in labels and help", () => {
    const characters = Array.from({ length: 0x300 }, (_, i) => String.fromCharCode(i)).join("");
    const help = `H ${characters}\u{1f600}\ud83d`;
    const every = one({ name: "nats_x_seconds", type: "gauge", help }, 1, labelText(["x"], [characters]));
    const families = [counter, info, seconds, unknown, every];
    const { status, stdout, stderr } = spawnSync(promtool, ["check", "metrics"], {
      input: bytesOf(families, "prometheus-text"),
      encoding: "utf8",
    });
    expect([status, stdout, stderr]).toEqual([0, "", ""]);
  });
});
