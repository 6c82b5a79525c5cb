import { expect, it } from "vitest";
import { driverNamed } from "../../../src/bench/drivers.ts";
import { describeDriver } from "./conformance.ts";

const driver = driverNamed("nats");

describeDriver(driver);

it("names the installed version of the client", () => {
  expect(driver.client).toMatch(/^nats 2\.29\.\d+$/);
});
