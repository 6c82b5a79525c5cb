/** The instrumented client's front door: `natscope/client`. */
export { ConnectionSettingsError, connectFromEnv, jetstreamFromEnv } from "./connect/connect-from-env.ts";

export {
  CHANNEL_NAMES,
  type ConsumeEvent,
  type Hooks,
  type PublishEvent,
  type RequestEvent,
} from "./instrument/events.ts";
export type { Part, ProblemListener } from "./instrument/harmless.ts";
export { instrument } from "./instrument/instrument.ts";
export type { ClientRegistry } from "./instrument/metrics/registry.ts";
export {
  type Boundaries,
  CLIENT_METRICS,
  type ClientMetric,
  DEFAULT_BOUNDARIES,
} from "./instrument/metrics/table.ts";
export type { InstrumentOptions } from "./instrument/options.ts";
