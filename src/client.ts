/** The instrumented client's front door: `natscope/client`. */

export { connect } from "./client/connect.ts";
export { instrument } from "./client/instrument.ts";
export {
  CHANNEL_NAMES,
  type ConsumeEvent,
  type Hooks,
  type PublishEvent,
  type RequestEvent,
} from "./client/instrumentation/hooks.ts";
export type { Part, ProblemListener } from "./client/instrumentation/problems.ts";
export type { ClientRegistry } from "./client/metrics/registry.ts";
export {
  type Boundaries,
  CLIENT_METRICS,
  type ClientMetric,
  DEFAULT_BOUNDARIES,
} from "./client/metrics/table.ts";
export {
  type MetricsServer,
  type MetricsServerOptions,
  type ServedRegistry,
  startMetricsServer,
} from "./client/metrics-server.ts";
export type { InstrumentOptions } from "./client/options.ts";
export type { Retry, RetryOptions } from "./client/retry/policy.ts";
export { publishWithRetry, requestWithRetry } from "./client/retry/retry.ts";
export { isTransient } from "./client/retry/transient.ts";
export { forwardHeaders } from "./client/tracing/forward-headers.ts";
export { attemptsOf } from "./client/wrapping/registrations.ts";
export {
  ConnectionSettingsError,
  connectFromEnv,
  jetstreamFromEnv,
} from "./nats/connect/connect-from-env.ts";
