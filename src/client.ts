/** The instrumented client's front door: `natscope/client`. */
export { ConnectionSettingsError, connectFromEnv, jetstreamFromEnv } from "./connect/connect-from-env.ts";
export { connect } from "./instrument/connect.ts";
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
export {
  type MetricsServer,
  type MetricsServerOptions,
  type ServedRegistry,
  startMetricsServer,
} from "./instrument/metrics-server.ts";
export type { InstrumentOptions } from "./instrument/options.ts";
export { attemptsOf } from "./instrument/retry/attempts.ts";
export type { Retry, RetryOptions } from "./instrument/retry/policy.ts";
export { publishWithRetry, requestWithRetry } from "./instrument/retry/retry.ts";
export { isTransient } from "./instrument/retry/transient.ts";
export { forwardHeaders } from "./instrument/tracing/forward-headers.ts";
