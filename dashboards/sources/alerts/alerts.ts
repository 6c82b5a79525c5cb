/** All alert groups. */

import type { AlertGroup } from "../prometheus/rule.ts";
import { benchAlerts } from "./bench.ts";
import { clientAlerts } from "./client.ts";
import { clusterAlerts } from "./cluster.ts";
import { consumerAlerts } from "./consumers.ts";
import { jetstreamAlerts } from "./jetstream.ts";
import { metaAlerts } from "./meta.ts";
import { securityAlerts } from "./security.ts";
import { selfAlerts } from "./self.ts";
import { serverAlerts } from "./server.ts";
import { streamAlerts } from "./streams.ts";

export const ALERT_GROUPS: readonly AlertGroup[] = [
  serverAlerts,
  clusterAlerts,
  securityAlerts,
  metaAlerts,
  jetstreamAlerts,
  streamAlerts,
  consumerAlerts,
  clientAlerts,
  benchAlerts,
  selfAlerts,
];
