import { describe, expect, it } from "vitest";
import { chooseDeadlineMs, chooseEncoding, chooseFormat } from "../../src/http/negotiation.ts";

const OPENMETRICS = "openmetrics";
const TEXT = "prometheus-text";

describe("chooseFormat", () => {
  it.each([
    ["nothing", undefined, TEXT],
    ["an empty header", "", TEXT],
    ["curl", "*/*", TEXT],
    ["a browser", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", TEXT],
    [
      "Prometheus 2.20",
      "application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      OPENMETRICS,
    ],
    [
      "Prometheus 2.42",
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      OPENMETRICS,
    ],
    [
      "Prometheus 2.53 with protobuf first",
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.5,application/openmetrics-text;version=1.0.0;q=0.4,application/openmetrics-text;version=0.0.1;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
      OPENMETRICS,
    ],
    [
      "Prometheus 3",
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
      OPENMETRICS,
    ],
    [
      "Prometheus 3 told to use the text format",
      "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.2",
      TEXT,
    ],
    ["OpenMetrics without a version", "application/openmetrics-text", OPENMETRICS],
    ["OpenMetrics of a version to come only", "application/openmetrics-text;version=2.0.0", TEXT],
    ["a quoted version", 'application/openmetrics-text; version="1.0.0"', OPENMETRICS],
    ["capitals", "Application/OpenMetrics-Text;Version=1.0.0;Q=0.9,text/plain;q=0.1", OPENMETRICS],
    ["text liked better", "application/openmetrics-text;q=0.3,text/plain;q=0.9", TEXT],
    ["both alike, OpenMetrics first", "application/openmetrics-text,text/plain", OPENMETRICS],
    ["both alike, text first", "text/plain,application/openmetrics-text", TEXT],
    ["OpenMetrics refused", "application/openmetrics-text;q=0,*/*", TEXT],
    ["text refused", "text/plain;q=0,*/*;q=0.5", OPENMETRICS],
    ["a range", "application/*;q=0.9,text/*;q=0.1", OPENMETRICS],
    ["a range less specific than a refusal", "application/*,application/openmetrics-text;q=0", TEXT],
    ["everything refused", "*/*;q=0", TEXT],
    ["an invalid quality", "application/openmetrics-text;q=high,text/plain;q=0.1", TEXT],
    ["nonsense", ";;;,,,=;q", TEXT],
  ])("%s", (_, accept, format) => {
    expect(chooseFormat(accept)).toBe(format);
  });
});

describe("chooseEncoding", () => {
  it.each([
    [undefined, "identity"],
    ["", "identity"],
    ["gzip", "gzip"],
    ["x-gzip", "gzip"],
    ["GZIP", "gzip"],
    ["deflate, gzip;q=1.0, *;q=0.5", "gzip"],
    ["gzip;q=0", "identity"],
    ["gzip;q=0.000, *", "identity"],
    ["br", "identity"],
    ["*", "gzip"],
    ["*;q=0", "identity"],
    ["identity;q=1, gzip;q=0.5", "identity"],
    ["identity;q=0.5, gzip;q=1", "gzip"],
    ["identity;q=0, gzip;q=0.1", "gzip"],
    ["identity;q=0", "identity"],
  ])("%s: %s", (accept, encoding) => {
    expect(chooseEncoding(accept)).toBe(encoding);
  });
});

describe("chooseDeadlineMs", () => {
  it.each([
    ["10", 9500],
    ["10.25", 9750],
    ["1e1", 9500],
    ["0.8", 400],
    ["0.06", 50],
    ["0.001", 50],
    ["999999999999", 600_000],
    [undefined, 7000],
    ["", 7000],
    ["0", 7000],
    ["-3", 7000],
    ["soon", 7000],
    ["NaN", 7000],
    ["Infinity", 7000],
    ["1e999", 600_000],
    ["10, 20", 7000],
  ])("%s: %i ms", (header, deadlineMs) => {
    expect(chooseDeadlineMs(header, { defaultTimeoutMs: 7000, timeoutMarginMs: 500 })).toBe(deadlineMs);
  });
});
