/**
 * The conformance suite of drivers: what a driver has to do, against real servers of every supported release. A new
 * driver passes it by one line: `describeDriver(driverNamed("its name"))`.
 */
import type { Driver } from "../../../src/bench/driver/driver.ts";
import { describeEachServer } from "../../outside-programs.ts";
import { adminConformance } from "./conformance/admin.ts";
import { bucketConformance } from "./conformance/buckets.ts";
import { coreConformance } from "./conformance/core.ts";
import { outageConformance } from "./conformance/outage.ts";
import { streamConformance } from "./conformance/streams.ts";

export function describeDriver(driver: Driver): void {
  describeEachServer(`driver ${driver.name}`, ({ version }) => {
    const context = { driver, version };
    coreConformance(context);
    streamConformance(context);
    bucketConformance(context);
    outageConformance(context);
    adminConformance(context);
  });
}
