/** Metrics of natscope about itself, besides `process_*` and `nodejs_*`. */

import { HTTP_METRICS } from "../../http/request-metrics.ts";
import { RELOAD_FAILURES, RELOAD_SUCCESSFUL } from "../../http/web-config/live.ts";
import type { Metric } from "../../metrics/family.ts";
import { SELF_METRICS } from "../scrape/self-report.ts";
import { BUILD_INFO } from "./process-metrics.ts";

export const OWN_METRICS: readonly Metric[] = [
  BUILD_INFO,
  ...SELF_METRICS,
  ...HTTP_METRICS,
  RELOAD_FAILURES,
  RELOAD_SUCCESSFUL,
];
