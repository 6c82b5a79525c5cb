/** The list of drivers. A driver is a folder in `driver/`, and this file is the only one that names it. */
import type { Driver } from "./driver/driver.ts";
import { natsDriver } from "./driver/nats/driver.ts";

const DRIVERS: readonly Driver[] = [natsDriver];

/** The driver that a run uses unless it names another. */
export const DEFAULT_DRIVER = natsDriver.name;

/** The driver of that name. Throws if the name is unknown. */
export function driverNamed(name: string): Driver {
  const found = DRIVERS.find((driver) => driver.name === name);
  if (!found) throw new Error(`there is no driver ${JSON.stringify(name)}`);
  return found;
}
