/** The dashboards, in the order in which one looks at them. */
import { bench } from "./bench.ts";
import { client } from "./client.ts";
import type { Dashboard } from "./dashboard.ts";
import { jetstream } from "./jetstream.ts";
import { overview } from "./overview.ts";
import { self } from "./self.ts";
import { server } from "./server.ts";
import { streams } from "./streams.ts";

export const DASHBOARDS: readonly Dashboard[] = [overview, server, jetstream, streams, client, bench, self];
