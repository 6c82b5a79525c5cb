/** The collectors of natscope's own metrics. Each name below is a file or folder in `endpoints/`. */

import { COLLECTOR_NAMES, type Collector, type CollectorName } from "./collect/collector.ts";
import { accountz } from "./endpoints/accountz.ts";
import { accstatz } from "./endpoints/accstatz.ts";
import { connz } from "./endpoints/connz/connz.ts";
import { expvarz } from "./endpoints/expvarz.ts";
import { gatewayz } from "./endpoints/gatewayz.ts";
import { healthz } from "./endpoints/healthz.ts";
import { ipqueuesz } from "./endpoints/ipqueuesz.ts";
import { jsz } from "./endpoints/jsz/jsz.ts";
import { leafz } from "./endpoints/leafz.ts";
import { raftz } from "./endpoints/raftz.ts";
import { routez } from "./endpoints/routez.ts";
import { subsz } from "./endpoints/subsz.ts";
import { varz } from "./endpoints/varz/varz.ts";

/** In the order of listings and of the exposition. */
export const COLLECTORS: readonly Collector[] = [
  varz,
  connz,
  routez,
  gatewayz,
  leafz,
  subsz,
  accountz,
  accstatz,
  jsz,
  healthz,
  raftz,
  ipqueuesz,
  expvarz,
];

/** Collectors that run by default: all of them. */
export const DEFAULT_COLLECTORS: readonly CollectorName[] = COLLECTOR_NAMES;
