/** All dashboards, in the order in which the documentation lists them. */

import type { Dashboard } from "../grafana/dashboard.ts";
import { bench } from "./bench.ts";
import { client } from "./client.ts";
import { jetstream } from "./jetstream.ts";
import { overview } from "./overview.ts";
import { self } from "./self.ts";
import { server } from "./server.ts";
import { streams } from "./streams.ts";

export const DASHBOARDS: readonly Dashboard[] = [overview, server, jetstream, streams, client, bench, self];
