/** Public API of `natscope`: scraping NATS servers and instrumenting NATS clients without the command. */
export * from "./client.ts";
export { COLLECTOR_NAMES, type Collector, type CollectorName } from "./exporter/collect/collector.ts";
export { EVERYTHING, type NamePatterns, type Selection } from "./exporter/collect/selection.ts";
export { COLLECTORS, DEFAULT_COLLECTORS } from "./exporter/collectors.ts";
export {
  type NamedCollector,
  type ScrapeRequest,
  Scraper,
  Scraper as Watch,
  type ScraperOptions,
  type ScraperOptions as WatchOptions,
} from "./exporter/scrape/scraper.ts";
export type { Target, TargetTls } from "./exporter/sources/target.ts";
export {
  CONTENT_TYPE,
  type ExpositionFormat,
  render,
} from "./metrics/exposition.ts";
export { type Family, type Metric, type MetricType, merge, Samples } from "./metrics/family.ts";
export { familiesOf, type MetricRegistry } from "./metrics/registry.ts";
