/** Kinds of values that only the exporter's settings have: collectors, paths, prefixes and series limits. */
import type { InvalidValue } from "../../input/invalid-value.ts";
import { type Kind, textKind } from "../../input/kind.ts";
import { called, choice } from "../../input/kinds.ts";
import { invalid, meant } from "../../input/problems.ts";
import { enumerate } from "../../text/wording.ts";
import { COLLECTOR_NAMES, type CollectorName } from "../collect/collector.ts";
import {
  EXPORTER_COLLECTOR_NAMES,
  isMetricPrefix,
} from "../prometheus-nats-exporter/prometheus-nats-exporter.ts";

/** Paths that the exporter answers besides the metrics. */
const RESERVED_PATHS = ["/", "/probe", "/livez", "/readyz"] as const;

/** Path of the metrics; none of the reserved paths. */
export const metricsPath: Kind<string> = textKind(
  "PATH",
  `a URL path such as /metrics, without a query and other than ${enumerate(RESERVED_PATHS)}`,
  (text) =>
    /^(?:\/[\w.~%!$&'()*+,;=:@-]+)+$/.test(text) && !(RESERVED_PATHS as readonly string[]).includes(text)
      ? text
      : undefined,
);

/** Prefix of metric names. */
export const metricPrefix: Kind<string> = textKind(
  "PREFIX",
  "letters, digits, underscores and colons, not beginning with a digit, such as nats",
  (text) => (isMetricPrefix(text) ? text : undefined),
);

/** Entries of `--collect`: collectors, and words for several of them. */
const COLLECTOR_WORDS = [...COLLECTOR_NAMES, "all", "default"] as const;

/** One entry of `--collect`. Words and collectors can be mixed: all of them count. */
export const collectorWord: Kind<(typeof COLLECTOR_WORDS)[number]> = called(
  "NAME,...",
  choice(COLLECTOR_WORDS),
);

/** One entry of `--no-collect`: a collector. */
export const collectorName: Kind<CollectorName> = called("NAME,...", choice(COLLECTOR_NAMES));

/** Flags of prometheus-nats-exporter that choose what to collect. */
export const EXPORTER_WORDS = [...EXPORTER_COLLECTOR_NAMES, "jsz"] as const;

/** One entry of `--exporter-collect`. Several can belong to one collector: `connz`, `connz_detailed`. */
export const exporterCollectorWord: Kind<(typeof EXPORTER_WORDS)[number]> = called(
  "NAME,...",
  choice(EXPORTER_WORDS),
);

/** Maximum series of one collector, or of each collector without a limit of its own. */
export interface SeriesLimit {
  readonly collector?: CollectorName;
  readonly series: number;
}

const MAX_SERIES = 10_000_000;

/** A limit of 0 to 10,000,000 series, general (`200000`) or for one collector (`jsz=50000`). */
export const seriesLimit: Kind<SeriesLimit> = textKind(
  "[NAME=]N",
  `a number of series from 0 to ${MAX_SERIES}, or NAME=N for one collector, such as jsz=50000`,
  (text): SeriesLimit | InvalidValue | undefined => {
    const [, name, digits] = /^(?:([^=]*)=)?(\d{1,8})$/.exec(text) ?? [];
    if (digits === undefined || Number(digits) > MAX_SERIES) return undefined;
    if (name === undefined) return { series: Number(digits) };
    if ((COLLECTOR_NAMES as readonly string[]).includes(name)) {
      return { collector: name as CollectorName, series: Number(digits) };
    }
    return invalid(text, `NAME to be ${enumerate(COLLECTOR_NAMES)}${meant(name, COLLECTOR_NAMES)}`);
  },
  ({ collector, series }) => (collector === undefined ? String(series) : `${collector}=${series}`),
);
