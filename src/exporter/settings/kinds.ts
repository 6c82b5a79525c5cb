/** Kinds of values that only settings of the exporter have: collectors, paths, prefixes and series limits. */
import { InvalidValue } from "../../input/invalid-value.ts";
import { choice, type Kind, textKind } from "../../input/kinds.ts";
import { didYouMean, enumerate, quote } from "../../text/wording.ts";
import { COLLECTOR_NAMES, type CollectorName } from "../collect/collector.ts";
import {
  EXPORTER_COLLECTOR_NAMES,
  isMetricPrefix,
} from "../prometheus-nats-exporter/prometheus-nats-exporter.ts";

/** Paths that the sidecar answers besides the metrics. */
export const RESERVED_PATHS = ["/", "/probe", "/livez", "/readyz"] as const;

/** The path of the metrics, at which the sidecar must answer nothing else. */
export const metricsPath: Kind<string> = textKind(
  "PATH",
  `a URL path such as /metrics, without query, and none of ${RESERVED_PATHS.join(", ")}`,
  (text) =>
    /^(?:\/[\w.~%!$&'()*+,;=:@-]+)+$/.test(text) && !(RESERVED_PATHS as readonly string[]).includes(text)
      ? text
      : undefined,
);

/** The beginning of a metric's name. */
export const metricPrefix: Kind<string> = textKind(
  "PREFIX",
  "letters, digits, underscores and colons that do not begin with a digit, such as nats",
  (text) => (isMetricPrefix(text) ? text : undefined),
);

/** What `--collect` takes: a collector, or a word for several. */
export const COLLECTOR_WORDS = [...COLLECTOR_NAMES, "all", "default"] as const;

/** One entry of `--collect`. Where words and collectors are mixed, all of them count. */
export const collectorWord: Kind<(typeof COLLECTOR_WORDS)[number]> = {
  ...choice(COLLECTOR_WORDS),
  placeholder: "NAME,...",
};

/** A collector and no word for several: what `--no-collect` takes. */
export const collectorName: Kind<CollectorName> = { ...choice(COLLECTOR_NAMES), placeholder: "NAME,..." };

/** Flags by which prometheus-nats-exporter chooses what to collect. */
export const EXPORTER_WORDS = [...EXPORTER_COLLECTOR_NAMES, "jsz"] as const;

/** One entry of `--exporter-collect`. Several may belong to one collector: `connz`, `connz_detailed`. */
export const exporterCollectorWord: Kind<(typeof EXPORTER_WORDS)[number]> = {
  ...choice(EXPORTER_WORDS),
  placeholder: "NAME,...",
};

/** Most series of one collector, or of each that has no limit of its own. */
export interface SeriesLimit {
  readonly collector?: CollectorName;
  readonly series: number;
}

/** A limit of 0 to 10,000,000 series, general (`200000`) or of one collector (`jsz=50000`). */
export const seriesLimit: Kind<SeriesLimit> = textKind(
  "[NAME=]N",
  "a whole number of series from 0 to 10000000, or NAME=N for one collector, such as jsz=50000",
  (text) => {
    const [, name, digits] = /^(?:([^=]*)=)?(\d{1,8})$/.exec(text) ?? [];
    if (digits === undefined || Number(digits) > 10_000_000) return undefined;
    if (name === undefined) return { series: Number(digits) };
    if ((COLLECTOR_NAMES as readonly string[]).includes(name)) {
      return { collector: name as CollectorName, series: Number(digits) };
    }
    const allowed = `${enumerate(COLLECTOR_NAMES)}${didYouMean(name, COLLECTOR_NAMES)}`;
    return new InvalidValue(`is ${quote(text)}, but the collector must be ${allowed}`);
  },
);
