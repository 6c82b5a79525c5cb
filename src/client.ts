/**
 * `natscope/client`: metrics and traces for the NATS clients of Node.js applications.
 *
 *     import { instrument } from "natscope/client";
 *     const nc = instrument(await connect({ servers: "nats://localhost:4222" }));
 */

// Instrument a connection.
export { connect } from "./client/connect.ts";
export { instrument } from "./client/instrument.ts";
// Events for the application and for other tools.
export {
  CHANNEL_NAMES,
  type ConsumeEvent,
  type Hooks,
  type PublishEvent,
  type RequestEvent,
} from "./client/instrumentation/hooks.ts";
export type { Part, ProblemListener } from "./client/instrumentation/problems.ts";
// Metrics, and a server for them.
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
// Retries.
export type { Retry, RetryOptions } from "./client/retry/policy.ts";
export { publishWithRetry, requestWithRetry } from "./client/retry/retry.ts";
export { isTransient } from "./client/retry/transient.ts";
// Traces.
export { forwardHeaders } from "./client/tracing/forward-headers.ts";
export { attemptsOf } from "./client/wrapping/registrations.ts";

// Connect with natscope's connection settings and natscli's contexts.
export {
  ConnectionSettingsError,
  connectFromEnv,
  jetstreamFromEnv,
} from "./nats/connect/connect-from-env.ts";
